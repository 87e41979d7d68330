// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/chain_watch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>

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
  watch_.TakeBlock(fetched);
  EXPECT_THAT(watch_.Wanted(), IsEmpty());
  EXPECT_TRUE(watch_.Ask([](const chain::ChainTracker& chain) {
    return chain.view().tip == "b" && chain.InclusionOf("t").has_value();
  }));
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
