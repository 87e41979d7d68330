// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CFGSYNC_SPEC_H_
#define GTESTNET_NOMOS_SRC_CFGSYNC_SPEC_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/cfgsync/plan.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::nomos {

// A node that was added to the running cluster: its role, and whom it dials.
struct AddedNode {
  std::string role;
  std::vector<NodeIndex> dials;
};

// A network as people write it for cfgsync: the file cfgsync.yaml (assets/stack/README.md) as a
// value.
struct Spec {
  ClusterSpec cluster;
  std::vector<AddedNode> added = {};
  // Where peers find a node, by its name. Default: under its name.
  std::map<std::string, std::string> hosts = {};
  // At what address nodes listen; empty: each at its own.
  std::string listen = "0.0.0.0";
  // The node's own directory, as the node sees it; "{name}" in it stands for the node's name.
  std::string directory = "/var/lib/nomos";
  uint16_t port = cfgsync::kPort;
  // From the moment when the last node has its config to the chain's first slot.
  std::chrono::milliseconds start_delay{500};
  // Whether someone is to begin the chain (POST /start), who waits until the nodes have found each
  // other. Else it begins by itself.
  bool hold_start = false;
  // The chain's start, where the writer knows it: milliseconds since the Unix epoch.
  std::optional<int64_t> start = {};
};

// kInvalidArgument, beginning with line and column. YAML, hence also JSON.
absl::StatusOr<Spec> ReadSpec(std::string_view text);
// What cfgsync serves of it. Programs are named, and stand beside cfgsync-client.
absl::StatusOr<cfgsync::Plan> PlanOf(const Spec& spec);
// The plan of a file that holds a spec, or a plan. Messages begin with its path.
absl::StatusOr<cfgsync::Plan> ReadSpecOrPlanFile(const std::string& path);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CFGSYNC_SPEC_H_
