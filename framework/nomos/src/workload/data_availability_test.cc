// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "core/src/base/hash.h"
#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/runner.h"
#include "nomos/src/workload/channel_book.h"
#include "nomos/src/workload/data_availability_driver.h"
#include "nomos/src/workload/testing/fake_network.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::FakeCluster;
using testing_support::FakeWorld;
using testing_support::ManualClock;

std::string Refusal(
    const DataAvailabilityOptions& options,
    const TopologySpec& topology =
        Topology::Star().Validators(3).Executors(1).Slot(seconds(1)).DataAvailability()) {
  return std::string(Validate(options, topology).message());
}

TEST(DataAvailabilityOptionsTest, TakesSoundOnes) {
  EXPECT_EQ(Refusal({}), "");
  EXPECT_EQ(Refusal({.channel_rate = 1, .blob_rate = 2}), "");
  EXPECT_EQ(Refusal({.payload = {1, 126976}, .headroom = 0}), "");
}

TEST(DataAvailabilityOptionsTest, NeedsExecutorsAndDataAvailability) {
  EXPECT_EQ(Refusal({}, Topology::Star().Validators(3).DataAvailability()),
            "data availability \"data_availability\": the topology has no executors, which take "
            "blobs; add .Executors(1)");
  EXPECT_EQ(Refusal({.name = "blobs"}, Topology::Star().Validators(3).Executors(1)),
            "data availability \"blobs\": the topology has no data availability; add "
            ".DataAvailability()");
}

TEST(DataAvailabilityOptionsTest, RefusesRatesThatAreNone) {
  const std::string who = "data availability \"data_availability\": ";
  EXPECT_EQ(Refusal({.channel_rate = 0}),
            who + "channel_rate is 0 per block; it must be from 1e-06 to 100");
  EXPECT_EQ(Refusal({.blob_rate = -1}),
            who + "blob_rate is -1 per block; it must be from 1e-06 to 100");
  EXPECT_THAT(Refusal({.blob_rate = std::numeric_limits<double>::quiet_NaN()}),
              HasSubstr("blob_rate is nan"));
  EXPECT_EQ(Refusal({.headroom = -1}), who + "headroom is -1 percent; it must be from 0 to 1000");
}

TEST(DataAvailabilityOptionsTest, RefusesFractionsThatAreNone) {
  EXPECT_EQ(Refusal({.taken = 0}), "");
  EXPECT_EQ(Refusal({.taken = 1}), "");
  EXPECT_EQ(Refusal({.taken = 1.01}),
            "data availability \"data_availability\": taken is 1.01; it must be from 0 to 1");
  EXPECT_THAT(Refusal({.taken = std::numeric_limits<double>::quiet_NaN()}),
              HasSubstr("taken is nan"));
}

TEST(DataAvailabilityOptionsTest, RefusesSizesThatAreNone) {
  const std::string who = "data availability \"data_availability\": ";
  EXPECT_EQ(Refusal({.payload = {0, 31}}), who + "payload.min is 0 bytes; it must be at least 1");
  EXPECT_EQ(Refusal({.payload = {31, 126977}}),
            who + "payload.max is 126977 bytes; a blob has at most 126976");
  EXPECT_EQ(Refusal({.payload = {62, 31}}),
            who + "payload.min is 62 bytes, more than payload.max, 31");
  EXPECT_EQ(Refusal({.payload = {32, 61}}),
            who +
                "payload goes from 32 to 61 bytes, and no multiple of 31, which a blob's size "
                "must be, is there");
}

TEST(DataAvailabilityOptionsTest, RefusesBlobsThatLeaveNoRoomForBlocks) {
  EXPECT_EQ(Refusal({.blob_rate = 3}),
            "data availability \"data_availability\": blob_rate is 3 per block, which costs 1.5 "
            "core seconds in each block interval of 1.11111 s, more than cores, 1, allows; "
            ".Slot(1350ms) or .cores = 1.4 would do");
  EXPECT_EQ(Refusal({.blob_rate = 3, .cores = 1.4}), "");
  EXPECT_THAT(Refusal({.cores = 0}), HasSubstr("cores is 0; it must be above 0"));
}

