// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/invalid_transaction_workload.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/run_context.h"
#include "nomos/src/workload/invalid_transaction_driver.h"
#include "nomos/src/workload/rates.h"

namespace gtestnet::nomos {
namespace {

constexpr double kHighestRate = 100;

template <class... Words>
absl::Status Refuse(const InvalidTransactionOptions& options, const Words&... words) {
  return InvalidArgument(absl::StrCat("invalid transactions \"", options.name, "\": ", words...));
}

absl::Status DriveInvalid(WorkloadRun& run, const InvalidTransactionOptions& options) {
  RunContext& context = run.context();
  GTESTNET_RETURN_IF_ERROR(Validate(options, context.topology()));
  absl::StatusOr<std::vector<ClaimedWallet>> users =
      WalletsOf(context).Claim(static_cast<size_t>(options.users));
  if (!users.ok()) return Refuse(options, users.status().message());
  const absl::Status result =
      InvalidTransactionDriver(run, options, *users, MakeTransactionPort(context.pace())).Run();
  for (ClaimedWallet& wallet : *users) WalletsOf(context).Return(std::move(wallet));
  return result;
}

WorkloadOptions OptionsOf(const InvalidTransactionOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  return workload;
}

}  // namespace

InvalidTransactionWorkload::InvalidTransactionWorkload(RunContext& context,
                                                       InvalidTransactionOptions options)
    : Workload(context, OptionsOf(options),
               [options](WorkloadRun& run) { return DriveInvalid(run, options); }) {}

absl::Status Validate(const InvalidTransactionOptions& options, const TopologySpec& topology) {
  if (topology.kind != &NomosKind()) return Refuse(options, "only Nomos nodes take them");
  if (!std::isfinite(options.rate_per_block) || options.rate_per_block < kLowestRate ||
      options.rate_per_block > kHighestRate) {
    return Refuse(options, "rate_per_block is ", options.rate_per_block, "; it must be from ",
                  kLowestRate, " to ", kHighestRate);
  }
  if (options.flaws.empty()) return Refuse(options, "no flaw is given");
  const int wallets = NomosParametersOf(topology).wallets;
  if (options.users < 1 || options.users > wallets) {
    return Refuse(options, options.users, " users, but it needs at least 1, and the topology has ",
                  wallets, wallets == 1 ? " wallet" : " wallets");
  }
  if (NotesPerWalletOf(topology) < static_cast<int>(InvalidTransactionDriver::kNotesOfUser)) {
    return Refuse(options, "a wallet has ", NotesPerWalletOf(topology),
                  " note; it needs .NotesPerWallet(", InvalidTransactionDriver::kNotesOfUser, ")");
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::nomos
