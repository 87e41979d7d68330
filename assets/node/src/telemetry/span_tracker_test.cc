// SPDX-License-Identifier: Apache-2.0
#include "telemetry/span_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine_rig.h"

namespace gtestnet::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace testing_support;  // NOLINT: the tests' own words

std::vector<std::string> NamesOf(const std::vector<Span>& spans) {
  std::vector<std::string> names;
  for (const Span& span : spans) names.push_back(span.name);
  return names;
}

const Attribute* Find(const Span& span, const std::string& name) {
  for (const Attribute& attribute : span.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}
std::string Text(const Span& span, const std::string& name) {
  const Attribute* found = Find(span, name);
  return found == nullptr ? "none" : std::get<std::string>(found->value);
}
std::int64_t Number(const Span& span, const std::string& name) {
  const Attribute* found = Find(span, name);
  return found == nullptr ? -1 : std::get<std::int64_t>(found->value);
}
bool Flag(const Span& span, const std::string& name) {
  const Attribute* found = Find(span, name);
  return found != nullptr && std::get<bool>(found->value);
}

// An engine of its own for each node, and its tracker.
struct Node {
  Node(std::string name, std::uint8_t leader, SpanOptions options = {})
      : rig({.leader = leader}), tracker(With(std::move(options), std::move(name), leader)) {
    tracker.Handled(StartTimeKnown{EngineRig::kStart}, {}, rig.engine().Metrics(),
                    EngineRig::kStart);
    rig.ConnectLevelPeer(1);
  }
  static SpanOptions With(SpanOptions options, std::string name, std::uint8_t leader) {
    options.identifier = std::move(name);
    options.slot_duration_ms = EngineRig::kSlot;
    if (leader != 0) options.leader_keys = {KeyOf(leader).public_key()};
    return options;
  }
  std::vector<Span> EnterSlot(Slot slot, Millis late = 0) {
    now = EngineRig::TimeOf(slot) + late;
    const Actions actions = rig.TickAt(now);
    tracker.Handled(Tick{}, actions, rig.engine().Metrics(), now);
    return tracker.Take();
  }
  std::vector<Span> Tell(Message message) {
    const Event event = MessageReceived{1, std::move(message)};
    rig.set_now(now);
    const Actions actions = rig.Do(event);
    tracker.Handled(event, actions, rig.engine().Metrics(), now);
    return tracker.Take();
  }
  std::vector<Span> Find(const Hash& blob) {
    const Event event = BlobsAvailable{{blob}};
    rig.set_now(now);
    const Actions actions = rig.Do(event);
    tracker.Handled(event, actions, rig.engine().Metrics(), now);
    return tracker.Take();
  }
  std::vector<Span> Submit(const SignedMantleTx& tx) {
    absl::Status status;
    const Actions actions = rig.Submit(tx, &status);
    EXPECT_EQ(status, absl::OkStatus());
    tracker.Submitted(actions, now);
    return tracker.Take();
  }

  EngineRig rig;
  SpanTracker tracker;
  Millis now = EngineRig::kStart;
};

TEST(SpanTrackerTest, ASlotWonAndItsBlockAreOneTrace) {
  Node node("validator-0", 1);
  const std::vector<Span> spans = node.EnterSlot(1, /*late=*/7);
  ASSERT_THAT(NamesOf(spans), ElementsAre("slot", "block"));
  const HeaderId tip = node.rig.info().tip;
  const Span& slot = spans[0];
  EXPECT_EQ(ToHex(slot.trace), tip.Hex().substr(0, 32));
  EXPECT_EQ(slot.start, EngineRig::TimeOf(1));
  EXPECT_EQ(slot.end, EngineRig::TimeOf(1) + 7);
  EXPECT_EQ(Number(slot, "slot"), 1);
  EXPECT_TRUE(Flag(slot, "proposed"));
  EXPECT_EQ(Text(slot, "block.id"), tip.Hex());
  const Span& block = spans[1];
  EXPECT_EQ(block.trace, slot.trace);
  EXPECT_EQ(block.parent, slot.id);
  EXPECT_NE(block.id, slot.id);
  EXPECT_TRUE(Flag(block, "block.own"));
  EXPECT_TRUE(Flag(block, "block.tip"));
  EXPECT_EQ(Number(block, "block.height"), 1);
}

TEST(SpanTrackerTest, AnotherNodesSpanOfTheBlockIsOfThatTraceToo) {
  Node leader("validator-0", 1);
  const std::vector<Span> theirs = leader.EnterSlot(1);
  const BlockPtr block = leader.rig.engine().FindBlock(leader.rig.info().tip);
  Node other("validator-1", 0);
  EXPECT_THAT(other.EnterSlot(1, 30), IsEmpty());
  const std::vector<Span> spans = other.Tell(NewBlock{block});
  ASSERT_THAT(NamesOf(spans), ElementsAre("block"));
  EXPECT_EQ(spans[0].trace, theirs[0].trace);
  EXPECT_EQ(spans[0].parent, theirs[0].id);
  EXPECT_NE(spans[0].id, theirs[1].id);
  EXPECT_FALSE(Flag(spans[0], "block.own"));
  EXPECT_EQ(spans[0].end - spans[0].start, 30);
}

TEST(SpanTrackerTest, ASlotWonWithoutABlockIsASpanOfItsOwn) {
  Node node("validator-0", 1);
  node.EnterSlot(1);
  node.now = EngineRig::TimeOf(2);
  node.tracker.Handled(
      Tick{}, {},
      [&] {
        EngineMetrics metrics = node.rig.engine().Metrics();
        metrics.current_slot = 2;
        ++metrics.slots_won;
        return metrics;
      }(),
      node.now);
  const std::vector<Span> spans = node.tracker.Take();
  ASSERT_THAT(NamesOf(spans), ElementsAre("slot"));
  EXPECT_FALSE(Flag(spans[0], "proposed"));
  EXPECT_EQ(Number(spans[0], "slot"), 2);
}

TEST(SpanTrackerTest, ATransactionLastsFromItsAdmissionToItsBlock) {
  Node node("validator-0", 1);
  node.EnterSlot(1);
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  EXPECT_THAT(node.Submit(pay), IsEmpty());
  const std::vector<Span> spans = node.EnterSlot(2, 5);
  ASSERT_THAT(NamesOf(spans), ElementsAre("slot", "block", "transaction"));
  const Span& span = spans[2];
  EXPECT_EQ(Text(span, "transaction.hash"), HashOfTx(pay.tx).Hex());
  EXPECT_EQ(ToHex(span.trace), HashOfTx(pay.tx).Hex().substr(0, 32));
  EXPECT_TRUE(Flag(span, "transaction.submitted_here"));
  EXPECT_EQ(span.parent, std::nullopt);
  EXPECT_EQ(span.start, EngineRig::TimeOf(1));
  EXPECT_EQ(span.end, EngineRig::TimeOf(2) + 5);
  EXPECT_EQ(Text(span, "block.id"), node.rig.info().tip.Hex());

  // Where it came from a peer, its span is a child of that one.
  Node other("validator-1", 0);
  other.EnterSlot(1);
  other.Tell(Transactions{{pay}});
  other.EnterSlot(2);
  other.Tell(NewBlock{node.rig.engine().FindBlock(
      node.rig.engine().FindBlock(node.rig.info().tip)->header.parent)});
  const std::vector<Span> theirs =
      other.Tell(NewBlock{node.rig.engine().FindBlock(node.rig.info().tip)});
  ASSERT_THAT(NamesOf(theirs), ElementsAre("block", "transaction"));
  EXPECT_EQ(theirs[1].trace, span.trace);
  EXPECT_EQ(theirs[1].parent, span.id);
  EXPECT_FALSE(Flag(theirs[1], "transaction.submitted_here"));
}

TEST(SpanTrackerTest, ATransactionThatIsSentTwiceIsOneSpan) {
  Node node("validator-0", 1);
  node.EnterSlot(1);
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  node.Submit(pay);
  node.Tell(Transactions{{pay}});
  EXPECT_THAT(NamesOf(node.EnterSlot(2)), ElementsAre("slot", "block", "transaction"));
  EXPECT_THAT(NamesOf(node.EnterSlot(3)), ElementsAre("slot", "block"));
}

TEST(SpanTrackerTest, SamplingLastsUntilTheBlobIsFound) {
  Node node("validator-0", 1);
  node.EnterSlot(1);
  const Hash blob = Filled(9);
  EXPECT_THAT(node.Submit(BringBlob(1, {}, kAlice, blob)), IsEmpty());
  node.EnterSlot(2);
  node.now += 40;
  const std::vector<Span> spans = node.Find(blob);
  ASSERT_THAT(NamesOf(spans), ElementsAre("sampling"));
  EXPECT_EQ(Text(spans[0], "blob.id"), blob.Hex());
  EXPECT_EQ(spans[0].start, EngineRig::TimeOf(1));
  EXPECT_EQ(spans[0].end, EngineRig::TimeOf(2) + 40);
  EXPECT_EQ(spans[0].error, "");
  // Known already: nothing is sampled.
  EXPECT_THAT(node.Find(blob), IsEmpty());
}

TEST(SpanTrackerTest, WhatIsWaitedForTooLongEndsAsAnError) {
  Node node("validator-0", 0, {.longest_wait_ms = 1000});
  node.EnterSlot(1);
  const SignedMantleTx bring = BringBlob(1, {}, kAlice, Filled(9));
  node.Submit(bring);
  EXPECT_THAT(node.EnterSlot(10), IsEmpty());
  const std::vector<Span> spans = node.EnterSlot(11);
  ASSERT_THAT(NamesOf(spans), ElementsAre("transaction", "sampling"));
  EXPECT_EQ(spans[0].error, "no block has it");
  EXPECT_EQ(Text(spans[0], "transaction.hash"), HashOfTx(bring.tx).Hex());
  EXPECT_EQ(spans[1].error, "it was not found available");
  EXPECT_THAT(node.EnterSlot(12), IsEmpty());
}

TEST(SpanTrackerTest, OfTooManyTheOldestIsGivenUp) {
  Node node("validator-0", 0, {.most_waiting = 2});
  std::vector<std::string> given_up;
  for (Slot slot = 1; slot <= 4; ++slot) {
    node.EnterSlot(slot);
    const SignedMantleTx tx = Inscribe(static_cast<std::uint8_t>(slot), {}, kAlice);
    for (const Span& span : node.Submit(tx)) given_up.push_back(Text(span, "transaction.hash"));
  }
  EXPECT_THAT(given_up, ElementsAre(HashOfTx(Inscribe(1, {}, kAlice).tx).Hex(),
                                    HashOfTx(Inscribe(2, {}, kAlice).tx).Hex()));
}

}  // namespace
}  // namespace gtestnet::node
