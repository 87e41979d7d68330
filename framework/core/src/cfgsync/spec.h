// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_SPEC_H_
#define GTESTNET_CORE_SRC_CFGSYNC_SPEC_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::cfgsync {

inline constexpr uint16_t kPort = 4400;

// A node that was added to the running cluster: its role, and whom it dials.
struct AddedNode {
  std::string role;
  std::vector<NodeIndex> dials;
};

// All that cfgsync knows of a run: the file cfgsync.yaml (assets/stack/README.md) as a value.
struct Spec {
  // Its kind must be NomosKind().
  ClusterSpec cluster;
  std::vector<AddedNode> added = {};
  // Where peers find a node, by its name. Default: under its name.
  std::map<std::string, std::string> hosts = {};
  // At what address nodes listen; empty: each at its own.
  std::string listen = "0.0.0.0";
  // The node's own directory, as the node sees it; "{name}" in it stands for the node's name.
  std::string directory = "/var/lib/nomos";
  uint16_t port = kPort;
  // From the moment when the last node has its config to the chain's first slot.
  std::chrono::milliseconds start_delay{500};
  // Whether someone is to begin the chain (POST /start), who waits until the nodes have found each
  // other. Else it begins by itself.
  bool hold_start = false;
  // The chain's start, where the writer knows it: milliseconds since the Unix epoch.
  std::optional<int64_t> start = {};
};

// kInvalidArgument for what the file cannot hold: another kind's topology, edges of an added node
// that others dial.
absl::StatusOr<std::string> WriteSpec(const Spec& spec);
// kInvalidArgument, beginning with line and column. YAML, hence also JSON.
absl::StatusOr<Spec> ReadSpec(std::string_view text);
// The same, of a file, whose path begins the message.
absl::StatusOr<Spec> ReadSpecFile(const std::string& path);

int NodeCount(const Spec& spec);
// Of all nodes, by index.
std::vector<std::string> NodeNames(const Spec& spec);
// As the nodes see it; `node` owns the directory.
Placement PlacementOf(const Spec& spec, NodeIndex node);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_SPEC_H_
