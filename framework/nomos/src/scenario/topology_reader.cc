// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/scenario/topology_reader.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "gtestnet/known_kinds.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

absl::Status ReadEdges(const JsonTree& value, std::vector<Edge>* edges) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"edges\" must be an array of pairs, not ", Describe(value)));
  }
  for (const JsonTree& pair : value.elements) {
    if (pair.type != JsonTree::Type::kArray || pair.elements.size() != 2) {
      return ErrorAt(pair.position,
                     "an edge must be a pair of node numbers, [from, to]: from dials to");
    }
    Edge edge;
    GTESTNET_RETURN_IF_ERROR(ReadInt("from", pair.elements[0], &edge.from));
    GTESTNET_RETURN_IF_ERROR(ReadInt("to", pair.elements[1], &edge.to));
    edges->push_back(edge);
  }
  return absl::OkStatus();
}

absl::StatusOr<Layout> ReadLayout(const JsonTree& value) {
  if (value.type == JsonTree::Type::kObject) {
    std::vector<Edge> edges;
    ObjectReader reader("layout");
    reader.Required("edges", [&](const JsonTree& v) { return ReadEdges(v, &edges); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(value));
    return Layout::Custom(std::move(edges));
  }
  for (const Layout& layout :
       {Layout::Star(), Layout::Chain(), Layout::Ring(), Layout::FullMesh()}) {
    if (value.type == JsonTree::Type::kString && layout.name() == value.text) return layout;
  }
  return ErrorAt(value.position,
                 absl::StrCat("\"layout\" must be \"star\", \"chain\", \"ring\", \"mesh\" or "
                              "{\"edges\": [[1, 0], …]}, not ",
                              Describe(value)));
}

// A member of an object, by node: {"validator-0": …}.
absl::Status ForEachNode(const JsonTree& value, const std::string& name,
                         const TopologySpec& topology,
                         const std::function<absl::Status(NodeIndex, const JsonTree&)>& read) {
  if (value.type != JsonTree::Type::kObject) {
    return ErrorAt(value.position,
                   absl::StrCat("\"", name, "\" must be an object, not ", Describe(value)));
  }
  for (const JsonTree::Member& member : value.members) {
    GTESTNET_ASSIGN_OR_RETURN(const NodeIndex node,
                              FindNode(topology, member.name, member.position));
    GTESTNET_RETURN_IF_ERROR(read(node, member.value));
  }
  return absl::OkStatus();
}

// A number of `set`, of the topology.
auto IntField(const std::string& name, Topology* topology, Topology& (Topology::*set)(int)) {
  return [=](const JsonTree& value) -> absl::Status {
    int number = 0;
    GTESTNET_RETURN_IF_ERROR(ReadInt(name, value, &number));
    (topology->*set)(number);
    return absl::OkStatus();
  };
}

absl::Status ReadCoefficient(const JsonTree& value, Topology* topology) {
  // A number is taken as it is written: it is a decimal, not a floating-point number.
  if (value.type != JsonTree::Type::kString && value.type != JsonTree::Type::kNumber) {
    return ErrorAt(value.position, absl::StrCat("\"active_slot_coefficient\" must be a decimal "
                                                "fraction such as 0.9, not ",
                                                Describe(value)));
  }
  topology->ActiveSlotCoefficient(value.text);
  return absl::OkStatus();
}

absl::Status ReadSlot(const JsonTree& value, Topology* topology) {
  Timespan slot;
  GTESTNET_RETURN_IF_ERROR(ReadTimespan("slot", value, &slot));
  if (value.text.find(' ') != std::string::npos) {
    return ErrorAt(value.position, "\"slot\" must be a real time, such as \"200ms\"");
  }
  topology->Slot(slot.At(Pace()));
  return absl::OkStatus();
}

// What names nodes is read last, when it is known which there are.
void AddNodeFields(ObjectReader& reader, Topology* topology) {
  reader.Field("stake", [=](const JsonTree& v) {
    return ForEachNode(v, "stake", topology->spec(), [=](NodeIndex node, const JsonTree& stake) {
      uint64_t value = 0;
      absl::Status read = ReadUnsigned("stake", stake, &value);
      if (read.ok()) topology->Stake(node, value);
      return read;
    });
  });
  reader.Field("misbehave", [=](const JsonTree& v) {
    return ForEachNode(v, "misbehave", topology->spec(), [=](NodeIndex node, const JsonTree& what) {
      std::string words;
      absl::Status read = ReadText("misbehave", what, &words);
      if (read.ok()) topology->Misbehave(node, words);
      return read;
    });
  });
}

// What topologies of all kinds have. What names nodes is read last.
template <class Builder>
void AddCommonFields(ObjectReader& reader, Builder* topology) {
  reader.Field("name", [=](const JsonTree& v) {
    std::string name;
    absl::Status read = ReadText("name", v, &name);
    if (read.ok()) topology->Named(name);
    return read;
  });
  reader.Field("seed", [=](const JsonTree& v) {
    uint64_t seed = 0;
    absl::Status read = ReadUnsigned("seed", v, &seed);
    if (read.ok()) topology->Seed(seed);
    return read;
  });
  reader.Field("arguments", [=](const JsonTree& v) {
    return ForEachNode(v, "arguments", topology->spec(), [=](NodeIndex node, const JsonTree& all) {
      for (const JsonTree* one : OneOrMany(all)) {
        std::string argument;
        GTESTNET_RETURN_IF_ERROR(ReadText("arguments", *one, &argument));
        topology->Argument(node, argument);
      }
      return absl::OkStatus();
    });
  });
  reader.Field("late", [=](const JsonTree& v) -> absl::Status {
    std::vector<NodeIndex> nodes;
    GTESTNET_RETURN_IF_ERROR(ReadNodes("late", v, topology->spec(), &nodes));
    for (NodeIndex node : nodes) topology->Late(node);
    return absl::OkStatus();
  });
}

absl::Status ReadDataAvailability(const JsonTree& value, Topology* topology) {
  DataAvailabilityParameters da;
  ObjectReader reader("data_availability");
  reader
      .Field("replication",
             [&](const JsonTree& v) { return ReadInt("replication", v, &da.replication); })
      .Field("samples", [&](const JsonTree& v) { return ReadInt("samples", v, &da.samples); })
      .Field("check_slots",
             [&](const JsonTree& v) { return ReadInt64("check_slots", v, &da.check_slots); })
      .Field("retention_slots", [&](const JsonTree& v) {
        return ReadInt64("retention_slots", v, &da.retention_slots);
      });
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  topology->DataAvailability(da);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NodeIndex> FindNode(const TopologySpec& topology, const std::string& name,
                                   TextPosition position) {
  // A node's name is its role and its number there.
  const size_t dash = name.rfind('-');
  const std::string role = name.substr(0, dash);
  int number = 0;
  if (dash != name.npos && absl::SimpleAtoi(name.substr(dash + 1), &number) && number >= 0) {
    NodeIndex first = 0;
    for (const Role& one : topology.roles) {
      if (one.name == role && number < one.count && topology.NodeName(first + number) == name) {
        return first + number;
      }
      first += one.count;
    }
  }
  return ErrorAt(position, NoSuchNode(topology, name));
}

std::string NoSuchNode(const TopologySpec& topology, std::string_view name) {
  constexpr NodeIndex kMostNames = 20;
  std::vector<std::string> names;
  for (NodeIndex node = 0; node < std::min(topology.node_count(), kMostNames); ++node) {
    names.push_back(topology.NodeName(node));
  }
  std::string text = absl::StrCat("there is no node \"", ToAbsl(name.substr(0, 60)),
                                  "\"; there are ", absl::StrJoin(names, ", "));
  if (topology.node_count() > kMostNames) {
    absl::StrAppend(&text, " and ", topology.node_count() - kMostNames, " more");
  }
  return text;
}

absl::Status ReadNodes(const std::string& name, const JsonTree& value, const TopologySpec& topology,
                       std::vector<NodeIndex>* into) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"", name, "\" must be an array of names, not ", Describe(value)));
  }
  std::set<NodeIndex> seen;
  for (const JsonTree& element : value.elements) {
    std::string node_name;
    GTESTNET_RETURN_IF_ERROR(ReadText(name, element, &node_name));
    GTESTNET_ASSIGN_OR_RETURN(const NodeIndex node,
                              FindNode(topology, node_name, element.position));
    if (!seen.insert(node).second) {
      return ErrorAt(element.position, absl::StrCat("\"", node_name, "\" is there twice"));
    }
    into->push_back(node);
  }
  return absl::OkStatus();
}

