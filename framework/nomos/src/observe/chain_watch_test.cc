// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/chain_watch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gtestnet/chain/sample.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

StreamedBlock Line(std::string id, std::string parent, int64_t height) {
  StreamedBlock block;
  block.id = block.tip = id;
  block.parent = std::move(parent);
  block.slot = 10 * height;
  block.height = block.tip_height = height;
  block.leader_key = "key-1";
  block.lib = "g";
  block.lib_height = 0;
  return block;
}

NodeSample Answer(std::string tip, int64_t height) {
  NodeSample sample;
  sample.status = "Online";
  chain::SetState(sample, {.tip = std::move(tip), .height = height, .peers = 2, .mempool = 5});
  return sample;
}

class ChainWatchTest : public testing::Test {
 protected:
  RunTime now_{0};
  ChainWatch watch_{
      "g", {{"key-1", 1}}, [this] { return now_; }, [this](NodeIndex) { return changed_at_; }};
  std::optional<RunTime> changed_at_;
};

// The node was killed and started again: what is read of the one before says nothing of this one.
TEST_F(ChainWatchTest, WhatIsFromBeforeTheNodeWasChangedIsNoSampleOfIt) {
  watch_.TakeSample(0, now_, Answer("a", 1));
  now_ = milliseconds(100);
  changed_at_ = now_;
  now_ = milliseconds(110);
  watch_.TakeLine(0, Line("b", "a", 2));
  watch_.TakeSample(0, milliseconds(90), Answer("b", 2));
  watch_.TakeSample(0, milliseconds(100), Answer("b", 2));
  EXPECT_EQ(watch_.Latest(0).at, milliseconds(0));
  watch_.TakeSample(0, milliseconds(101), Answer("b", 2));
  EXPECT_EQ(watch_.Latest(0).at, milliseconds(110));
  watch_.TakeLine(0, Line("c", "b", 3));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "c");
}

TEST_F(ChainWatchTest, ALineIsASampleOnceTheNodeHasAnswered) {
  watch_.TakeLine(0, Line("a", "g", 1));
  EXPECT_FALSE(watch_.Latest(0).reachable);
  watch_.TakeSample(0, now_, Answer("a", 1));
  now_ = milliseconds(100);
  watch_.TakeLine(0, Line("b", "a", 2));
  const NodeSample latest = watch_.Latest(0);
  EXPECT_EQ(latest.at, milliseconds(100));
  EXPECT_EQ(chain::TipOf(latest), "b");
  EXPECT_EQ(chain::HeightOf(latest), 2);
  EXPECT_EQ(chain::SlotOf(latest), 20);
  EXPECT_EQ(chain::PeersOf(latest), 2);
  EXPECT_EQ(watch_.Ask([](const chain::ChainTracker& chain) { return chain.Find("b")->leader; }),
            1);
}

TEST_F(ChainWatchTest, AnAnswerThatALineHasOvertakenDoesNotTurnTheNodeBack) {
  watch_.TakeLine(0, Line("a", "g", 1));
  watch_.TakeSample(0, now_, Answer("a", 1));
  const RunTime asked = milliseconds(100);
  now_ = milliseconds(110);
  watch_.TakeLine(0, Line("b", "a", 2));
  NodeSample late = Answer("a", 1);
  late.numbers["mempool"] = 9;
  watch_.TakeSample(0, asked, late);
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "b");
  EXPECT_EQ(chain::MempoolOf(watch_.Latest(0)), 9);
}

TEST_F(ChainWatchTest, ALineThatAnAnswerHasOvertakenDoesNotTurnTheNodeBack) {
  watch_.TakeLine(0, Line("a", "g", 1));
  now_ = milliseconds(100);
  watch_.TakeSample(0, now_, Answer("c", 3));
  now_ = milliseconds(101);
  watch_.TakeLine(0, Line("b", "a", 2));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "c");
  EXPECT_EQ(watch_.Ask([](const chain::ChainTracker& chain) { return chain.HeightOf("b"); }), 2);
  watch_.TakeLine(0, Line("c", "b", 3));
  // From here on the stream leads again, also down.
  watch_.TakeLine(0, Line("b2", "a", 2));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "b2");
}

