// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/transaction_workload.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/run_context.h"
#include "nomos/src/workload/rates.h"
#include "nomos/src/workload/transaction_driver.h"

namespace gtestnet::nomos {
namespace {

// A block holds 1024; what came while there was none must fit, too.
constexpr double kHighestRate = 900;
// A note that was spent is out of use until its transaction is final: k blocks and a few more.
constexpr int kBlocksOnTheWay = 6;
// What a plan of notes has more than it needs while all goes well.
constexpr double kSpare = 3;
constexpr int kMostNotesPerWallet = 1'000'000;
// One thread submits so many a second, if a node takes its time.
constexpr double kRateOfSender = 100;

std::string Who(const TransactionOptions& options) {
  return absl::StrCat("transactions \"", options.name, "\": ");
}

template <class... Words>
absl::Status Refuse(const TransactionOptions& options, const Words&... words) {
  return InvalidArgument(absl::StrCat(Who(options), words...));
}

// As it was given: "5 per block".
std::string RateInWords(const TransactionOptions& options) {
  if (options.rate_per_second) return absl::StrCat(*options.rate_per_second, " per second");
  return absl::StrCat(options.rate_per_block.value_or(1), " per block");
}

double BlocksPerSecond(const Pace& pace) {
  return std::chrono::duration<double>(1) / pace.block_interval();
}

absl::Status ValidateRate(const TransactionOptions& options, const Pace& pace) {
  if (options.rate_per_block && options.rate_per_second) {
    return Refuse(options, "rate_per_block and rate_per_second are both given; one is enough");
  }
  const double rate = RatePerBlock(options, pace);
  if (std::isfinite(rate) && rate >= kLowestRate && rate <= kHighestRate) return absl::OkStatus();
  const double unit = options.rate_per_second ? BlocksPerSecond(pace) : 1;
  const double most = std::floor(kHighestRate * unit);
  const char* const field = options.rate_per_second ? "rate_per_second" : "rate_per_block";
  const double given = options.rate_per_second.value_or(options.rate_per_block.value_or(1));
  return Refuse(options, field, " is ", given, "; it must be from ", kLowestRate * unit, " to ",
                most, ", or blocks could not hold them");
}

// How many notes go round: those of its transactions that are not final yet.
int64_t NotesNeeded(const TransactionOptions& options, const TopologySpec& topology) {
  const int k = NomosParametersOf(topology).security_parameter;
  return static_cast<int64_t>(
      std::ceil(RatePerBlock(options, topology.kind->PaceOf(topology)) * (k + kBlocksOnTheWay)));
}

absl::Status ValidateNotes(const TransactionOptions& options, const TopologySpec& topology,
                           int users) {
  const int64_t notes = int64_t{users} * NotesPerWalletOf(topology);
  const int64_t needed = NotesNeeded(options, topology);
  if (notes >= needed) return absl::OkStatus();
  return Refuse(options, "to keep up ", RateInWords(options), ", ", needed,
                " notes must go round, but ", users, users == 1 ? " user has " : " users have ",
                notes, "; more users or .NotesPerWallet(", (needed + users - 1) / users,
                ") would do");
}

absl::Status DriveTransactions(WorkloadRun& run, const TransactionOptions& options) {
  RunContext& context = run.context();
  GTESTNET_RETURN_IF_ERROR(Validate(options, context.topology()));
  absl::StatusOr<std::vector<ClaimedWallet>> users =
      WalletsOf(context).Claim(static_cast<size_t>(options.users));
  if (!users.ok()) return Refuse(options, users.status().message());
  const double per_second = RatePerBlock(options, context.pace()) * BlocksPerSecond(context.pace());
  const int senders = std::clamp(static_cast<int>(std::ceil(per_second / kRateOfSender)), 4, 16);
  TransactionDriver driver(run, options, *std::move(users), MakeTransactionPort(context.pace()),
                           senders);
  const absl::Status result = driver.Run();
  for (ClaimedWallet& wallet : driver.Close()) WalletsOf(context).Return(std::move(wallet));
  return result;
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

double RatePerBlock(const TransactionOptions& options, const Pace& pace) {
  if (options.rate_per_second) return *options.rate_per_second / BlocksPerSecond(pace);
  return options.rate_per_block.value_or(1);
}

absl::Status Validate(const TransactionOptions& options, const TopologySpec& topology) {
  return Validate(std::vector<TransactionOptions>{options}, topology);
}

void ShareOutWallets(std::vector<TransactionOptions>& plan, const TopologySpec& topology,
                     int other_users) {
  int left = NomosParametersOf(topology).wallets - other_users;
  int sharers = 0;
  for (const TransactionOptions& options : plan) {
    left -= std::max(options.users, 0);
    sharers += options.users == 0 ? 1 : 0;
  }
  for (TransactionOptions& options : plan) {
    if (options.users != 0 || left < sharers) continue;
    options.users = left / sharers;
    left -= options.users;
    --sharers;
  }
}

absl::Status Validate(const std::vector<TransactionOptions>& plan, const TopologySpec& topology,
                      int other_users) {
  int users_before = other_users;
  double rate = 0;
  for (const TransactionOptions& options : plan) {
    if (topology.kind != &NomosKind()) return Refuse(options, "only Nomos nodes take them");
    const Pace pace = topology.kind->PaceOf(topology);
    GTESTNET_RETURN_IF_ERROR(ValidateRate(options, pace));
    if (!(options.taken >= 0 && options.taken <= 1)) {
      return Refuse(options, "taken is ", options.taken, "; it must be from 0 to 1");
    }
    const int wallets = NomosParametersOf(topology).wallets;
    if (options.users < 0) {
      return Refuse(options, "there are ", options.users, " users; 0 means all wallets");
    }
    if (wallets == 0) return Refuse(options, "the topology has no wallets; add .Wallets(n)");
    const int wanted = users_before + std::max(options.users, 1);
    if (wanted > wallets) {
      return Refuse(options,
                    users_before == 0
                        ? absl::StrCat(options.users, " users")
                        : absl::StrCat("with those of other workloads, ", wanted, " users"),
                    ", but the topology has ", wallets, wallets == 1 ? " wallet" : " wallets",
                    "; add .Wallets(", wanted, ")");
    }
    const int users = options.users > 0 ? options.users : wallets - users_before;
    if (options.spread == Spread::kOneNode &&
        (options.node < 0 || options.node >= topology.node_count())) {
      return Refuse(options, "node is ", options.node, ", but nodes go from 0 to ",
                    topology.node_count() - 1);
    }
    GTESTNET_RETURN_IF_ERROR(ValidateNotes(options, topology, users));
    users_before += users;
    rate += RatePerBlock(options, pace);
    if (rate > kHighestRate) {
      return Refuse(options, "with the other workloads there are ", rate,
                    " transactions per block; at most ", kHighestRate, " fit");
    }
  }
  return absl::OkStatus();
}

TopologySpec WithNotesFor(const std::vector<TransactionOptions>& plan, TopologySpec topology) {
  if (plan.empty() || topology.kind != &NomosKind()) return topology;
  const NomosParameters& parameters = NomosParametersOf(topology);
  if (parameters.notes_per_wallet || parameters.wallets <= 0) return topology;
  int64_t most = NotesPerWalletOf(topology);
  int users_left = parameters.wallets;
  for (const TransactionOptions& options : plan) {
    const int users = options.users > 0 ? options.users : users_left;
    users_left -= users;
    // What Validate will refuse needs no notes.
    const absl::Status rate = ValidateRate(options, topology.kind->PaceOf(topology));
    if (users <= 0 || !rate.ok()) continue;
    const double needed = kSpare * static_cast<double>(NotesNeeded(options, topology));
    most = std::max(most, static_cast<int64_t>(std::ceil(needed / users)));
  }
  auto copy = std::make_shared<NomosParameters>(parameters);
  copy->notes_per_wallet = static_cast<int>(std::min<int64_t>(most, kMostNotesPerWallet));
  topology.parameters = std::move(copy);
  return topology;
}

std::ostream& operator<<(std::ostream& os, Spread spread) {
  switch (spread) {
    case Spread::kRoundRobin:
      return os << "round_robin";
    case Spread::kRandom:
      return os << "random";
    case Spread::kOneNode:
      break;
  }
  return os << "one_node";
}

}  // namespace gtestnet::nomos
