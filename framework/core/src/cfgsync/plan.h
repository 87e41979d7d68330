// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_PLAN_H_
#define GTESTNET_CORE_SRC_CFGSYNC_PLAN_H_

#include <chrono>
#include <cstddef>
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
// Of a plan's file, and of what a node is answered.
inline constexpr size_t kMostPlanBytes = 64 << 20;

// A node, finished. Where it names other nodes' hosts, it has their tokens: see HostToken.
struct PlannedNode {
  std::string name = {};
  std::string role = {};
  std::string directory = {};   // its own, as it sees it
  std::string start_file = {};  // where it looks for the chain's start
  // The chain's start does not wait for it.
  bool late = false;
  // The program absolute, as it is in the image, or a name that is looked for beside
  // cfgsync-client.
  NodeSetup setup = {};
};

// Where nodes show their metrics.
struct PlannedMetrics {
  uint16_t port = 0;
  std::string path = {};
  friend bool operator==(const PlannedMetrics&, const PlannedMetrics&) = default;
};

// All that cfgsync knows of a run: for each node, whatever its kind, the files and the command that
// make it.
struct Plan {
  std::string run_id = {};
  uint16_t port = kPort;
  // From the moment when the last node has its config to the chain's first slot.
  std::chrono::milliseconds start_delay{500};
  // Whether someone is to begin the chain (POST /start), who waits until the nodes have found each
  // other. Else it begins by itself.
  bool hold_start = false;
  // The chain's start, where the writer knows it: milliseconds since the Unix epoch.
  std::optional<int64_t> start = {};
  // Nothing: they show none.
  std::optional<PlannedMetrics> metrics = {};
  std::vector<PlannedNode> nodes = {};

  // Null: there is no such node.
  const PlannedNode* Find(std::string_view name) const;
  std::vector<std::string> names() const;
};

// JSON. What several files are alike in is written once, under its hash.
std::string WritePlan(const Plan& plan);
// kInvalidArgument, beginning with line and column.
absl::StatusOr<Plan> ReadPlan(std::string_view json);
// The same, of a file, whose path begins the message.
absl::StatusOr<Plan> ReadPlanFile(const std::string& path);

// Stands for the address at which a node finds the one of that name, which is known only where the
// node runs: "member-0.node.gtestnet". It may be in files, arguments and environment.
std::string HostToken(std::string_view name);
// Those of `names` whose tokens the setup has.
std::vector<std::string> TokensIn(const NodeSetup& setup, const std::vector<std::string>& names);
// The setup with hosts in place of tokens. An IPv6 address before a colon is put into brackets.
NodeSetup WithHosts(NodeSetup setup, const std::map<std::string, std::string>& hosts);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_PLAN_H_
