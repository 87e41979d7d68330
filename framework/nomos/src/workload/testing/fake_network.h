// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_TESTING_FAKE_NETWORK_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_TESTING_FAKE_NETWORK_H_

#include <memory>
#include <string>

#include "chain/src/testing/fake_feed.h"
#include "core/src/run/testing/fake_cluster.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/runner.h"

namespace gtestnet::nomos {

// Watches a fake cluster, and records what was submitted to it.
class FakeNetwork final : public testing_support::FakeFeed {
 public:
  using FakeFeed::FakeFeed;

  // Before the run of that cluster begins.
  static void Watch(const ClusterSpec& spec) {
    testing_support::WorldOf(spec).observe = [](RunContext& context) {
      return std::make_unique<FakeNetwork>(context);
    };
  }
  static FakeNetwork& Of(Runner& runner) {
    return dynamic_cast<FakeNetwork&>(*runner.context().observer());
  }

  void Fill(RunRecord& record) override {
    FakeFeed::Fill(record);
    if (record.samples.empty()) return;
    chain::ChainRecord& chain = chain::MutableChainOf(record);
    chain.parameters = {.pace = context().pace(),
                        .active_slot_coefficient = "1",
                        .security_parameter = 1,
                        .genesis = std::string(64, '0')};
    chain.transactions = SubmissionsOf(context()).transactions();
  }
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_TESTING_FAKE_NETWORK_H_
