// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_TRANSACTION_WORKLOAD_H_
#define GTESTNET_TRANSACTION_WORKLOAD_H_

#include <string>

#include "absl/status/status.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// Transfers between the topology's wallets, at a steady rate.
struct TransactionOptions {
  // Transactions per mean block interval. Must be positive.
  double rate_per_block = 1;
  // Wallets that take part; 0: all that the topology has. More than that is an error.
  int users = 0;
  std::string name = "transactions";
};

// Submits transactions for as long as it lives. The loop is open: submission times are set by the
// schedule, not by the last answer. Only confirmed notes are spent, so that no transaction depends
// on another one's fate; nodes that are down are passed over. Every transaction is in the record.
//
//   TransactionWorkload transactions(cluster(), {.rate_per_block = 5, .users = 20});
class TransactionWorkload : public Workload {
 public:
  explicit TransactionWorkload(RunContext& context, TransactionOptions options = {});
};

// What can be said of the options before a cluster is there: rate, users, and whether the wallets
// have notes enough to keep the rate.
absl::Status Validate(const TransactionOptions& options, const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_TRANSACTION_WORKLOAD_H_
