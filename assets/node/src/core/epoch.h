// SPDX-License-Identifier: Apache-2.0
// What of a chain's past decides who may lead: stakes and nonces, epoch by epoch.
//
// In epoch e count the stakes as they were before the first slot of epoch e − 1, and the nonce as
// it was before slot (stake stabilisation + nonce buffer) × base period of epoch e − 1. A block in
// an epoch after empty ones finds what the chain had before them.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "ledger.h"
#include "options.h"
#include "types.h"

namespace gtestnet::node {

// The notes of leaders, and their sum.
struct Stake {
  std::unordered_map<NoteId, Note> notes;
  std::uint64_t total = 0;
};
using StakePtr = std::shared_ptr<const Stake>;

struct EpochState {
  Epoch epoch = 0;
  Hash nonce;
  StakePtr stake;
};

// After a block.
struct ChainState {
  Slot slot = 0;
  Hash nonce;
  StakePtr stake;
  EpochState current;
  EpochState next;  // as far as it is known
};

class EpochRules {
 public:
  EpochRules(const ConsensusOptions& options, const Genesis& genesis);

  const ChainState& genesis() const { return genesis_; }
  // What counts for a block at `slot` (not before the parent's) on that parent.
  EpochState At(const ChainState& parent, Slot slot) const;
  ChainState After(const ChainState& parent, const Header& header, const LedgerDelta& delta) const;

 private:
  ChainState Enter(const ChainState& parent, Slot slot) const;
  StakePtr Update(const StakePtr& stake, const LedgerDelta& delta) const;

  std::uint64_t epoch_length_;
  std::uint64_t nonce_offset_;  // within an epoch
  std::unordered_set<PublicKey> leader_keys_;
  ChainState genesis_;
};

}  // namespace gtestnet::node