constexpr auto kPatience = seconds(10);

std::function<bool(const std::string&)> In(std::set<std::string> included) {
  return [included](const std::string& transaction) { return included.count(transaction) > 0; };
}

TEST(ChannelBookTest, OpensAChannelOnceItsFirstMessageIsInABlock) {
  const Clock::TimePoint now{};
  ChannelBook book(kPatience);
  book.Add("a", "m1", "t1", now);
  EXPECT_FALSE(book.any_open());
  EXPECT_FALSE(book.Take().has_value());
  book.Settle(now, In({"t1"}));
  EXPECT_TRUE(book.any_open());
  const auto place = book.Take();
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->channel, "a");
  EXPECT_EQ(place->parent, "m1");
  EXPECT_FALSE(book.Take().has_value()) << "it is taken";
  book.Extend("a", "m2", "t2", now);
  EXPECT_EQ(book.Take()->parent, "m2");
  book.Keep("a");
  EXPECT_EQ(book.Take()->parent, "m2");
}

TEST(ChannelBookTest, PrefersChannelsThatWaitForNothing) {
  const Clock::TimePoint now{};
  ChannelBook book(kPatience);
  for (const char* name : {"a", "b", "c"}) book.Add(name, "m", std::string("t") + name, now);
  book.Settle(now, In({"ta", "tb", "tc"}));
  EXPECT_EQ(book.Take()->channel, "a");
  book.Extend("a", "m2", "ta2", now);
  EXPECT_EQ(book.Take()->channel, "b");
  book.Keep("b");
  EXPECT_EQ(book.Take()->channel, "c");
  book.Extend("c", "m2", "tc2", now);
  EXPECT_EQ(book.Take()->channel, "b");
  EXPECT_EQ(book.Take()->channel, "a") << "better one more on top than none at all";
}

TEST(ChannelBookTest, GivesUpWhatIsHeldUp) {
  const Clock::TimePoint now{};
  ChannelBook book(kPatience);
  book.Add("a", "m1", "t1", now);
  book.Add("b", "m1", "t2", now);
  book.Settle(now + kPatience, In({"t2"}));
  EXPECT_EQ(book.given_up(), 0);
  book.Settle(now + kPatience + milliseconds(1), In({"t2"}));
  EXPECT_EQ(book.given_up(), 1);
  EXPECT_EQ(book.size(), 1);
  book.GiveUp("b");
  book.GiveUp("b");
  EXPECT_EQ(book.given_up(), 2);
  book.Extend("b", "m", "t", now);
  EXPECT_EQ(book.size(), 0);
}

// Two validators and two executors of a kind that is none.
class BlobTopology : public BasicTopology<BlobTopology> {
 public:
  explicit BlobTopology(Layout layout)
      : BasicTopology(std::move(layout), testing_support::FakeKind()) {
    SetRole("validator", 2);
    SetRole("executor", 2);
  }
};

