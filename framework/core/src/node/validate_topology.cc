// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/src/node/container.h"
#include "core/src/topology/bounds.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/topology.h"

namespace gtestnet {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

absl::Status ValidateRoles(const std::vector<Role>& roles) {
  int64_t total = 0;
  for (const Role& role : roles) {
    if (role.name.empty()) return absl::InvalidArgumentError("topology: a role has no name");
    if (role.count < 0) {
      return absl::InvalidArgumentError(absl::StrCat("topology: the number of nodes of role ",
                                                     role.name, " is ", role.count,
                                                     "; it must not be negative"));
    }
    total += role.count;
  }
  if (total == 0) {
    return absl::InvalidArgumentError("topology: it has no nodes; it needs at least one");
  }
  if (total > kMostNodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("topology: it has ", total, " nodes; at most ", kMostNodes, " are possible"));
  }
  return absl::OkStatus();
}

absl::Status NoSuchNode(const char* what, NodeIndex node, int nodes) {
  return absl::InvalidArgumentError(absl::StrCat("topology: ", what, " names node ", node,
                                                 ", but nodes go from 0 to ", nodes - 1));
}

}  // namespace

absl::Status TopologySpec::Validate() const {
  if (absl::Status s = ValidateRoles(roles); !s.ok()) return s;
  const int nodes = node_count();
  if (absl::Status s = layout.Validate(nodes); !s.ok()) return s;
  for (char c : given_name) {
    if (IsNameCharacter(c)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "topology: its name \"", given_name, "\" may have letters, digits and underscores only"));
  }
  const std::set<NodeIndex> absent(late.begin(), late.end());
  for (NodeIndex node : absent) {
    if (node < 0 || node >= nodes) return NoSuchNode("Late", node, nodes);
  }
  if (static_cast<int>(absent.size()) == nodes) {
    return absl::InvalidArgumentError(
        "topology: all of its nodes are late; at least one must start with the cluster");
  }
  for (const auto& [node, argument] : extra_arguments) {
    if (node < 0 || node >= nodes) return NoSuchNode("an argument", node, nodes);
  }
  if (kind == nullptr) {
    return absl::InvalidArgumentError(
        "topology: it has no kind of node; use a topology builder, such as Topology");
  }
  if (absl::Status s = CheckPorts(*kind); !s.ok()) return s;
  return kind->Validate(*this);
}

}  // namespace gtestnet
