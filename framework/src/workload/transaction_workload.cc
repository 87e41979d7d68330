// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/transaction_workload.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/nomos.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"
#include "src/workload/transaction_driver.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr int kSenders = 4;
// As many as fit into a block.
constexpr double kHighestRate = 1024;
// A note that was spent is out of use until its transaction is final: k blocks and a few more.
constexpr int kBlocksOnTheWay = 6;

absl::Status DriveTransactions(WorkloadRun& run, const TransactionOptions& options) {
  if (absl::Status valid = Validate(options, run.context().topology()); !valid.ok()) return valid;
  const auto block = std::chrono::ceil<milliseconds>(run.context().pace().block_interval());
  const milliseconds timeout =
      Scaled(std::clamp(4 * block, milliseconds(1000), milliseconds(5000)));
  return TransactionDriver(run, options, UsersOf(run.context(), options),
                           MakeTransactionPort(timeout), kSenders)
      .Run();
}

WorkloadOptions OptionsOf(const TransactionOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  return workload;
}

}  // namespace

TransactionWorkload::TransactionWorkload(RunContext& context, TransactionOptions options)
    : Workload(context, OptionsOf(options),
               [options](WorkloadRun& run) { return DriveTransactions(run, options); }) {}

absl::Status Validate(const TransactionOptions& options, const TopologySpec& topology) {
  const std::string who = absl::StrCat("transactions \"", options.name, "\": ");
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  if (topology.kind != &NomosKind()) return refuse("only Nomos nodes take them");
  if (!std::isfinite(options.rate_per_block) || options.rate_per_block <= 0 ||
      options.rate_per_block > kHighestRate) {
    return refuse("the rate is ", options.rate_per_block,
                  " per block; it must be above 0 and at most ", kHighestRate,
                  ", as many as fit into a block");
  }
  const NomosParameters& parameters = NomosParametersOf(topology);
  if (options.users < 0) return refuse("there are ", options.users, " users; 0 means all wallets");
  if (options.users > parameters.wallets) {
    return refuse(options.users, " users, but the topology has ", parameters.wallets,
                  " wallets; add .Wallets(", options.users, ")");
  }
  if (parameters.wallets == 0) {
    return refuse("the topology has no wallets; add .Wallets(n)");
  }
  const int users = options.users > 0 ? options.users : parameters.wallets;
  const int64_t notes = int64_t{users} * parameters.notes_per_wallet;
  const auto needed = static_cast<int64_t>(
      std::ceil(options.rate_per_block * (parameters.security_parameter + kBlocksOnTheWay)));
  if (notes < needed) {
    return refuse("to keep up ", options.rate_per_block, " per block, ", needed,
                  " notes must go round, but ", users, users == 1 ? " user has " : " users have ",
                  notes, "; more users or .NotesPerWallet(", (needed + users - 1) / users,
                  ") would do");
  }
  return absl::OkStatus();
}

}  // namespace gtestnet
