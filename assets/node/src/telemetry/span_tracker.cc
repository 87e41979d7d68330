// SPDX-License-Identifier: Apache-2.0
#include "telemetry/span_tracker.h"

#include <algorithm>
#include <variant>

#include "core/crypto.h"

namespace gtestnet::node {
namespace {

constexpr char kSlot[] = "slot";
constexpr char kBlock[] = "block";
constexpr char kTransaction[] = "transaction";
constexpr char kSampling[] = "sampling";

template <std::size_t kBytes>
std::array<std::uint8_t, kBytes> FirstOf(const Hash& hash) {
  std::array<std::uint8_t, kBytes> bytes;
  std::copy_n(hash.bytes.begin(), kBytes, bytes.begin());
  return bytes;
}

// What every node reckons alike: of the leader's span of a slot, and of the transaction's where it
// came in. It is not told to peers; each knows it from the block or transaction.
SpanId SharedId(const char* name, const Hash& traced) {
  return FirstOf<8>(Hasher("SPAN").Add(AsBytes(name)).Add(traced).Finish());
}

std::int64_t Signed(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

void SpanTracker::Handled(const Event& event, const Actions& actions, const EngineMetrics& metrics,
                          Millis now) {
  if (const auto* known = std::get_if<StartTimeKnown>(&event)) {
    if (!start_) start_ = known->start;
  }
  if (const auto* found = std::get_if<BlobsAvailable>(&event)) {
    for (const Hash& blob : found->blobs) {
      if (const auto begun = End(blobs_, blob)) Sampled(blob, begun->at, now);
    }
  }
  if (metrics.slots_won > slots_won_) SlotWon(metrics.current_slot, actions, now);
  slots_won_ = metrics.slots_won;
  for (const Action& action : actions) {
    const auto* cast = std::get_if<Broadcast>(&action);
    if (cast == nullptr) continue;
    const auto* news = std::get_if<Transactions>(&cast->message);
    if (news == nullptr) continue;
    for (const SignedMantleTx& tx : news->transactions) Admitted(tx, /*from_api=*/false, now);
  }
  SeeActions(actions, now);
  if (std::holds_alternative<Tick>(event)) {
    GiveUp(transactions_, kTransaction, now - options_.longest_wait_ms, now);
    GiveUp(blobs_, kSampling, now - options_.longest_wait_ms, now);
  }
}

void SpanTracker::Submitted(const Actions& actions, Millis now) {
  for (const Action& action : actions) {
    const auto* cast = std::get_if<Broadcast>(&action);
    if (cast == nullptr) continue;
    const auto* news = std::get_if<Transactions>(&cast->message);
    if (news == nullptr) continue;
    for (const SignedMantleTx& tx : news->transactions) Admitted(tx, /*from_api=*/true, now);
  }
  SeeActions(actions, now);
}

void SpanTracker::SeeActions(const Actions& actions, Millis now) {
  bool is_tip = false;  // TipChanged stands before the BlockApplied of the block that did it
  for (const Action& action : actions) {
    if (std::holds_alternative<TipChanged>(action)) is_tip = true;
    if (const auto* applied = std::get_if<BlockApplied>(&action)) {
      Applied(*applied, std::exchange(is_tip, false), now);
    }
    if (const auto* sample = std::get_if<SampleBlobs>(&action)) {
      for (const Hash& blob : sample->blobs) Begin(blobs_, blob, false, now, kSampling);
    }
  }
}

void SpanTracker::Admitted(const SignedMantleTx& tx, bool from_api, Millis now) {
  Begin(transactions_, HashOfTx(tx.tx), from_api, now, kTransaction);
}

void SpanTracker::SlotWon(Slot slot, const Actions& actions, Millis now) {
  BlockPtr made;
  Height height = 0;
  for (const Action& action : actions) {
    const auto* applied = std::get_if<BlockApplied>(&action);
    if (applied == nullptr || !IsOwn(*applied->block)) continue;
    if (applied->block->header.slot != slot) continue;
    made = applied->block;
    height = applied->height;
  }
  const Hash traced = made != nullptr
                          ? made->id
                          : Hasher("SLOT").Add(AsBytes(options_.identifier)).AddU64(slot).Finish();
  Span& span = Add(kSlot, traced, BeginOf(slot, now), now);
  span.attributes.push_back({"slot", Signed(slot)});
  span.attributes.push_back({"proposed", made != nullptr});
  if (made == nullptr) return;
  span.id = SharedId(kSlot, traced);
  span.attributes.push_back({"block.id", made->id.Hex()});
  span.attributes.push_back({"block.height", Signed(height)});
  span.attributes.push_back({"block.transactions", Signed(made->transactions.size())});
}

void SpanTracker::Applied(const BlockApplied& applied, bool is_tip, Millis now) {
  const Block& block = *applied.block;
  Span& span = Add(kBlock, block.id, BeginOf(block.header.slot, now), now);
  span.parent = SharedId(kSlot, block.id);
  span.attributes = {{"block.id", block.id.Hex()},
                     {"block.parent", block.header.parent.Hex()},
                     {"block.height", Signed(applied.height)},
                     {"block.transactions", Signed(block.transactions.size())},
                     {"block.leader", block.header.leader_key.Hex()},
                     {"block.own", IsOwn(block)},
                     {"block.tip", is_tip},
                     {"slot", Signed(block.header.slot)}};
  for (const TxHash& hash : block.tx_hashes) {
    // One that was never in the mempool begins with the block.
    Included(hash, End(transactions_, hash).value_or(Waiting::Begun{now}), applied, now);
  }
}

void SpanTracker::Included(const TxHash& hash, const Waiting::Begun& begun,
                           const BlockApplied& applied, Millis now) {
  Span& span = Add(kTransaction, hash, begun.at, now);
  if (begun.from_api) {
    span.id = SharedId(kTransaction, hash);
  } else {
    span.parent = SharedId(kTransaction, hash);
  }
  span.attributes = {{"transaction.hash", hash.Hex()},
                     {"transaction.submitted_here", begun.from_api},
                     {"block.id", applied.block->id.Hex()},
                     {"block.height", Signed(applied.height)}};
}

void SpanTracker::Sampled(const Hash& blob, Millis begun, Millis now) {
  Add(kSampling, blob, begun, now).attributes = {{"blob.id", blob.Hex()}};
}

void SpanTracker::Begin(Waiting& waiting, const Hash& id, bool from_api, Millis now,
                        const char* name) {
  if (!waiting.begun.try_emplace(id, Waiting::Begun{now, from_api}).second) return;
  waiting.order.emplace_back(now, id);
  if (waiting.order.size() > options_.most_waiting) {
    GiveUp(waiting, name, waiting.order.front().first, now);
  }
}

std::optional<SpanTracker::Waiting::Begun> SpanTracker::End(Waiting& waiting, const Hash& id) {
  const auto found = waiting.begun.find(id);
  if (found == waiting.begun.end()) return std::nullopt;
  const Waiting::Begun begun = found->second;
  waiting.begun.erase(found);
  return begun;
}

void SpanTracker::GiveUp(Waiting& waiting, const char* name, Millis before, Millis now) {
  while (!waiting.order.empty() && waiting.order.front().first <= before) {
    const auto [at, id] = waiting.order.front();
    waiting.order.pop_front();
    const auto found = waiting.begun.find(id);
    // Ended long ago, or begun anew since.
    if (found == waiting.begun.end() || found->second.at != at) continue;
    waiting.begun.erase(found);
    Span& span = Add(name, id, at, now);
    span.attributes = {{name == kSampling ? "blob.id" : "transaction.hash", id.Hex()}};
    span.error = name == kSampling ? "it was not found available" : "no block has it";
  }
}

Span& SpanTracker::Add(const char* name, const Hash& traced, Millis start, Millis end) {
  Span& span = ended_.emplace_back();
  span.name = name;
  span.trace = FirstOf<16>(traced);
  span.id = IdOf(name, traced);
  span.start = std::min(start, end);
  span.end = end;
  return span;
}

SpanId SpanTracker::IdOf(const char* name, const Hash& traced) const {
  return FirstOf<8>(
      Hasher("SPAN").Add(AsBytes(name)).Add(traced).Add(AsBytes(options_.identifier)).Finish());
}

bool SpanTracker::IsOwn(const Block& block) const {
  const auto& keys = options_.leader_keys;
  return std::find(keys.begin(), keys.end(), block.header.leader_key) != keys.end();
}

Millis SpanTracker::BeginOf(Slot slot, Millis now) const {
  return start_ ? *start_ + static_cast<Millis>(slot) * options_.slot_duration_ms : now;
}

}  // namespace gtestnet::node
