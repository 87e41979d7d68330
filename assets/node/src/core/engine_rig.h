// SPDX-License-Identifier: Apache-2.0
// One engine, fed by hand: its store, its time, and what it did. For tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "block_maker.h"
#include "engine.h"
#include "simulation.h"

namespace gtestnet::node::testing_support {

struct RigOptions {
  std::uint32_t k = 5;
  std::uint8_t leader = 0;  // none
  std::size_t neighbours = 1;
  std::size_t min_peers = 1;
  std::string f = "1";
  Misbehaviour misbehaviour = {};
  bool data_availability = true;
};

class EngineRig {
 public:
  static constexpr Millis kStart = 1'000'000;
  static constexpr Millis kSlot = 100;

  explicit EngineRig(RigOptions options = {}) : options_(std::move(options)) { Reboot(); }

  // A new engine with what the store has.
  void Reboot() {
    EngineOptions options;
    options.consensus = AlwaysWinning(options_.k);
    options.consensus.active_slot_coeff = SlotCoefficient::Parse(options_.f).value();
    options.genesis = TestGenesis();
    if (options_.leader != 0) options.leader_seeds = {SeedOf(options_.leader)};
    options.neighbours = options_.neighbours;
    options.min_peers = options_.min_peers;
    options.misbehaviour = options_.misbehaviour;
    options.data_availability = options_.data_availability;
    engine_ = std::make_unique<Engine>(options, &store_);
    for (const BlockPtr& block : store_.InOrder()) {
      restored_ = engine_->Restore(block);
      if (!restored_.ok()) return;
    }
    Do(StartTimeKnown{kStart});
  }

  static Millis TimeOf(Slot slot) { return kStart + static_cast<Millis>(slot) * kSlot; }

  Actions Do(const Event& event) { return Perform(engine_->Handle(event, now_)); }
  Actions Submit(SignedMantleTx tx, absl::Status* status) {
    Submission submission = engine_->Submit(std::move(tx), now_);
    *status = submission.status;
    return Perform(std::move(submission.actions));
  }
  // Ticks at the beginning of the slot.
  Actions EnterSlot(Slot slot) {
    now_ = TimeOf(slot);
    return Do(Tick{});
  }
  Actions TickAt(Millis time) {
    now_ = time;
    return Do(Tick{});
  }
  Actions Connect(PeerId peer) { return Do(PeerConnected{peer, "peer-" + std::to_string(peer)}); }
  Actions Tell(PeerId peer, Message message) {
    return Do(MessageReceived{peer, std::move(message)});
  }
  // A peer that is level, so that the engine goes online.
  void ConnectLevelPeer(PeerId peer) {
    Connect(peer);
    Tell(peer, Tip{engine_->genesis_id(), 0});
  }

  Engine& engine() { return *engine_; }
  ChainInfo info() const { return engine_->Info(); }
  MemoryStore& store() { return store_; }
  const absl::Status& restored() const { return restored_; }
  void set_now(Millis now) { now_ = now; }

 private:
  Actions Perform(Actions actions) {
    for (const Action& action : actions) {
      if (const auto* block = std::get_if<StoreBlock>(&action)) store_.Store(block->block);
      if (const auto* prune = std::get_if<PruneBlocks>(&action)) {
        for (const HeaderId& id : prune->ids) store_.Prune(id);
      }
    }
    return actions;
  }

  RigOptions options_;
  MemoryStore store_;
  std::unique_ptr<Engine> engine_;
  absl::Status restored_;
  Millis now_ = kStart;
};

// All actions of one kind.
template <typename Kind>
std::vector<Kind> Of(const Actions& actions) {
  std::vector<Kind> found;
  for (const Action& action : actions) {
    if (const auto* one = std::get_if<Kind>(&action)) found.push_back(*one);
  }
  return found;
}

// All messages of one kind, to whomever.
template <typename Kind>
std::vector<Kind> Messages(const Actions& actions) {
  std::vector<Kind> found;
  const auto look = [&](const Message& message) {
    if (const auto* one = std::get_if<Kind>(&message)) found.push_back(*one);
  };
  for (const Action& action : actions) {
    if (const auto* send = std::get_if<Send>(&action)) look(send->message);
    if (const auto* broadcast = std::get_if<Broadcast>(&action)) look(broadcast->message);
  }
  return found;
}

inline std::string Logs(const Actions& actions) {
  std::string text;
  for (const Log& log : Of<Log>(actions)) text += log.text + "\n";
  return text;
}

}  // namespace gtestnet::node::testing_support
