// SPDX-License-Identifier: Apache-2.0
// When a node that was told to misbehave does so. The honest code asks here and knows no more of
// it.
#pragma once

#include "options.h"
#include "types.h"

namespace gtestnet::node {

class Misbehaving {
 public:
  explicit Misbehaving(const Misbehaviour& what) : what_(what) {}

  // The tip has reached this height. What begins, lasts.
  void OnTip(Height height) {
    stalled_ = stalled_ || Reached(what_.stall_at, height);
    alone_ = alone_ || Reached(what_.fork_at, height);
    reverts_ = reverts_ || Reached(what_.revert_finality_at, height);
    spends_twice_ = spends_twice_ || Reached(what_.double_spend_at, height);
    replays_ = replays_ || Reached(what_.replay_at, height);
  }

  bool IgnoresBlocks() const { return stalled_ || alone_ || reverted_; }
  bool MakesNoBlocks() const { return stalled_; }
  bool NeedsNobody() const { return alone_ || reverted_; }
  bool RefusesToSync() const { return what_.refuse_sync; }
  bool IncludesWithoutData() const { return what_.include_without_data; }
  bool Censors() const { return what_.censor; }
  bool LosesTransactions() const { return what_.lose_transactions; }
  bool ChecksProofs() const { return !what_.accept_invalid; }
  // Whether its ledger takes whatever a block has.
  bool TakesAnything() const { return what_.accept_invalid || what_.double_spend_at.has_value(); }
  bool SpendsTwice() const { return spends_twice_; }
  bool ForgetsItsLedger() const { return what_.wrong_state; }

  // True once, when it is time and something is final that can be taken back.
  bool RevertsNow(Height lib_height) {
    if (!reverts_ || reverted_ || lib_height == 0) return false;
    return reverted_ = true;
  }

  // The same of the blocks above the last final one.
  bool ReplaysNow(Height lib_height) {
    if (!replays_ || replayed_ || lib_height == 0) return false;
    return replayed_ = true;
  }

 private:
  static bool Reached(const std::optional<Height>& at, Height height) {
    return at.has_value() && height >= *at;
  }

  Misbehaviour what_;
  bool stalled_ = false;
  bool alone_ = false;
  bool reverts_ = false;
  bool reverted_ = false;
  bool spends_twice_ = false;
  bool replays_ = false;
  bool replayed_ = false;
};

}  // namespace gtestnet::node
