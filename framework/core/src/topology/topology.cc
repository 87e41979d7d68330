// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/topology.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gtestnet {
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

const std::string& TopologySpec::DefaultRole() const {
  static const std::string none;
  for (const Role& role : roles) {
    if (role.count > 0) return role.name;
  }
  return none;
}

absl::Status TopologySpec::CheckRole(std::string_view role) const {
  std::vector<std::string> names;
  for (const Role& one : roles) {
    if (one.name == role) return absl::OkStatus();
    names.push_back(one.name);
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no role \"", std::string(role),
                                                 "\"; there are ", absl::StrJoin(names, ", ")));
}

std::ostream& operator<<(std::ostream& os, const TopologySpec& topology) {
  os << topology.Name() << " (" << topology.layout.name();
  for (const Role& role : topology.roles) {
    if (role.count > 0) os << ", " << role.count << ' ' << role.name << (role.count > 1 ? "s" : "");
  }
  return os << ')';
}

}  // namespace gtestnet
