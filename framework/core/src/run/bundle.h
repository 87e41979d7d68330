// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_BUNDLE_H_
#define GTESTNET_CORE_SRC_RUN_BUNDLE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
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

// Where the bundle of a run goes: <GTESTNET_ARTIFACTS>/<test>.<run id>, absolute.
std::string BundlePath(std::string_view test, const std::string& run_id);

// Writes a bundle, the record first, and each thing on its own: what cannot be had is said in its
// SUMMARY.txt. Only a directory or a record that cannot be written is an error. `rerun` is a
// command line.
absl::Status WriteBundle(const RunRecord& record, const BackendCluster& cluster,
                         const std::string& directory, const std::string& rerun);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_BUNDLE_H_
