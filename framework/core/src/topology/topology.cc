// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/topology.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/src/topology/bounds.h"
#include "gtestnet/node_kind.h"

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

int TopologySpec::node_count() const {
  int count = 0;
  for (const Role& role : roles) count += role.count;
  return count;
}

std::string TopologySpec::NodeName(NodeIndex node) const {
  int first = 0;
  for (const Role& role : roles) {
    if (node < first + role.count) return absl::StrCat(role.name, "-", node - first);
    first += role.count;
  }
  return absl::StrCat("node-", node);
}

const std::string& TopologySpec::RoleOf(NodeIndex node) const {
  static const std::string none;
  int first = 0;
  for (const Role& role : roles) {
    if (node >= first && node < first + role.count) return role.name;
    first += role.count;
  }
  return none;
}

std::vector<NodeIndex> TopologySpec::NodesOf(std::string_view role) const {
  std::vector<NodeIndex> nodes;
  int first = 0;
  for (const Role& candidate : roles) {
    for (int i = 0; candidate.name == role && i < candidate.count; ++i) nodes.push_back(first + i);
    first += candidate.count;
  }
  return nodes;
}

bool TopologySpec::IsLate(NodeIndex node) const {
  return std::find(late.begin(), late.end(), node) != late.end();
}

std::string TopologySpec::Name() const {
  if (!given_name.empty()) return given_name;
  const std::string_view layout_name = layout.name();
  std::string name(layout_name);
  name += '_';
  for (const Role& role : roles) {
    if (role.count > 0) absl::StrAppend(&name, role.count, role.name.substr(0, 1));
  }
  return name;
}

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
  return kind->Validate(*this);
}

std::ostream& operator<<(std::ostream& os, const TopologySpec& topology) {
  os << topology.Name() << " (" << topology.layout.name();
  for (const Role& role : topology.roles) {
    if (role.count > 0) os << ", " << role.count << ' ' << role.name << (role.count > 1 ? "s" : "");
  }
  return os << ')';
}

}  // namespace gtestnet
