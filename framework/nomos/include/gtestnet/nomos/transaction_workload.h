// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_TRANSACTION_WORKLOAD_H_
#define GTESTNET_NOMOS_TRANSACTION_WORKLOAD_H_

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet::nomos {

// To which of the nodes that are up transactions are submitted.
enum class Spread {
  kRoundRobin,  // one after the other
  kRandom,      // any, by the run's seed
  kOneNode,     // TransactionOptions::node, and no other
};

// Transfers between the topology's wallets, at a steady rate.
struct TransactionOptions {
  // Transactions per mean block interval, or per second: one of the two. Without either, one per
  // block. Must be positive, and no more than blocks can hold.
  std::optional<double> rate_per_block = {};
  std::optional<double> rate_per_second = {};
  // Wallets that take part; 0: all that no other workload has. More than there are is an error.
  int users = 0;
  Spread spread = Spread::kRoundRobin;
  NodeIndex node = 0;  // of Spread::kOneNode
  // Payments are of a part of a note, and the rest comes back to the payer as change; where that
  // has made him more notes than he began with, of two notes together. False: of whole notes.
  bool change = true;
  // At least this fraction of what was due in its time must be taken by a node, 0 to 1, or the run
  // fails: what was refused, and what was not sent for want of a node or of a note, counts against.
  double taken = 0.95;
  std::string name = "transactions";
};

// Submits transactions for as long as it lives. The loop is open: submission times are set by the
// schedule, not by the last answer. Only confirmed notes are spent, so that no transaction
// depends on another one's fate; nodes that are down are passed over. Every transaction is in the
// record, and is followed by its hash through the nodes' mempools to its block. One that all nodes
// lost is submitted again, once.
//
//   TransactionWorkload transactions(cluster(), {.rate_per_block = 5, .users = 20});
//
// Its wallets are its own: two workloads at one time need wallets for both. What they own at its
// end goes to the next that asks for wallets.
class TransactionWorkload : public Workload {
 public:
  explicit TransactionWorkload(RunContext& context, TransactionOptions options = {});
};

// The rate per mean block interval at this pace.
double RatePerBlock(const TransactionOptions& options, const Pace& pace);

// What can be said of the options before a cluster is there: the rate, users, the node, and whether
// the wallets have notes enough to keep the rate. Says the figure that would do.
absl::Status Validate(const TransactionOptions& options, const TopologySpec& topology);
// The same of several that run at the same time, beside others that have `other_users` wallets.
absl::Status Validate(const std::vector<TransactionOptions>& plan, const TopologySpec& topology,
                      int other_users = 0);
// Gives those that want all wallets an equal share of what the others leave.
void ShareOutWallets(std::vector<TransactionOptions>& plan, const TopologySpec& topology,
                     int other_users = 0);

// The topology with as many notes in each wallet as the plan needs to keep its rates for ever,
// unless NotesPerWallet says how many. ScenarioBuilder does this.
TopologySpec WithNotesFor(const std::vector<TransactionOptions>& plan, TopologySpec topology);

std::ostream& operator<<(std::ostream& os, Spread spread);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_TRANSACTION_WORKLOAD_H_
