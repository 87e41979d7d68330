// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/runner.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

absl::Status Bad(const std::string& path, const std::string& why) {
  return InvalidArgument("GTESTNET_REPLAY=" + path + ": " + why);
}

// Why the record's faults cannot be made to nodes of this topology, or "".
std::string Misfit(const RunRecord& record, const TopologySpec& topology) {
  const std::string name = topology.Name();
  if (record.topology != name) {
    return absl::StrCat("it was made on ", record.topology, ", not on ", name);
  }
  const std::string layout(topology.layout.name());
  if (record.layout != layout) {
    return absl::StrCat("it was made when ", name, " was a ", record.layout, ", not a ", layout);
  }
  const NodeIndex count = topology.node_count();
  for (NodeIndex node = 0; node < count; ++node) {
    const auto i = static_cast<size_t>(node);
    const std::string then = i < record.nodes.size() ? record.nodes[i].name : "none";
    const std::string now = topology.NodeName(node);
    if (then != now) {
      return absl::StrCat("its node ", node, " is ", then, ", which is ", now, " in ", name);
    }
  }
  for (const FaultRecord& fault : record.faults) {
    // Nodes that join come after those of the topology. One of them may have been chosen.
    const bool joined = std::ranges::any_of(record.faults, [&](const FaultRecord& one) {
      return one.fault == "join" && one.node == fault.node;
    });
    if (fault.fault == "join" || joined || fault.node < count) continue;
    return absl::StrCat("it has a ", fault.fault, " of node ", fault.node, ", and ", name,
                        " has no node beyond ", count - 1);
  }
  return "";
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RunRecord>> ReplayWanted(std::string_view test,
                                                              const TopologySpec& topology) {
  const std::optional<std::string> named = VariableValue("GTESTNET_REPLAY");
  if (!named) return std::shared_ptr<const RunRecord>();
  std::error_code error;
  std::filesystem::path path = *named;
  if (std::filesystem::is_directory(path, error)) path /= "record.json";
  absl::StatusOr<RunRecord> record = RunRecord::FromFile(path);
  if (!record.ok()) {
    // It begins with the path, which may be the one that is named.
    std::string why(record.status().message());
    if (why.rfind(*named + ": ", 0) == 0) why.erase(0, named->size() + 2);
    return Bad(*named, why);
  }
  if (record->test != test) {
    return Bad(*named, "it is the record of " + record->test + ", not of " + std::string(test) +
                           "; run that one alone");
  }
  if (const std::string misfit = Misfit(*record, topology); !misfit.empty()) {
    return Bad(*named, misfit);
  }
  return std::make_shared<const RunRecord>(*std::move(record));
}

}  // namespace gtestnet