// What a node says of its height is in the samples; who waits for a height goes by its blocks.
TEST_F(ChainWatchTest, TheLatestIsAsHighAsItsBlocks) {
  watch_.TakeSample(0, now_, Answer("z", 1000));
  EXPECT_EQ(chain::HeightOf(watch_.Latest(0)), 1000) << "nothing is known of any block";
  watch_.TakeLine(1, Line("a", "g", 1));
  watch_.TakeSample(1, now_, Answer("a", 1));
  EXPECT_EQ(chain::HeightOf(watch_.Latest(0)), 0) << "nobody showed z";
  now_ = milliseconds(100);
  NodeSample liar = Answer("a", 51);
  chain::State state = chain::StateOf(liar);
  state.finalised = "g";
  state.finalised_height = 40;
  chain::SetState(liar, state);
  watch_.TakeSample(0, now_, liar);
  EXPECT_EQ(chain::HeightOf(watch_.Latest(0)), 1);
  EXPECT_EQ(chain::FinalisedHeightOf(watch_.Latest(0)), 0);
  EXPECT_EQ(chain::HeightOf(watch_.Samples().back()), 51);
  EXPECT_EQ(watch_.Ask([](const chain::ChainTracker& chain) { return chain.finalised_by_all(); }),
            0);
  // A real node counts from its last final block after a restart.
  watch_.TakeLine(1, Line("b", "a", 2));
  now_ = milliseconds(200);
  watch_.TakeSample(1, now_, Answer("b", 1));
  EXPECT_EQ(chain::HeightOf(watch_.Latest(1)), 2);
}

TEST_F(ChainWatchTest, AHeightThatIsALieDoesNotStopTheStream) {
  watch_.TakeLine(0, Line("a", "g", 1));
  watch_.TakeSample(0, now_, Answer("a", 1000));
  now_ = milliseconds(100);
  watch_.TakeLine(0, Line("b", "a", 2));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "b");
}

TEST_F(ChainWatchTest, ANodeThatWasSilentMayComeBackLower) {
  watch_.TakeSample(0, now_, Answer("c", 3));
  watch_.TakeSilence(0);
  now_ = milliseconds(200);
  watch_.TakeSample(0, now_, Answer("a", 1));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "a");
  now_ = milliseconds(300);
  watch_.TakeLine(0, Line("b", "a", 2));
  EXPECT_EQ(chain::TipOf(watch_.Latest(0)), "b");
}

TEST_F(ChainWatchTest, ANodeThatIsSilentIsNotReachable) {
  watch_.TakeLine(0, Line("a", "g", 1));
  watch_.TakeSample(0, now_, Answer("a", 1));
  watch_.TakeSilence(0);
  EXPECT_FALSE(watch_.Latest(0).reachable);
  EXPECT_EQ(watch_.Ask([](const chain::ChainTracker& chain) { return chain.view().height; }), 1);
}

TEST_F(ChainWatchTest, DeliversUpdatesInOrderUntilTheSubscriptionEnds) {
  std::vector<std::string> tips;
  const int64_t id =
      watch_.Subscribe([&](const chain::ChainUpdate& update) { tips.push_back(update.view.tip); });
  watch_.TakeLine(0, Line("a", "g", 1));
  watch_.TakeLine(0, Line("b", "a", 2));
  EXPECT_THAT(tips, IsEmpty());
  watch_.Deliver();
  EXPECT_THAT(tips, ElementsAre("a", "b"));
  watch_.Unsubscribe(id);
  watch_.TakeLine(0, Line("c", "b", 3));
  watch_.Deliver();
  EXPECT_THAT(tips, ElementsAre("a", "b"));
}

TEST_F(ChainWatchTest, WhatWasAskedForConnectsTheRest) {
  watch_.TakeLine(0, Line("b", "a", 2));
  EXPECT_THAT(watch_.Wanted(), ElementsAre("a"));
  Block fetched;
  fetched.id = "a";
  fetched.parent = "g";
  fetched.transactions.push_back({"t", {}, {}});
  watch_.TakeBlock(0, fetched);
  EXPECT_THAT(watch_.Wanted(), IsEmpty());
  EXPECT_TRUE(watch_.Ask([](const chain::ChainTracker& chain) {
    return chain.view().tip == "b" && chain.InclusionOf("t").has_value();
  }));
}

// ----- what a node told, held against what else is known -----