class DataAvailabilityDriverTest : public testing::Test {
 protected:
  DataAvailabilityDriverTest() {
    static int runs = 0;
    ClusterSpec spec;
    spec.topology = BlobTopology(Layout::Star());
    spec.run_id = "data-availability-test-" + std::to_string(++runs);
    spec.seed = 5;
    RunnerOptions options;
    options.clock = &clock_;
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    FakeNetwork::Watch(spec);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  RunContext& context() { return runner_->context(); }
  Submissions& submissions() { return SubmissionsOf(context()); }
  void Include(const std::string& transaction) {
    FakeNetwork::Of(*runner_).Include(transaction, {"block", 1, true});
  }

  DataAvailabilityPort Port() {
    return {.submit =
                [this](const NodeInfo&, const SignedTransaction& transaction) {
                  if (include_channels) Include(transaction.hash);
                  return channel_answer;
                },
            .disperse = [this](const NodeInfo& node,
                               const BlobMessage& message) -> absl::StatusOr<std::string> {
              std::lock_guard lock(mutex_);
              dispersed.emplace_back(node.index, message);
              const auto answer = answers.find(static_cast<int>(dispersed.size()));
              if (answer != answers.end()) return answer->second;
              const std::string id = base::ToHex(base::Hasher().Add(message.data).Finish());
              const auto transaction = MakeBlobTransaction(message.channel, message.parent, id,
                                                           message.data.size(), DispersalKey());
              if (include_blobs) Include(transaction->hash);
              return id;
            }};
  }

  // Of ten blocks a second.
  const WorkloadRecord& Run(DataAvailabilityOptions options, Timespan duration) {
    Workload workload(context(), {.name = "blobs"}, [=, this](WorkloadRun& run) {
      return DataAvailabilityDriver(run, options, Port(), 1).Run();
    });
    EXPECT_EQ(runner_->RunFor(duration), absl::OkStatus());
    EXPECT_EQ(runner_->Finish(), absl::OkStatus());
    return runner_->record().workloads.at(0);
  }

  bool include_channels = true, include_blobs = true;
  absl::Status channel_answer;
  std::map<int, absl::Status> answers;  // what the n-th dispersal gets instead
  std::vector<std::pair<NodeIndex, BlobMessage>> dispersed;
  ManualClock clock_{3};  // the runner, the driver and its sender
  std::mutex mutex_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(DataAvailabilityDriverTest, KeepsTheRatesAndRecordsEverything) {
  const WorkloadRecord& record = Run({.channel_rate = 0.5, .blob_rate = 2}, seconds(5));
  EXPECT_GE(record.actions, 95);
  EXPECT_LE(record.actions, 101);
  EXPECT_EQ(record.due, record.actions);
  EXPECT_EQ(record.owes, "blobs");
  EXPECT_TRUE(record.left_out.empty());
  EXPECT_EQ(record.at_least, 0.95);
  EXPECT_THAT(record.plan, HasSubstr("2 blobs of 31 to 992 bytes per block, 10 channels at first "
                                     "and 0.5 more per block"));
  EXPECT_NEAR(static_cast<double>(submissions().inscriptions().size()), 10 + 25, 2);
  const auto blobs = submissions().blobs();
  EXPECT_EQ(static_cast<int64_t>(blobs.size()), record.actions);
  std::map<NodeIndex, int> by_node;
  std::set<std::string> ids, channels;
  for (size_t i = 0; i < blobs.size(); ++i) {
    ++by_node[blobs[i].node];
    ids.insert(blobs[i].id);
    channels.insert(blobs[i].channel);
    EXPECT_EQ(blobs[i].refusal, "");
    EXPECT_EQ(blobs[i].size % 31, 0);
    EXPECT_EQ(blobs[i].data, base::ToHex(base::Hasher().Add(dispersed[i].second.data).Finish()));
  }
  EXPECT_EQ(ids.size(), blobs.size()) << "no data twice";
  EXPECT_GE(channels.size(), 10u);
  EXPECT_THAT(by_node, SizeIs(2)) << "executors only";
  EXPECT_EQ(by_node.count(2) + by_node.count(3), 2u);
}

TEST_F(DataAvailabilityDriverTest, LinksTheBlobsOfAChannel) {
  Run({.channel_rate = 0.01, .blob_rate = 0.25, .headroom = 0}, seconds(4));
  ASSERT_GE(dispersed.size(), 3u);
  std::map<std::string, std::string> last;
  for (const chain::InscriptionRecord& inscription : submissions().inscriptions()) {
    last[inscription.channel] = "";
  }
  for (const auto& [node, message] : dispersed) {
    std::string& parent = last.at(message.channel);
    if (!parent.empty()) {
      EXPECT_EQ(message.parent, parent);
    }
    const std::string id = base::ToHex(base::Hasher().Add(message.data).Finish());
    parent = MakeBlobTransaction(message.channel, message.parent, id, message.data.size(),
                                 DispersalKey())
                 ->messages.front();
  }
}

TEST_F(DataAvailabilityDriverTest, StartsNoBlobBeforeAChannelIsOpen) {
  include_channels = false;
  clock_.set_threads(2);
  const WorkloadRecord& record = Run({}, seconds(1));
  EXPECT_EQ(record.actions, 0);
  EXPECT_THAT(dispersed, SizeIs(0));
  EXPECT_GE(submissions().inscriptions().size(), 5u);
  EXPECT_EQ(record.due, 0) << "ten blocks are not long";
}

TEST_F(DataAvailabilityDriverTest, OwesTheBlobsForWhichNoChannelIsOpenInTime) {
  include_channels = false;
  clock_.set_threads(2);
  const WorkloadRecord& record = Run({.blob_rate = 2}, seconds(3));
  EXPECT_EQ(record.actions, 0);
  // Of thirty blocks all but twelve.
  EXPECT_NEAR(static_cast<double>(record.due.value_or(0)), 36, 2);
  EXPECT_EQ(record.left_out.Get("no channel was open"), static_cast<double>(*record.due));
  EXPECT_EQ(record.left_out.size(), 1u);
}

TEST_F(DataAvailabilityDriverTest, RecordsRefusals) {
  answers[1] = absl::InternalError("HTTP 500: Failed to disperse data: nobody took column 3");
  answers[2] = absl::DeadlineExceededError("no answer");
  const WorkloadRecord& record = Run({.channel_rate = 0.01, .blob_rate = 1}, seconds(2));
  const auto blobs = submissions().blobs();
  ASSERT_GE(blobs.size(), 3u);
  EXPECT_THAT(blobs[0].refusal, HasSubstr("nobody took column 3"));
  EXPECT_EQ(blobs[0].id, "");
  EXPECT_EQ(blobs[0].transaction, "");
  EXPECT_EQ(blobs[1].refusal, "no answer");
  EXPECT_EQ(static_cast<int64_t>(blobs.size()), record.actions + 2);
  EXPECT_EQ(record.due, record.actions + 2) << "what was refused was due";
  EXPECT_TRUE(record.left_out.empty());
  EXPECT_THAT(record.plan, HasSubstr("dispersed, 2 not; 1 channels given up"));
  for (size_t i = 2; i < blobs.size(); ++i) EXPECT_NE(blobs[i].channel, blobs[1].channel);
}

TEST_F(DataAvailabilityDriverTest, RecordsChannelsThatNobodyTook) {
  channel_answer = absl::InvalidArgumentError("HTTP 400");
  include_channels = false;
  clock_.set_threads(2);
  Run({.channel_rate = 1}, seconds(1));
  ASSERT_GE(submissions().inscriptions().size(), 5u);
  EXPECT_EQ(submissions().inscriptions()[0].refusal, "HTTP 400");
}

TEST_F(DataAvailabilityDriverTest, PassesOverExecutorsThatAreDown) {
  EXPECT_TRUE(context().node_control().Kill(3).ok());
  Run({.blob_rate = 1}, seconds(2));
  ASSERT_GE(dispersed.size(), 10u);
  for (const auto& [node, message] : dispersed) EXPECT_EQ(node, 2);
}

TEST_F(DataAvailabilityDriverTest, LeavesOutBlobsThatNoExecutorCouldTake) {
  for (NodeIndex node : {2, 3}) EXPECT_TRUE(context().node_control().Kill(node).ok());
  const WorkloadRecord& record = Run({.blob_rate = 1}, seconds(1));
  EXPECT_EQ(record.actions, 0);
  EXPECT_THAT(record.plan, HasSubstr("left out because no executor was healthy"));
  EXPECT_GE(record.due.value_or(0), 5);
  EXPECT_EQ(record.left_out.Get("no executor was healthy"), static_cast<double>(*record.due));
}

}  // namespace
}  // namespace gtestnet::nomos
