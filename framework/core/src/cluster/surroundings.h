// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_SURROUNDINGS_H_
#define GTESTNET_CORE_SRC_CLUSTER_SURROUNDINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// Where the variable of its kind (NodeKind::LogDirectoryVariable) wants the logs of that run: a
// directory of its own there, which is made. Empty if the variable is not set, or there is none.
absl::StatusOr<std::string> MakeLogDirectory(const ClusterSpec& spec);
// "etcd-3": a node's log there, by its program and index.
std::string LogFileName(const std::string& program, int node);
// The latest file there of a node that names its log itself, so or with more after a dot. Empty if
// there is none.
std::string FindLogFile(const std::string& directory, int node);

// Those above it, too.
absl::Status MakeDirectories(const std::string& path);

// "DOCKER_HOST=unix:///… /…/bin/gtestnet clean 3f…": what removes a run, to be pasted into any
// shell.
std::string CleanCommand(const std::string& run_id);

// What this machine has of a run: "process 17 (some-node)", "directory /tmp/gtestnet.3f…".
std::vector<std::string> LeftOnThisMachine(const std::string& run_id);
// OK if nothing is in the list, else kInternal.
absl::Status NothingIsLeft(const std::string& run_id, const std::vector<std::string>& left);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_SURROUNDINGS_H_
