// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/cfgsync/spec.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/read_file.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cfgsync/plan_nodes.h"
#include "core/src/topology/bounds.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/cfgsync/yaml_tree.h"
#include "nomos/src/scenario/topology_reader.h"

namespace gtestnet::nomos {
namespace {

constexpr std::chrono::milliseconds kLongestDelay = std::chrono::minutes(10);

absl::Status ReadText(const char* name, const JsonTree& value, std::string* into) {
  absl::Status read = gtestnet::ReadText(name, value, into);
  if (read.ok() && into->empty()) {
    return ErrorAt(value.position, absl::StrCat("\"", name, "\" must not be empty"));
  }
  return read;
}

absl::Status ReadPort(const JsonTree& value, uint16_t* port) {
  int number = 0;
  GTESTNET_RETURN_IF_ERROR(ReadInt("port", value, &number));
  if (number < 0 || number > 65535) {
    return ErrorAt(value.position, absl::StrCat("\"port\" is ", number,
                                                "; it must be from 0 (a free one) to "
                                                "65535"));
  }
  *port = static_cast<uint16_t>(number);
  return absl::OkStatus();
}

absl::Status ReadDelay(const JsonTree& value, std::chrono::milliseconds* delay) {
  Timespan span;
  GTESTNET_RETURN_IF_ERROR(ReadTimespan("start_delay", value, &span));
  *delay = span.At(Pace());
  if (value.text.find(' ') != std::string::npos || *delay > kLongestDelay) {
    return ErrorAt(value.position,
                   "\"start_delay\" must be a real time of at most ten minutes, such as \"500ms\"");
  }
  return absl::OkStatus();
}

absl::Status ReadStart(const JsonTree& value, std::optional<int64_t>* start) {
  uint64_t number = 0;
  GTESTNET_RETURN_IF_ERROR(ReadUnsigned("start", value, &number));
  if (number > uint64_t{1} << 52) {
    return ErrorAt(value.position, "\"start\" must be milliseconds since the Unix epoch");
  }
  *start = static_cast<int64_t>(number);
  return absl::OkStatus();
}

// An absolute path, as the config of a node needs it.
absl::Status ReadDirectory(const JsonTree& value, std::string* directory) {
  GTESTNET_RETURN_IF_ERROR(ReadText("directory", value, directory));
  if (directory->front() == '/') return absl::OkStatus();
  return ErrorAt(value.position, "\"directory\" must be an absolute path");
}

// Nodes by their names, added ones included.
class NameBook {
 public:
  explicit NameBook(const TopologySpec& topology) : topology_(topology) {
    for (const Role& role : topology.roles) counts_[role.name] = role.count;
  }

  // "validator-4"; the next one of its role.
  void Add(const std::string& role) {
    added_.emplace(absl::StrCat(role, "-", counts_[role]++),
                   topology_.node_count() + static_cast<NodeIndex>(added_.size()));
  }
  absl::StatusOr<NodeIndex> Find(const std::string& name, TextPosition position) const {
    const auto found = added_.find(name);
    return found == added_.end() ? FindNode(topology_, name, position) : found->second;
  }
  int nodes() const { return topology_.node_count() + static_cast<int>(added_.size()); }
  bool HasRole(const std::string& role) const { return counts_.contains(role); }

