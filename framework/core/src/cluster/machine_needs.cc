// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/machine_needs.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "core/src/base/status.h"
#include "core/src/base/temporary_directory.h"

namespace gtestnet {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

// The most neighbours that a node of it has.
int64_t DegreeOf(const TopologySpec& topology) {
  size_t most = 0;
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    most = std::max(most, topology.layout.Neighbours(node, topology.node_count()).size());
  }
  return static_cast<int64_t>(most);
}

int64_t AmountOf(const std::vector<Need>& needs, Resource resource) {
  for (const Need& need : needs) {
    if (need.resource == resource) return need.amount;
  }
  return 0;
}

}  // namespace

std::vector<Need> NeedsOf(const TopologySpec& topology, bool nodes_run_here) {
  const int64_t nodes = topology.node_count();
  // One that samples for each of a few nodes, one for the stream of each, and those of workloads.
  const int64_t threads = 8 + std::min<int64_t>(nodes, 8) + nodes;
  // Each of the program's threads has a stack, and the allocator a region for each, up to eight a
  // core.
  const int64_t cores = std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L);
  const int64_t address_space = 64 + 8 * threads + 64 * std::min(threads, 8 * cores);
  std::vector<Need> needs = {{Resource::kDescriptors, 16 + 5 * nodes},
                             {Resource::kTasks, 2 + threads},
                             {Resource::kSpace, kMebibyte},
                             {Resource::kFiles, 16},
                             {Resource::kFileSize, kMebibyte},
                             {Resource::kAddressSpace, address_space * kMebibyte}};
  if (!nodes_run_here) return needs;
  // An scout has a second thread. A node's database and its journal grow to 4 MiB.
  const int64_t node_threads = 2 * nodes;
  for (const Need& more :
       {Need{Resource::kNodeDescriptors, 32 + DegreeOf(topology)},
        Need{Resource::kTasks, node_threads}, Need{Resource::kSpace, 4 * nodes * kMebibyte},
        Need{Resource::kFiles, 8 * nodes}, Need{Resource::kFileSize, 8 * kMebibyte},
        Need{Resource::kMemory, (16 + 4 * nodes) * kMebibyte}}) {
    const auto known = std::find_if(needs.begin(), needs.end(), [&](const Need& need) {
      return need.resource == more.resource;
    });
    if (known == needs.end()) {
      needs.push_back(more);
    } else {
      known->amount += more.amount;
    }
  }
  return needs;
}

absl::Status CheckMachine(const TopologySpec& topology, bool nodes_run_here) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string temporary, TemporaryDirectory());
  const std::vector<Need> needs = NeedsOf(topology, nodes_run_here);
  RaiseSoftLimits(AmountOf(needs, Resource::kDescriptors),
                  AmountOf(needs, Resource::kNodeDescriptors),
                  AmountOf(needs, Resource::kFileSize));
  const std::string who =
      topology.node_count() == 1 ? "one node" : std::to_string(topology.node_count()) + " nodes";
  return CheckNeeds(who, needs, ReadLimits({.directory = temporary}));
}

}  // namespace gtestnet
