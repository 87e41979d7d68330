// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/setup.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

absl::Status CheckFiles(const NodeSetup& setup, const std::string& who) {
  std::set<std::string> paths;
  for (const NodeFile& file : setup.files) {
    if (!IsBelowDirectory(file.path)) {
      return InvalidArgument(absl::StrCat(who, " a file \"", file.path,
                                          "\", which is not below the node's directory"));
    }
    if (!paths.insert(file.path).second) {
      return InvalidArgument(absl::StrCat(who, " two files \"", file.path, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsBelowDirectory(const std::string& path) {
  return !path.empty() && path[0] != '/' && ("/" + path + "/").find("/../") == std::string::npos;
}

absl::StatusOr<NodeSetup> SetupOf(const ClusterSpec& spec, const Placement& placement,
                                  NodeIndex node) {
  const NodeKind& kind = *spec.topology.kind;
  GTESTNET_ASSIGN_OR_RETURN(NodeSetup setup, kind.Setup(spec, placement, node));
  GTESTNET_RETURN_IF_ERROR(
      CheckFiles(setup, absl::StrCat("the kind \"", ToAbsl(kind.name()), "\" gives ",
                                     placement.NodeName(spec.topology, node))));
  for (const auto& [of, argument] : spec.topology.extra_arguments) {
    if (of != node || std::ranges::find(setup.arguments, argument) != setup.arguments.end())
      continue;
    setup.arguments.push_back(argument);
  }
  return setup;
}

}  // namespace gtestnet