 private:
  const TopologySpec& topology_;
  std::map<std::string, int> counts_;  // by role
  std::map<std::string, NodeIndex> added_;
};

absl::Status ReadAdded(const JsonTree& value, Spec* spec, NameBook& names) {
  for (const JsonTree* one : OneOrMany(value)) {
    AddedNode added;
    ObjectReader reader("added");
    reader.Required("role", [&](const JsonTree& v) -> absl::Status {
      GTESTNET_RETURN_IF_ERROR(ReadText("role", v, &added.role));
      if (names.HasRole(added.role)) return absl::OkStatus();
      return ErrorAt(v.position,
                     absl::StrCat("there is no role \"", added.role.substr(0, 60), "\""));
    });
    reader.Field("dials", [&](const JsonTree& v) -> absl::Status {
      GTESTNET_RETURN_IF_ERROR(CheckCount("dials", v, kMostNodes));
      for (const JsonTree* peer : OneOrMany(v)) {
        std::string name;
        GTESTNET_RETURN_IF_ERROR(ReadText("dials", *peer, &name));
        GTESTNET_ASSIGN_OR_RETURN(const NodeIndex node, names.Find(name, peer->position));
        added.dials.push_back(node);
      }
      return absl::OkStatus();
    });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    if (names.nodes() >= kMostNodes) {
      return ErrorAt(one->position,
                     absl::StrCat("with added ones there are more than ", kMostNodes, " nodes"));
    }
    names.Add(added.role);
    spec->added.push_back(std::move(added));
  }
  return absl::OkStatus();
}

absl::Status ReadHosts(const JsonTree& value, const NameBook& names, Spec* spec) {
  if (value.type != JsonTree::Type::kObject) {
    return ErrorAt(value.position,
                   absl::StrCat("\"hosts\" must be an object, not ", Describe(value)));
  }
  for (const JsonTree::Member& member : value.members) {
    GTESTNET_RETURN_IF_ERROR(names.Find(member.name, member.position).status());
    GTESTNET_RETURN_IF_ERROR(ReadText("hosts", member.value, &spec->hosts[member.name]));
  }
  return absl::OkStatus();
}

// Of all nodes, by index.
std::vector<std::string> NodeNames(const Spec& spec, const Placement& placement) {
  const int count =
      spec.cluster.topology.node_count() + static_cast<int>(placement.added_roles.size());
  std::vector<std::string> names;
  for (NodeIndex node = 0; node < count; ++node) {
    names.push_back(placement.NodeName(spec.cluster.topology, node));
  }
  return names;
}

// Whether a file is one for ReadPlan: an object that lists its nodes.
bool IsPlan(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{') return false;
  const absl::StatusOr<JsonTree> tree = ParseJsonTree(text, cfgsync::kMostPlanBytes);
  return tree.ok() && std::ranges::any_of(tree->members, [](const JsonTree::Member& member) {
           return member.name == "nodes";
         });
}

}  // namespace

absl::StatusOr<Spec> ReadSpec(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseYamlTree(text));
  Spec spec;
  ClusterSpec& cluster = spec.cluster;
  std::optional<NameBook> names;
  ObjectReader reader("cfgsync.yaml");
  reader.Required("run", [&](const JsonTree& v) { return ReadText("run", v, &cluster.run_id); })
      .Field("test", [&](const JsonTree& v) { return ReadText("test", v, &cluster.test); })
      .Required("seed", [&](const JsonTree& v) { return ReadUnsigned("seed", v, &cluster.seed); })
      .Required("topology",
                [&](const JsonTree& v) -> absl::Status {
                  GTESTNET_ASSIGN_OR_RETURN(cluster.topology, ReadTopology(v));
                  names.emplace(cluster.topology);
                  return absl::OkStatus();
                })
      .Field("added", [&](const JsonTree& v) { return ReadAdded(v, &spec, *names); })
      .Field("hosts", [&](const JsonTree& v) { return ReadHosts(v, *names, &spec); })
      .Field("listen",
             [&](const JsonTree& v) { return gtestnet::ReadText("listen", v, &spec.listen); })
      .Field("directory", [&](const JsonTree& v) { return ReadDirectory(v, &spec.directory); })
      .Field("port", [&](const JsonTree& v) { return ReadPort(v, &spec.port); })
      .Field("start_delay", [&](const JsonTree& v) { return ReadDelay(v, &spec.start_delay); })
      .Field("hold_start",
             [&](const JsonTree& v) { return ReadBool("hold_start", v, &spec.hold_start); })
      .Field("start", [&](const JsonTree& v) { return ReadStart(v, &spec.start); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  return spec;
}

absl::StatusOr<cfgsync::Plan> PlanOf(const Spec& spec) {
  const TopologySpec& topology = spec.cluster.topology;
  Placement placement;
  placement.listen_host = spec.listen;
  for (const AddedNode& added : spec.added) {
    const auto node = topology.node_count() + static_cast<NodeIndex>(placement.added_roles.size());
    placement.added_roles.push_back(added.role);
    for (const NodeIndex dialled : added.dials) placement.added_edges.push_back({node, dialled});
  }
  const std::vector<std::string> names = NodeNames(spec, placement);
  for (const std::string& name : names) {
    const auto host = spec.hosts.find(name);
    NodeAddress& address = placement.addresses.emplace_back();
    address.host = host == spec.hosts.end() ? cfgsync::HostToken(name) : host->second;
  }
  cfgsync::Plan plan;
  plan.run_id = spec.cluster.run_id;
  plan.port = spec.port;
  plan.start_delay = spec.start_delay;
  plan.hold_start = spec.hold_start;
  plan.start = spec.start;
  GTESTNET_RETURN_IF_ERROR(cfgsync::PlanNodes(
      spec.cluster, std::move(placement),
      [&](std::string_view role, const std::string& name) -> absl::StatusOr<cfgsync::NodePlace> {
        GTESTNET_ASSIGN_OR_RETURN(const ContainerSpec container, topology.kind->Container(role));
        return cfgsync::NodePlace{
            .program = std::filesystem::path(container.program).filename(),
            .directory = absl::StrReplaceAll(spec.directory, {{"{name}", name}})};
      },
      &plan));
  return plan;
}

absl::StatusOr<cfgsync::Plan> ReadSpecOrPlanFile(const std::string& path) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, cfgsync::kMostPlanBytes));
  const auto read = [&]() -> absl::StatusOr<cfgsync::Plan> {
    if (IsPlan(text)) return cfgsync::ReadPlan(text);
    GTESTNET_ASSIGN_OR_RETURN(const Spec spec, ReadSpec(text));
    return PlanOf(spec);
  };
  absl::StatusOr<cfgsync::Plan> plan = read();
  if (!plan.ok()) return MakeStatus(plan.status().code(), path + ":" + MessageOf(plan.status()));
  return plan;
}

}  // namespace gtestnet::nomos
