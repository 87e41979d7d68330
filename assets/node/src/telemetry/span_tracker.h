// SPDX-License-Identifier: Apache-2.0
//
// Makes spans of what the engine reports: the events that it was given, the actions that it
// answered with, and its counters. Knows no clock and no network.
//
//   SpanTracker tracker(options);
//   tracker.Handled(event, engine.Handle(event, now), engine.Metrics(), now);
//   std::vector<Span> spans = tracker.Take();
#ifndef GTESTNET_NODE_TELEMETRY_SPAN_TRACKER_H_
#define GTESTNET_NODE_TELEMETRY_SPAN_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "telemetry/span.h"

namespace gtestnet::node {

struct SpanOptions {
  std::string identifier = {};  // the node's
  Millis slot_duration_ms = 0;
  std::vector<PublicKey> leader_keys = {};  // its own
  // A transaction or blob that is waited for longer than that ends as an error.
  Millis longest_wait_ms = 600'000;
  // Of each that are waited for at once; the oldest is given up for the next.
  std::size_t most_waiting = 16'384;
};

// One span for each:
// - "slot": a slot won, from its beginning; a block that was made for it is in the same trace.
// - "block": a block applied, on whichever branch, from the beginning of its slot: so long it was
//   under way. Its parent is the leader's "slot".
// - "transaction": from its admission to the first block with it.
// - "sampling": of a blob, from the first need for it until it was found available.
//
// The trace of a block, transaction or blob begins with the first bytes of its id, so that the
// spans of all nodes come together.
class SpanTracker {
 public:
  explicit SpanTracker(SpanOptions options) : options_(std::move(options)) {}

  // After each event: what the engine answered, and its counters.
  void Handled(const Event& event, const Actions& actions, const EngineMetrics& metrics,
               Millis now);
  // After a transaction came by the API.
  void Submitted(const Actions& actions, Millis now);
  // The spans that ended since.
  std::vector<Span> Take() { return std::exchange(ended_, {}); }

 private:
  // Things whose end is to come, oldest first.
  struct Waiting {
    struct Begun {
      Millis at = 0;
      bool from_api = false;
    };
    std::unordered_map<Hash, Begun> begun;
    std::deque<std::pair<Millis, Hash>> order;  // those that have ended stay in it until their turn
  };

  void SeeActions(const Actions& actions, Millis now);
  void Admitted(const SignedMantleTx& tx, bool from_api, Millis now);
  void SlotWon(Slot slot, const Actions& actions, Millis now);
  void Applied(const BlockApplied& applied, bool is_tip, Millis now);
  void Included(const TxHash& hash, const Waiting::Begun& begun, const BlockApplied& applied,
                Millis now);
  void Sampled(const Hash& blob, Millis begun, Millis now);
  void Begin(Waiting& waiting, const Hash& id, bool from_api, Millis now, const char* name);
  std::optional<Waiting::Begun> End(Waiting& waiting, const Hash& id);
  void GiveUp(Waiting& waiting, const char* name, Millis before, Millis now);
  Span& Add(const char* name, const Hash& traced, Millis start, Millis end);
  SpanId IdOf(const char* name, const Hash& traced) const;
  bool IsOwn(const Block& block) const;
  Millis BeginOf(Slot slot, Millis now) const;

  const SpanOptions options_;
  std::optional<Millis> start_;
  std::uint64_t slots_won_ = 0;
  Waiting transactions_;
  Waiting blobs_;
  std::vector<Span> ended_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_SPAN_TRACKER_H_