namespace {

// Any kind's: how many nodes there are of each role, and what all topologies have.
class AnyTopology : public BasicTopology<AnyTopology> {
 public:
  AnyTopology(Layout layout, const NodeKind& kind) : BasicTopology(std::move(layout), kind) {}
  using BasicTopology::SetRole;
};

absl::Status ReadRoles(const JsonTree& value, AnyTopology* topology) {
  if (value.type != JsonTree::Type::kObject) {
    return ErrorAt(value.position,
                   absl::StrCat("\"roles\" must be an object, not ", Describe(value)));
  }
  for (const JsonTree::Member& member : value.members) {
    int count = 0;
    GTESTNET_RETURN_IF_ERROR(ReadInt(member.name, member.value, &count));
    topology->SetRole(member.name, count);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TopologySpec> ReadTopologyOf(const NodeKind& kind, const JsonTree& value) {
  Layout layout = Layout::Star();
  for (const JsonTree::Member& member : value.members) {
    if (member.name != "layout") continue;
    GTESTNET_ASSIGN_OR_RETURN(layout, ReadLayout(member.value));
  }
  AnyTopology topology(layout, kind);
  ObjectReader reader("topology");
  reader.Required("kind", [](const JsonTree&) { return absl::OkStatus(); })
      .Field("layout", [](const JsonTree&) { return absl::OkStatus(); })
      .Required("roles", [&](const JsonTree& v) { return ReadRoles(v, &topology); });
  AddCommonFields(reader, &topology);
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  GTESTNET_RETURN_IF_ERROR(PlacedAt(value, topology.spec().Validate()));
  return topology.spec();
}

absl::StatusOr<const NodeKind*> KindOf(const JsonTree& value) {
  for (const JsonTree::Member& member : value.members) {
    if (member.name != "kind") continue;
    std::string name;
    GTESTNET_RETURN_IF_ERROR(ReadText("kind", member.value, &name));
    absl::StatusOr<const NodeKind*> kind = FindKind(name);
    if (!kind.ok()) return ErrorAt(member.value.position, MessageOf(kind.status()));
    return kind;
  }
  return &NomosKind();
}

absl::StatusOr<TopologySpec> ReadTopology(const JsonTree& value) {
  Layout layout = Layout::Star();
  for (const JsonTree::Member& member : value.members) {
    if (member.name != "layout") continue;
    GTESTNET_ASSIGN_OR_RETURN(layout, ReadLayout(member.value));
  }
  Topology topology(layout);
  ObjectReader reader("topology");
  reader.Field("kind", [](const JsonTree&) { return absl::OkStatus(); })
      .Field("layout", [](const JsonTree&) { return absl::OkStatus(); });
  const std::pair<const char*, Topology& (Topology::*)(int)> numbers[] = {
      {"validators", &Topology::Validators},
      {"executors", &Topology::Executors},
      {"wallets", &Topology::Wallets},
      {"notes_per_wallet", &Topology::NotesPerWallet},
      {"security_parameter", &Topology::SecurityParameter},
      {"min_peers", &Topology::MinPeers},
  };
  for (const auto& [name, set] : numbers) reader.Field(name, IntField(name, &topology, set));
  reader.Field("active_slot_coefficient",
               [&](const JsonTree& v) { return ReadCoefficient(v, &topology); });
  reader.Field("slot", [&](const JsonTree& v) { return ReadSlot(v, &topology); });
  reader.Field("data_availability",
               [&](const JsonTree& v) { return ReadDataAvailability(v, &topology); });
  AddNodeFields(reader, &topology);
  AddCommonFields(reader, &topology);
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  GTESTNET_RETURN_IF_ERROR(PlacedAt(value, topology.spec().Validate()));
  return topology.spec();
}

}  // namespace gtestnet::nomos
