// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/container.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

std::string NameOf(const NodeKind& kind) {
  return absl::StrCat("the kind \"", ToAbsl(kind.name()), "\"");
}

absl::Status NoSuchPort(const NodeKind& kind, const std::string& what, const std::string& port) {
  std::vector<std::string> names;
  for (const PortSpec& one : kind.Ports()) names.push_back(one.name);
  return InvalidArgument(absl::StrCat(NameOf(kind), " names the port \"", port, "\" for ", what,
                                      ", which it does not declare; there are ",
                                      names.empty() ? "none" : absl::StrJoin(names, ", ")));
}

bool HasPort(const NodeKind& kind, const std::string& name) {
  return std::ranges::any_of(kind.Ports(), [&](const PortSpec& port) { return port.name == name; });
}

absl::Status CheckPath(const std::string& who, const char* what, const std::string& path) {
  if (!path.empty() && path[0] == '/') return absl::OkStatus();
  return InvalidArgument(
      absl::StrCat(who, " has the ", what, " \"", path, "\", which is no absolute path"));
}

}  // namespace

absl::Status CheckPorts(const NodeKind& kind) {
  const std::vector<PortSpec> ports = kind.Ports();
  for (auto port = ports.begin(); port != ports.end(); ++port) {
    if (port->name.empty() || port->well_known == 0) {
      return InvalidArgument(absl::StrCat(NameOf(kind), " declares the port \"", port->name, "\": ",
                                          port->well_known, "; a port has a name and a number"));
    }
    for (auto other = ports.begin(); other != port; ++other) {
      if (other->name != port->name && other->well_known != port->well_known) continue;
      return InvalidArgument(absl::StrCat(
          NameOf(kind), " declares the ports \"", other->name, "\": ", other->well_known, " and \"",
          port->name, "\": ", port->well_known, "; names and numbers must differ"));
    }
  }
  const std::optional<MetricsRoute> metrics = kind.Metrics();
  if (metrics && !HasPort(kind, metrics->port)) {
    return NoSuchPort(kind, "its metrics", metrics->port);
  }
  return absl::OkStatus();
}

absl::StatusOr<ContainerSpec> ContainerOf(const NodeKind& kind, std::string_view role) {
  absl::StatusOr<ContainerSpec> said = kind.Container(role);
  if (!said.ok()) return said.status();
  ContainerSpec container = *std::move(said);
  const std::string who =
      absl::StrCat("a container of the role \"", ToAbsl(role), "\" of ", NameOf(kind));
  if (container.image.tag.empty()) return InvalidArgument(who + " has no image");
  if (container.program.empty()) return InvalidArgument(who + " has no program");
  GTESTNET_RETURN_IF_ERROR(CheckPath(who, "program", container.program));
  GTESTNET_RETURN_IF_ERROR(CheckPath(who, "directory", container.directory));
  for (const std::string& volume : container.volumes) {
    GTESTNET_RETURN_IF_ERROR(CheckPath(who, "volume", volume));
  }
  if (container.health_port.empty()) {
    for (const PortSpec& port : kind.Ports()) {
      if (port.for_peers) continue;
      container.health_port = port.name;
      break;
    }
  } else if (!HasPort(kind, container.health_port)) {
    return NoSuchPort(kind, "the health of its containers", container.health_port);
  }
  return container;
}

}  // namespace gtestnet
