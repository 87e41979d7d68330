// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/data_availability_workload.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/nomos/da_client.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"
#include "nomos/src/kind/parameters.h"
#include "nomos/src/workload/data_availability_driver.h"
#include "nomos/src/workload/rates.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

constexpr double kHighestRate = 100;
constexpr int kMostHeadroom = 1000;
constexpr double kMostCores = 1024;
// An executor gives up after 20 s.
constexpr milliseconds kDispersal{25000};
constexpr milliseconds kSubmission{5000};

int SendersFor(const DataAvailabilityOptions& options, const TopologySpec& topology) {
  const double per_second =
      options.blob_rate * 1000 / topology.kind->PaceOf(topology).block_interval().count();
  // A dispersal takes a second or so, on a busy machine several; what is due waits for none.
  return std::clamp(static_cast<int>(std::ceil(5 * per_second)), 3, 32);
}

absl::Status DriveBlobs(WorkloadRun& run, const DataAvailabilityOptions& options) {
  const TopologySpec& topology = run.context().topology();
  if (absl::Status valid = Validate(options, topology); !valid.ok()) return valid;
  return DataAvailabilityDriver(run, options,
                                MakeDataAvailabilityPort(Scaled(kSubmission), Scaled(kDispersal)),
                                SendersFor(options, topology))
      .Run();
}

WorkloadOptions OptionsOf(const DataAvailabilityOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  workload.stop_timeout = Scaled(kDispersal) + 2 * Scaled(kSubmission);
  return workload;
}

absl::Status CheckRate(const std::string& who, const char* field, double rate) {
  if (std::isfinite(rate) && rate >= kLowestRate && rate <= kHighestRate) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      who, field, " is ", rate, " per block; it must be from ", kLowestRate, " to ", kHighestRate));
}

absl::Status CheckPayload(const std::string& who, const PayloadRange& payload) {
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  constexpr auto kUnit = static_cast<int64_t>(kBlobUnit);
  constexpr auto kMost = static_cast<int64_t>(kMostBlobBytes);
  if (payload.min < 1) {
    return refuse("payload.min is ", payload.min, " bytes; it must be at least 1");
  }
  if (payload.max > kMost) {
    return refuse("payload.max is ", payload.max, " bytes; a blob has at most ", kMost);
  }
  if (payload.min > payload.max) {
    return refuse("payload.min is ", payload.min, " bytes, more than payload.max, ", payload.max);
  }
  if ((payload.min + kUnit - 1) / kUnit > payload.max / kUnit) {
    return refuse("payload goes from ", payload.min, " to ", payload.max,
                  " bytes, and no multiple of ", kUnit, ", which a blob's size must be, is there");
  }
  return absl::OkStatus();
}

// What the blobs cost must leave room for blocks.
absl::Status CheckCost(const std::string& who, const DataAvailabilityOptions& options,
                       const TopologySpec& topology) {
  if (!std::isfinite(options.cores) || options.cores <= 0 || options.cores > kMostCores) {
    return absl::InvalidArgumentError(absl::StrCat(
        who, "cores is ", options.cores, "; it must be above 0 and at most ", kMostCores));
  }
  const Pace pace = topology.kind->PaceOf(topology);
  const double interval = pace.block_interval().count() / 1000;
  const double cost = options.blob_rate * kCoreSecondsPerBlob;
  if (cost <= options.cores * interval) return absl::OkStatus();
  const double slot = cost / options.cores * pace.active_slot_coefficient * 1000;
  return absl::InvalidArgumentError(
      absl::StrCat(who, "blob_rate is ", options.blob_rate, " per block, which costs ", cost,
                   " core seconds in each block interval of ", interval, " s, more than cores, ",
                   options.cores, ", allows; .Slot(", static_cast<int64_t>(std::ceil(slot)),
                   "ms) or .cores = ", std::ceil(10 * cost / interval) / 10, " would do"));
}

}  // namespace

DataAvailabilityWorkload::DataAvailabilityWorkload(RunContext& context,
                                                   DataAvailabilityOptions options)
    : Workload(context, OptionsOf(options),
               [options](WorkloadRun& run) { return DriveBlobs(run, options); }) {}

absl::Status Validate(const DataAvailabilityOptions& options, const TopologySpec& topology) {
  const std::string who = absl::StrCat("data availability \"", options.name, "\": ");
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  if (topology.kind != &NomosKind()) return refuse("only Nomos nodes take blobs");
  if (topology.NodesOf(kExecutor).empty()) {
    return refuse("the topology has no executors, which take blobs; add .Executors(1)");
  }
  if (!NomosParametersOf(topology).data_availability.has_value()) {
    return refuse("the topology has no data availability; add .DataAvailability()");
  }
  for (const auto& check :
       {CheckRate(who, "channel_rate", options.channel_rate),
        CheckRate(who, "blob_rate", options.blob_rate), CheckPayload(who, options.payload)}) {
    if (!check.ok()) return check;
  }
  if (!(options.taken >= 0 && options.taken <= 1)) {
    return refuse("taken is ", options.taken, "; it must be from 0 to 1");
  }
  if (options.headroom < 0 || options.headroom > kMostHeadroom) {
    return refuse("headroom is ", options.headroom, " percent; it must be from 0 to ",
                  kMostHeadroom);
  }
  return CheckCost(who, options, topology);
}

}  // namespace gtestnet::nomos
