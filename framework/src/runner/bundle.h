// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_RUNNER_BUNDLE_H_
#define GTESTNET_SRC_RUNNER_BUNDLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gtestnet/deployer.h"
#include "gtestnet/record.h"

namespace gtestnet {

// A test's name as that of a directory: [A-Za-z0-9_.-], not too long, never empty.
std::string SanitisedName(std::string_view test);

// What happened, one line an event.
std::string EventsText(const RunRecord& record);
// The whole run for a human: what it was, whether and why it broke, each verdict with required and
// observed, workloads, nodes at the end.
std::string SummaryText(const RunRecord& record, std::string_view rerun);

struct BundlePlan {
  std::string parent;  // where bundles go
  std::string rerun;   // a command line
};
// Writes a new directory <parent>/<test>.<n>, n being the first that is free, and returns its path.
// What cannot be collected is said in the bundle's SUMMARY.txt; only a directory or a record that
// cannot be written is an error.
absl::StatusOr<std::string> WriteBundle(const RunRecord& record, const BackendCluster& cluster,
                                        const BundlePlan& plan);

}  // namespace gtestnet

#endif  // GTESTNET_SRC_RUNNER_BUNDLE_H_