class ChainWatchTruthTest : public ChainWatchTest {
 protected:
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const chain::ContradictionRecord& one : watch_.Contradictions()) {
      told.push_back(one.told + " | " + one.against);
    }
    return told;
  }
  // So many looks, one each 700 ms, in which the node tells this tip.
  void Look(int times, const std::string& tip, int64_t height, const std::string& lib = "g",
            int64_t lib_height = 0) {
    for (int i = 0; i < times; ++i) {
      now_ += milliseconds(700);
      Testimony told;
      told.before = told.after = {tip, 10 * height, height, lib, lib_height, "Online"};
      watch_.TakeTestimony(0, now_ - milliseconds(1), told);
    }
  }
  void Grow(int64_t to) {
    for (int64_t h = 1; h <= to; ++h) {
      watch_.TakeLine(0,
                      Line("b" + std::to_string(h), h == 1 ? "g" : "b" + std::to_string(h - 1), h));
    }
  }
};

TEST_F(ChainWatchTruthTest, ALineThatIsNotItsBlockIsToldAndNotTaken) {
  StreamedBlock line = Line("a", "g", 1);
  line.untrue = "its header hashes to c0";
  watch_.TakeLine(0, line);
  EXPECT_THAT(Told(),
              ElementsAre("block a of slot 10 in its block stream | its header hashes to c0"));
  EXPECT_EQ(watch_.Ask([](const chain::ChainTracker& chain) { return chain.size(); }), 0U);
  Block block;
  block.id = "a";
  block.parent = "g";
  block.untrue = "its header hashes to c1";
  watch_.TakeBlock(1, block);
  EXPECT_EQ(Told().back(), "block a of slot 0 in POST /storage/block | its header hashes to c1");
}

TEST_F(ChainWatchTruthTest, HeightsOfALineAreThoseOfItsBlocks) {
  watch_.TakeLine(0, Line("a", "g", 1));
  EXPECT_THAT(Told(), IsEmpty());
  StreamedBlock line = Line("b", "a", 2);
  line.height = 5;
  line.tip_height = 7;
  watch_.TakeLine(0, line);
  EXPECT_THAT(
      Told(),
      ElementsAre("height 5 of block b in its block stream | that block is at height 2",
                  "tip_height 7 of block b in its block stream | that block is at height 2"));
}

TEST_F(ChainWatchTruthTest, AnswersThatStayBehindTheStreamAreTold) {
  Grow(9);
  watch_.TakeSample(0, now_ - milliseconds(1), Answer("b9", 9));
  now_ += milliseconds(10);
  watch_.TakeLine(0, Line("b10", "b9", 10));
  Look(2, "b4", 4);
  EXPECT_TRUE(watch_.IsLookDue(0));
  EXPECT_THAT(Told(), IsEmpty());
  Look(1, "b4", 4);
  EXPECT_THAT(Told(), ElementsAre("tip at height 4 in GET /cryptarchia/info | it told 10 in its "
                                  "block stream before"));
}

