// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/cfgsync_file.h"

#include <chrono>

#include "core/src/cfgsync/answer.h"

namespace gtestnet {
namespace {

// From BeginChain to the chain's first slot: all learn the start before it comes.
constexpr std::chrono::milliseconds kStartDelay{300};

}  // namespace

cfgsync::Spec CfgsyncSpec(const ClusterSpec& cluster, const Placement& placement) {
  cfgsync::Spec spec;
  spec.cluster = cluster;
  spec.start_delay = kStartDelay;
  // Nodes have to find each other first, which may take longer than a chain bears to be divided.
  spec.hold_start = true;
  const int count = cluster.topology.node_count();
  for (size_t i = 0; i < placement.added_roles.size(); ++i) {
    cfgsync::AddedNode& added = spec.added.emplace_back();
    added.role = placement.added_roles[i];
    for (const Edge& edge : placement.added_edges) {
      if (edge.from == count + static_cast<NodeIndex>(i)) added.dials.push_back(edge.to);
    }
  }
  return spec;
}

void CollectNodeFiles(const ClusterSpec& cluster, const Placement& placement,
                      const std::vector<NodeInfo>& nodes, Collection& collection) {
  const cfgsync::Spec spec = CfgsyncSpec(cluster, placement);
  for (const NodeInfo& node : nodes) {
    const absl::StatusOr<cfgsync::Answer> answer = cfgsync::AnswerFor(spec, node.role, node.name);
    if (!answer.ok()) continue;
    for (const NodeFile& file : answer->setup.files) {
      collection.Write(node.name + "/" + file.path, file.content);
    }
  }
}

}  // namespace gtestnet
