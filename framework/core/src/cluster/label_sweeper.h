// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_LABEL_SWEEPER_H_
#define GTESTNET_CORE_SRC_CLUSTER_LABEL_SWEEPER_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/label_sweep.h"

namespace gtestnet {

// kInvalidArgument for one without a command.
absl::Status CheckSweeps(const std::vector<LabelSweep>& sweeps);

// What the sweeps list, all together. kUnavailable where a command fails.
absl::StatusOr<std::vector<std::string>> ListBySweeps(const std::vector<LabelSweep>& sweeps);

struct LabelSweepTimes {
  // Between two listings in a row that must both be empty.
  std::chrono::milliseconds settle{0};
  std::chrono::milliseconds timeout{60000};
  // How long the commands may fail.
  std::chrono::milliseconds patience{10000};
};
// Removes what the sweeps list until nothing is left. kDeadlineExceeded says what is; kUnavailable
// which command fails, and how.
absl::Status RunSweeps(const std::string& run_id, const std::vector<LabelSweep>& sweeps,
                       const LabelSweepTimes& times);

// As JSON, for a ledger, a note and a command line. kInvalidArgument for a text that is none.
std::string WriteSweeps(const std::vector<LabelSweep>& sweeps);
absl::StatusOr<std::vector<LabelSweep>> ReadSweeps(std::string_view text);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_LABEL_SWEEPER_H_