// It was asked before the line came.
TEST_F(ChainWatchTruthTest, AnAnswerThatALineHasOvertakenIsNoLie) {
  Grow(9);
  for (int i = 0; i < 5; ++i) {
    const RunTime asked = now_;
    now_ += milliseconds(100);
    watch_.TakeLine(0, Line("c" + std::to_string(i), "b9", 10));
    Testimony told;
    told.before = told.after = {"b9", 90, 9, "g", 0, "Online"};
    watch_.TakeTestimony(0, asked, told);
  }
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(ChainWatchTruthTest, OfANodeThatWasRestartedWhatItToldBeforeDoesNotCount) {
  Grow(9);
  Look(2, "b4", 4);
  changed_at_ = now_ + milliseconds(100);
  now_ += milliseconds(200);
  Look(10, "b4", 4);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(ChainWatchTruthTest, FinalBlocksAreHeldAgainstTheChain) {
  Grow(9);
  watch_.TakeFinality(0, {"b3", 3});
  watch_.TakeFinality(0, {"b4", 6});
  Look(1, "b9", 9, "b5", 5);
  EXPECT_THAT(Told(), ElementsAre("block b4 at height 6 in its finality stream | that block is at "
                                  "height 4"));
}

TEST_F(ChainWatchTruthTest, AnswersThatStayBehindTheFinalityStreamAreTold) {
  Grow(9);
  watch_.TakeFinality(0, {"b4", 4});
  Look(4, "b9", 9, "b3", 3);
  EXPECT_THAT(Told(), ElementsAre("final block at height 3 in GET /cryptarchia/info | it told 4 in "
                                  "its finality stream before"));
}

TEST_F(ChainWatchTruthTest, AFinalBlockOfAnotherBranchIsTold) {
  Grow(9);
  watch_.TakeLine(0, Line("x4", "b3", 4));
  watch_.TakeFinality(0, {"x4", 4});
  Look(1, "b9", 9, "b5", 5);
  EXPECT_THAT(Told(), ElementsAre("block x4 at height 4 in its finality stream | the chain to its "
                                  "final block b5 has b4 there"));
}

TEST_F(ChainWatchTruthTest, AFinalBlockThatNobodyShowsInTimeIsTold) {
  Grow(9);
  watch_.TakeFinality(0, {"lost", 4});
  Look(3, "b9", 9, "b5", 5);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(watch_.Wanted(), ElementsAre("lost"));
  Look(1, "b9", 9, "b5", 5);
  EXPECT_THAT(Told(), ElementsAre("block lost at height 4 in its finality stream | no node showed "
                                  "that block"));
}

TEST_F(ChainWatchTruthTest, AStatusWithABlockThatNobodyShowsInTimeIsTold) {
  Grow(3);
  using Kind = TransactionStatus::Kind;
  watch_.TakeStatuses(0, now_, {"t1", "t2"}, {{Kind::kPending, ""}, {Kind::kInBlock, "lost"}});
  Look(3, "b3", 3);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(watch_.Wanted(), ElementsAre("lost"));
  Look(1, "b3", 3);
  EXPECT_THAT(Told(), ElementsAre("transaction t2 in block lost in POST /mantle/status | no node "
                                  "showed that block"));
}

TEST_F(ChainWatchTruthTest, AStatusMayBeKnownBeforeTheBlockIs) {
  using Kind = TransactionStatus::Kind;
  watch_.TakeStatuses(0, now_, {"t"}, {{Kind::kInBlock, "b1"}});
  Look(2, "g", 0);
  StreamedBlock line = Line("b1", "g", 1);
  line.transactions = {"t"};
  watch_.TakeLine(0, line);
  Look(5, "b1", 1);
  EXPECT_THAT(Told(), IsEmpty());
  watch_.TakeStatuses(0, now_, {"u"}, {{Kind::kInBlock, "b1"}});
  Look(1, "b1", 1);
  EXPECT_THAT(Told(), ElementsAre("transaction u in block b1 in POST /mantle/status | that block "
                                  "does not have it"));
}

TEST_F(ChainWatchTruthTest, AStreamThatIsSilentWhileAnswersGoOnIsToldAndReopened) {
  watch_.StreamOpened(0, StreamKind::kBlocks);
  for (int64_t h = 1; h <= 14; ++h) {
    now_ += milliseconds(250);
    watch_.TakeSample(0, now_ - milliseconds(1), Answer("b" + std::to_string(h), h));
  }
  EXPECT_THAT(Told(),
              ElementsAre("nothing in its block stream from 0.250 s on, which stayed open | "
                          "it told height 1 and then 14 in GET /cryptarchia/info"));
  EXPECT_TRUE(watch_.MustReopen(0, StreamKind::kBlocks));
  EXPECT_FALSE(watch_.MustReopen(0, StreamKind::kBlocks));
}

TEST(DoorbellTest, WakesWhoWaitsAndWhoIsAboutTo) {
  Doorbell bell;
  const Clock& clock = RealClock();
  bell.Ring();
  bell.Wait(clock, clock.Now() + std::chrono::hours(1), {});
  std::atomic<bool> woken = false;
  std::thread waiter([&] {
    bell.Wait(clock, clock.Now() + std::chrono::hours(1), {});
    woken = true;
  });
  bell.Ring();
  waiter.join();
  EXPECT_TRUE(woken);
  std::stop_source stop;
  stop.request_stop();
  bell.Wait(clock, clock.Now() + std::chrono::hours(1), stop.get_token());
  bell.Wait(clock, clock.Now() - seconds(1), {});
}

}  // namespace
}  // namespace gtestnet::nomos
