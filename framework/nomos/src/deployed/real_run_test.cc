// SPDX-License-Identifier: Apache-2.0
// Whole runs with the bundled node on the local deployer.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/runner.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class RealRunTest : public testing::Test {
 protected:
  void Begin(const Topology& topology) {
    LocalDeployer deployer;
    ClusterSpec spec;
    spec.topology = topology;
    spec.seed = 7;
    spec.run_id = MakeRunId();
    absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = deployer.Provision(spec);
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    RunnerOptions options;
    options.context = [](BackendCluster& of, const Clock& clock) {
      return std::make_unique<Context>(of, clock);
    };
    runner_ = std::make_unique<Runner>(*std::move(cluster), options);
    ASSERT_EQ(runner_->Begin(), absl::OkStatus());
  }
  void TearDown() override {
    if (runner_ == nullptr) return;
    EXPECT_EQ(runner_->TearDown(), absl::OkStatus());
  }
  Context& context() { return dynamic_cast<Context&>(runner_->context()); }
  absl::Status AwaitHeight(int64_t height, Timespan within = seconds(60)) {
    return runner_->Await(
        [height](const Snapshot& snapshot) {
          int64_t highest = 0;
          for (const NodeSample& node : snapshot.nodes)
            highest = std::max(highest, chain::HeightOf(node));
          return highest >= height ? "" : "the highest is at " + std::to_string(highest);
        },
        within);
  }
  // Every block of the record is there with its parent, and the heights fit.
  static void ExpectSound(const RunRecord& record) {
    ASSERT_NE(chain::ChainOf(record), nullptr);
    const std::string& genesis = chain::ChainOf(record)->parameters.genesis;
    std::map<std::string, int64_t> heights{{genesis, 0}};
    for (const chain::BlockRecord& block : chain::ChainOf(record)->blocks) {
      ASSERT_TRUE(heights.count(block.parent)) << block.height;
      EXPECT_EQ(block.height, heights[block.parent] + 1);
      EXPECT_GE(block.leader, 0);
      heights[block.id] = block.height;
    }
    for (const NodeSample& sample : record.samples) {
      if (!sample.reachable) continue;
      ASSERT_TRUE(heights.count(chain::TipOf(sample))) << sample;
      EXPECT_EQ(chain::HeightOf(sample), heights[chain::TipOf(sample)]) << sample;
    }
    EXPECT_TRUE(std::is_sorted(record.samples.begin(), record.samples.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; }));
    EXPECT_EQ(RunRecord::FromJson(record.ToJson()).status(), absl::OkStatus());
  }

  std::unique_ptr<Runner> runner_;
};

TEST_F(RealRunTest, TransactionsAndRestartsAreInTheRecord) {
  Begin(Topology::Star().Validators(3).Executors(1).Wallets(20).SecurityParameter(5));
  if (HasFatalFailure()) return;
  std::set<std::string> seen;
  {
    chain::FeedSubscription subscription =
        context().block_feed().Subscribe([&](const chain::ChainUpdate& update) {
          for (const chain::BlockRecord& block : update.added) seen.insert(block.id);
        });
    TransactionWorkload transactions(context(), {.rate_per_block = 5, .users = 20});
    RestartWorkload restarts(context(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
    ASSERT_EQ(runner_->RunFor(Blocks(40)), absl::OkStatus());
    EXPECT_GT(context().block_feed().view().finalised_height, 0);
    EXPECT_GT(context().expected_blocks(), 35);
  }
  ASSERT_EQ(runner_->Finish(), absl::OkStatus());
  const RunRecord& record = runner_->record();
  ExpectSound(record);
  const chain::ChainIndex index(record);
  EXPECT_GT(index.canonical().size(), 15u);
  EXPECT_GE(seen.size(), index.canonical().size() / 2);
  int64_t included = 0;
  for (const chain::TransactionRecord& transaction : chain::ChainOf(record)->transactions) {
    if (index.Find(transaction).finalised) ++included;
  }
  const auto submitted = static_cast<int64_t>(chain::ChainOf(record)->transactions.size());
  EXPECT_GT(submitted, 100);
  EXPECT_GE(included * 10, submitted * 9) << record.workloads[0].plan;
  ASSERT_EQ(record.workloads.size(), 2u);
  EXPECT_GT(record.workloads[1].actions, 0);
  EXPECT_FALSE(record.metrics.empty());
  EXPECT_TRUE(runner_->Judge().empty());
}

TEST_F(RealRunTest, ANodeThatDiesEndsTheRunAndIsNamed) {
  Begin(Topology::FullMesh().Validators(3).Misbehave(1, "crash@5"));
  if (HasFatalFailure()) return;
  const absl::Status status = runner_->RunFor(seconds(60));
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("validator-1 exited though nobody asked it to: "),
                    HasSubstr("SIGABRT"), HasSubstr("its last lines:\n")));
  EXPECT_EQ(runner_->Finish(), status);
  EXPECT_FALSE(runner_->record().nodes[1].up_at_end);
  EXPECT_EQ(runner_->record().events.back().kind, NodeEventKind::kExited);
}

TEST_F(RealRunTest, TheFeedSurvivesTheDeathOfEachNode) {
  Begin(Topology::FullMesh().Validators(3).SecurityParameter(5));
  if (HasFatalFailure()) return;
  ASSERT_EQ(AwaitHeight(3), absl::OkStatus());
  for (NodeIndex node = 0; node < 3; ++node) {
    ASSERT_EQ(context().node_control().Kill(node), absl::OkStatus());
    const int64_t height = context().block_feed().view().height;
    ASSERT_EQ(AwaitHeight(height + 4), absl::OkStatus());
    ASSERT_EQ(context().node_control().Start(node), absl::OkStatus());
  }
  // All at once: what was is still known.
  for (NodeIndex node = 0; node < 3; ++node) {
    ASSERT_EQ(context().node_control().Kill(node), absl::OkStatus());
  }
  const chain::ChainView view = context().block_feed().view();
  EXPECT_GE(view.height, 15);
  EXPECT_TRUE(context().block_feed().Find(view.tip).has_value());
  for (NodeIndex node = 0; node < 3; ++node) {
    ASSERT_EQ(context().node_control().Start(node), absl::OkStatus());
  }
  ASSERT_EQ(AwaitHeight(view.height + 3), absl::OkStatus());
  ASSERT_EQ(runner_->Finish(), absl::OkStatus());
  ExpectSound(runner_->record());
}

TEST_F(RealRunTest, ACaptureThatBeginsLateKnowsTheWholeChain) {
  Begin(Topology::Star().Validators(2));
  if (HasFatalFailure()) return;
  ASSERT_EQ(AwaitHeight(20), absl::OkStatus());
  ASSERT_EQ(runner_->Finish(), absl::OkStatus());
  Runner second(runner_->cluster(), RunnerOptions());
  ASSERT_EQ(second.Begin(), absl::OkStatus());
  ASSERT_EQ(second.RunFor(Blocks(5)), absl::OkStatus());
  ASSERT_EQ(second.Finish(), absl::OkStatus());
  ExpectSound(second.record());
  EXPECT_GT(chain::ChainOf(second.record())->blocks.size(), 20u);
  EXPECT_GT(second.record().begun, seconds(1));
}

}  // namespace
}  // namespace gtestnet::nomos
