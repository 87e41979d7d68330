// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_INVALID_TRANSACTION_WORKLOAD_H_
#define GTESTNET_NOMOS_INVALID_TRANSACTION_WORKLOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/nomos/transaction.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet::nomos {

// Transactions that no block may hold, at a steady rate.
struct InvalidTransactionOptions {
  // Transactions per mean block interval. Must be above 0 and at most 100.
  double rate_per_block = 1;
  // One after the other. kDoubleSpend needs `users`' notes to be spent and final first.
  std::vector<Flaw> flaws = {Flaw::kBadSignature, Flaw::kMissingNote, Flaw::kDoubleSpend,
                             Flaw::kUnbalanced, Flaw::kTooLarge};
  // Wallets that it has for itself.
  int users = 1;
  std::string name = "invalid transactions";
};

// Submits wrong transactions, to one node after the other, for as long as it lives. A node may
// refuse one or, as the real node does with most, take it; no block may ever have one. Each is in
// the record with its flaw, which RefusesInvalidTransactions() judges; IncludesTransactions() and
// its like leave them out.
//
//   InvalidTransactionWorkload invalid(cluster(), {.rate_per_block = 2});
//
// (It also makes a valid transaction or two: a double spend needs a first one.)
class InvalidTransactionWorkload : public Workload {
 public:
  explicit InvalidTransactionWorkload(RunContext& context, InvalidTransactionOptions options = {});
};

absl::Status Validate(const InvalidTransactionOptions& options, const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_INVALID_TRANSACTION_WORKLOAD_H_
