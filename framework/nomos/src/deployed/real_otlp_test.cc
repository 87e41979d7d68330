// SPDX-License-Identifier: Apache-2.0
// A whole cluster that sends its spans to one collector: those of all nodes come together, one for
// each slot won, block applied, transaction and sampling.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <set>

#include "core/src/base/wait.h"
#include "core/src/cluster/testing/otlp_collector.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/runner.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

class RealOtlpTest : public testing::Test {
 protected:
  ~RealOtlpTest() override { unsetenv("NOMOS_OTLP_ENDPOINT"); }

  void Provision() {
    setenv("NOMOS_OTLP_ENDPOINT", collector_.endpoint().c_str(), 1);
    absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = LocalDeployer().Provision(
        {.topology = Topology::Star().Validators(2).Executors(1).Wallets(6).DataAvailability(),
         .seed = 7,
         .run_id = MakeRunId()});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    runner_ = std::make_unique<Runner>(*std::move(cluster), RunnerOptions());
    ASSERT_EQ(runner_->Begin(), absl::OkStatus());
  }
  // Waits until the collector has `count` spans of a name for this value at least.
  void AwaitSpans(const std::string& name, const std::string& attribute, const std::string& value,
                  size_t count) {
    EXPECT_EQ(WaitFor("spans of " + name + " " + value,
                      [&]() -> absl::Status {
                        const size_t there = collector_.By(name, attribute).count(value);
                        if (there >= count) return absl::OkStatus();
                        return absl::UnavailableError(std::to_string(there));
                      },
                      {.timeout = Scaled(milliseconds(30000))}),
              absl::OkStatus());
  }

  OtlpCollector collector_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RealOtlpTest, EveryNodesSpansOfABlockATransactionAndABlobAreOneTrace) {
  Provision();
  if (HasFatalFailure()) return;
  {
    TransactionWorkload transactions(runner_->context(), {.rate_per_block = 2, .users = 4});
    DataAvailabilityWorkload blobs(runner_->context(), {.channel_rate = 0.5, .blob_rate = 0.5});
    ASSERT_EQ(runner_->RunFor(Blocks(7)), absl::OkStatus());
  }
  ASSERT_EQ(runner_->Finish(), absl::OkStatus());
  const chain::ChainRecord& chain = *chain::ChainOf(runner_->record());

  ASSERT_GT(chain.blocks.size(), 3u);
  for (const chain::BlockRecord& block : chain.blocks) AwaitSpans("block", "block.id", block.id, 3);
  const auto slots = collector_.By("slot", "block.id");
  const auto blocks = collector_.By("block", "block.id");
  size_t included = 0;
  for (const chain::BlockRecord& block : chain.blocks) {
    ASSERT_EQ(slots.count(block.id), 1u) << block;
    const ReceivedSpan& slot = slots.find(block.id)->second;
    EXPECT_EQ(slot.node, runner_->record().nodes.at(static_cast<size_t>(block.leader)).name);
    EXPECT_EQ(slot.attributes.at("slot"), std::to_string(block.slot));
    std::set<std::string> nodes;
    for (auto [at, end] = blocks.equal_range(block.id); at != end; ++at) {
      nodes.insert(at->second.node);
      EXPECT_EQ(at->second.trace, slot.trace);
      EXPECT_EQ(at->second.parent, slot.id);
      EXPECT_EQ(at->second.attributes.at("block.height"), std::to_string(block.height));
      EXPECT_EQ(at->second.attributes.at("block.own"),
                at->second.node == slot.node ? "true" : "false");
    }
    EXPECT_EQ(nodes.size(), 3u) << block;
    included += block.transactions.size();
    for (const std::string& hash : block.transactions) {
      AwaitSpans("transaction", "transaction.hash", hash, 3);
    }
  }
  ASSERT_GT(included, 3u);

  const auto transactions = collector_.By("transaction", "transaction.hash");
  size_t submitted = 0;
  for (const chain::TransactionRecord& transaction : chain.transactions) {
    std::set<std::string> traces, parents, here;
    for (auto [at, end] = transactions.equal_range(transaction.hash); at != end; ++at) {
      traces.insert(at->second.trace);
      if (at->second.attributes.at("transaction.submitted_here") == "true") {
        here.insert(at->second.id);
        EXPECT_EQ(at->second.node,
                  runner_->record().nodes.at(static_cast<size_t>(transaction.node)).name);
      } else {
        parents.insert(at->second.parent);
      }
    }
    if (traces.empty()) continue;  // no block has it
    ++submitted;
    EXPECT_EQ(traces.size(), 1u) << transaction;
    EXPECT_EQ(here, parents) << transaction;
  }
  EXPECT_GT(submitted, 3u);

  size_t sampled = 0;
  for (const chain::BlobRecord& blob : chain.blobs) {
    if (!blob.refusal.empty()) continue;
    ++sampled;
    AwaitSpans("sampling", "blob.id", blob.id, 1);
    const auto spans = collector_.By("sampling", "blob.id");
    for (auto [at, end] = spans.equal_range(blob.id); at != end; ++at) {
      EXPECT_FALSE(at->second.failed) << blob;
    }
  }
  EXPECT_GT(sampled, 0u);
  EXPECT_EQ(runner_->TearDown(), absl::OkStatus());
}

}  // namespace
}  // namespace gtestnet::nomos
