// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/node_kind.h"

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/node/container.h"

namespace gtestnet {

absl::StatusOr<ContainerSpec> NodeKind::Container(std::string_view role) const {
  return absl::UnimplementedError(absl::StrCat("the kind \"", ToAbsl(name()),
                                               "\" does not say in which image its role \"",
                                               ToAbsl(role), "\" runs (NodeKind::Container)"));
}

absl::Status NodeKind::SupportedOn(const TopologySpec& topology, std::string_view deployer) const {
  if (deployer != "compose" && deployer != "k8s") return absl::OkStatus();
  for (const Role& role : topology.roles) {
    if (role.count == 0) continue;
    GTESTNET_RETURN_IF_ERROR(ContainerOf(*this, role.name).status());
  }
  return absl::OkStatus();
}

LogHead NodeKind::ParseLog(std::string_view line) const { return ParseLogLine(line); }

}  // namespace gtestnet
