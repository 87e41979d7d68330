// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtestnet/nomos.h"
#include "gtestnet/scenario.h"
#include "src/base/status.h"
#include "src/scenario/json_reader.h"

namespace gtestnet {
namespace {

// A wrong value, said of the place where its section stands.
absl::Status At(const JsonTree& value, const absl::Status& status) {
  return status.ok() ? status : ErrorAt(value.position, MessageOf(status));
}

absl::StatusOr<NodeIndex> FindNode(const TopologySpec& topology, const std::string& name,
                                   TextPosition position) {
  std::vector<std::string> names;
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    names.push_back(topology.NodeName(node));
    if (names.back() == name) return node;
  }
  return ErrorAt(position, absl::StrCat("there is no node \"", name.substr(0, 60), "\"; there are ",
                                        absl::StrJoin(names, ", ")));
}

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

absl::Status ReadNodes(const std::string& name, const JsonTree& value, const TopologySpec& topology,
                       std::vector<NodeIndex>* into) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"", name, "\" must be an array of names, not ", Describe(value)));
  }
  for (const JsonTree& element : value.elements) {
    std::string node_name;
    GTESTNET_RETURN_IF_ERROR(ReadText(name, element, &node_name));
    GTESTNET_ASSIGN_OR_RETURN(const NodeIndex node,
                              FindNode(topology, node_name, element.position));
    into->push_back(node);
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
  reader.Field("late", [=](const JsonTree& v) -> absl::Status {
    std::vector<NodeIndex> nodes;
    GTESTNET_RETURN_IF_ERROR(ReadNodes("late", v, topology->spec(), &nodes));
    for (NodeIndex node : nodes) topology->Late(node);
    return absl::OkStatus();
  });
}

absl::Status ReadInt64(const std::string& name, const JsonTree& value, int64_t* into) {
  uint64_t number = 0;
  GTESTNET_RETURN_IF_ERROR(ReadUnsigned(name, value, &number));
  if (number > uint64_t{1} << 62) {
    return ErrorAt(value.position, absl::StrCat("\"", name, "\" is too large"));
  }
  *into = static_cast<int64_t>(number);
  return absl::OkStatus();
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

absl::StatusOr<TopologySpec> ReadTopology(const JsonTree& value) {
  Layout layout = Layout::Star();
  for (const JsonTree::Member& member : value.members) {
    if (member.name != "layout") continue;
    GTESTNET_ASSIGN_OR_RETURN(layout, ReadLayout(member.value));
  }
  Topology topology(layout);
  ObjectReader reader("topology");
  reader.Field("layout", [](const JsonTree&) { return absl::OkStatus(); });
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
  reader.Field("name", [&](const JsonTree& v) {
    std::string name;
    absl::Status read = ReadText("name", v, &name);
    if (read.ok()) topology.Named(name);
    return read;
  });
  reader.Field("seed", [&](const JsonTree& v) {
    uint64_t seed = 0;
    absl::Status read = ReadUnsigned("seed", v, &seed);
    if (read.ok()) topology.Seed(seed);
    return read;
  });
  AddNodeFields(reader, &topology);
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  GTESTNET_RETURN_IF_ERROR(At(value, topology.spec().Validate()));
  return topology.spec();
}

absl::Status ReadSpread(const JsonTree& value, Spread* spread) {
  std::string text;
  GTESTNET_RETURN_IF_ERROR(ReadText("spread", value, &text));
  for (Spread one : {Spread::kRoundRobin, Spread::kRandom, Spread::kOneNode}) {
    std::ostringstream name;
    name << one;
    if (name.str() != text) continue;
    *spread = one;
    return absl::OkStatus();
  }
  return ErrorAt(
      value.position,
      absl::StrCat("\"spread\" knows round_robin, random and one_node, not ", Describe(value)));
}

absl::Status ReadNode(const JsonTree& value, const TopologySpec& topology, NodeIndex* node) {
  std::string name;
  GTESTNET_RETURN_IF_ERROR(ReadText("node", value, &name));
  GTESTNET_ASSIGN_OR_RETURN(*node, FindNode(topology, name, value.position));
  return absl::OkStatus();
}

absl::Status ReadTransactions(const JsonTree& value, const TopologySpec& topology,
                              ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    TransactionOptions options;
    ObjectReader reader("transactions");
    reader
        .Field("rate_per_block",
               [&](const JsonTree& v) {
                 return ReadNumber("rate_per_block", v, &options.rate_per_block.emplace());
               })
        .Field("rate_per_second",
               [&](const JsonTree& v) {
                 return ReadNumber("rate_per_second", v, &options.rate_per_second.emplace());
               })
        .Field("users", [&](const JsonTree& v) { return ReadInt("users", v, &options.users); })
        .Field("spread", [&](const JsonTree& v) { return ReadSpread(v, &options.spread); })
        .Field("node", [&](const JsonTree& v) { return ReadNode(v, topology, &options.node); })
        .Field("change", [&](const JsonTree& v) { return ReadBool("change", v, &options.change); })
        .Field("name", [&](const JsonTree& v) { return ReadText("name", v, &options.name); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, WithNotesFor({options}, topology))));
    builder->Transactions(options);
  }
  return absl::OkStatus();
}

absl::Status ReadPayload(const JsonTree& value, PayloadRange* payload) {
  ObjectReader reader("payload");
  reader.Field("min", [&](const JsonTree& v) { return ReadInt64("min", v, &payload->min); })
      .Field("max", [&](const JsonTree& v) { return ReadInt64("max", v, &payload->max); });
  return reader.Read(value);
}

absl::Status ReadBlobs(const JsonTree& value, const TopologySpec& topology,
                       ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    DataAvailabilityOptions options;
    ObjectReader reader("data_availability");
    const std::pair<const char*, double*> numbers[] = {{"channel_rate", &options.channel_rate},
                                                       {"blob_rate", &options.blob_rate},
                                                       {"cores", &options.cores}};
    for (const auto& [name, into] : numbers) {
      reader.Field(name, [name = name, into = into](const JsonTree& v) {
        return ReadNumber(name, v, into);
      });
    }
    reader.Field("payload", [&](const JsonTree& v) { return ReadPayload(v, &options.payload); })
        .Field("headroom",
               [&](const JsonTree& v) { return ReadInt("headroom", v, &options.headroom); })
        .Field("name", [&](const JsonTree& v) { return ReadText("name", v, &options.name); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    const TopologySpec with_blobs = WithDataAvailability(topology);
    GTESTNET_RETURN_IF_ERROR(At(*one, with_blobs.Validate()));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, with_blobs)));
    builder->DataAvailability(options);
  }
  return absl::OkStatus();
}

absl::Status ReadFlaws(const JsonTree& value, std::vector<Flaw>* flaws) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"flaws\" must be an array of texts, not ", Describe(value)));
  }
  flaws->clear();
  for (const JsonTree& element : value.elements) {
    std::string text;
    GTESTNET_RETURN_IF_ERROR(ReadText("flaws", element, &text));
    const std::optional<Flaw> flaw = FlawNamed(text);
    if (!flaw) {
      return ErrorAt(element.position,
                     absl::StrCat("\"flaws\" knows bad signature, missing note, double spend, "
                                  "unbalanced and too large, not ",
                                  Describe(element)));
    }
    flaws->push_back(*flaw);
  }
  return absl::OkStatus();
}

absl::Status ReadInvalidTransactions(const JsonTree& value, const TopologySpec& topology,
                                     ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    InvalidTransactionOptions options;
    ObjectReader reader("invalid_transactions");
    reader
        .Field("rate_per_block",
               [&](const JsonTree& v) {
                 return ReadNumber("rate_per_block", v, &options.rate_per_block);
               })
        .Field("flaws", [&](const JsonTree& v) { return ReadFlaws(v, &options.flaws); })
        .Field("users", [&](const JsonTree& v) { return ReadInt("users", v, &options.users); })
        .Field("name", [&](const JsonTree& v) { return ReadText("name", v, &options.name); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, topology)));
    builder->InvalidTransactions(options);
  }
  return absl::OkStatus();
}

absl::Status ReadTexts(const std::string& name, const JsonTree& value,
                       std::vector<std::string>* into) {
  for (const JsonTree* one : OneOrMany(value)) {
    GTESTNET_RETURN_IF_ERROR(ReadText(name, *one, &into->emplace_back()));
  }
  return absl::OkStatus();
}

void AddTimes(ObjectReader& reader, std::vector<std::pair<std::string, Timespan*>> times) {
  for (const auto& [name, into] : times) {
    reader.Field(name, [name = name, into = into](const JsonTree& v) {
      return ReadTimespan(name, v, into);
    });
  }
}

// The fields that all workloads have that take nodes down.
template <class Options>
void AddFaultFields(ObjectReader& reader, const TopologySpec& topology, Options* options) {
  AddTimes(reader, {{"min_delay", &options->min_delay},
                    {"max_delay", &options->max_delay},
                    {"target_cooldown", &options->target_cooldown}});
  reader
      .Field("targets",
             [=, &topology](const JsonTree& v) {
               return ReadNodes("targets", v, topology, &options->targets);
             })
      .Field("roles", [=](const JsonTree& v) { return ReadTexts("roles", v, &options->roles); })
      .Field("at_once", [=](const JsonTree& v) { return ReadInt("at_once", v, &options->at_once); })
      .Field("beyond_tolerance",
             [=](const JsonTree& v) {
               return ReadBool("beyond_tolerance", v, &options->beyond_tolerance);
             })
      .Field("name", [=](const JsonTree& v) { return ReadText("name", v, &options->name); });
}

absl::Status ReadRestarts(const JsonTree& value, const TopologySpec& topology,
                          ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    RestartOptions options;
    ObjectReader reader("restarts");
    AddFaultFields(reader, topology, &options);
    reader.Field("kill", [&](const JsonTree& v) { return ReadBool("kill", v, &options.kill); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, topology)));
    builder->Restarts(options);
  }
  return absl::OkStatus();
}

absl::Status ReadKills(const JsonTree& value, const TopologySpec& topology,
                       ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    KillOptions options;
    ObjectReader reader("kills");
    AddFaultFields(reader, topology, &options);
    AddTimes(reader, {{"min_down", &options.min_down}, {"max_down", &options.max_down}});
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, topology)));
    builder->Kills(options);
  }
  return absl::OkStatus();
}

absl::Status ReadPauses(const JsonTree& value, const TopologySpec& topology,
                        ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    PauseOptions options;
    ObjectReader reader("pauses");
    AddFaultFields(reader, topology, &options);
    AddTimes(reader, {{"min_pause", &options.min_pause}, {"max_pause", &options.max_pause}});
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, topology)));
    builder->Pauses(options);
  }
  return absl::OkStatus();
}

absl::Status ReadChurn(const JsonTree& value, const TopologySpec& topology,
                       ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    ChurnOptions options;
    ObjectReader reader("churn");
    AddTimes(reader, {{"min_delay", &options.min_delay},
                      {"max_delay", &options.max_delay},
                      {"min_stay", &options.min_stay},
                      {"max_stay", &options.max_stay}});
    reader.Field("role", [&](const JsonTree& v) { return ReadText("role", v, &options.role); })
        .Field("name", [&](const JsonTree& v) { return ReadText("name", v, &options.name); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(At(*one, Validate(options, topology)));
    builder->Churn(options);
  }
  return absl::OkStatus();
}

absl::Status ReadExpectations(const JsonTree& value, const ExpectationParser& parser,
                              ScenarioBuilder* builder) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"expect\" must be an array of texts, not ", Describe(value)));
  }
  for (const JsonTree& element : value.elements) {
    std::string text;
    GTESTNET_RETURN_IF_ERROR(ReadText("expect", element, &text));
    absl::StatusOr<RunExpectation> expectation =
        parser ? parser(text) : absl::UnimplementedError("expectations cannot be read here");
    if (!expectation.ok()) return At(element, expectation.status());
    builder->Expect(*std::move(expectation));
  }
  return absl::OkStatus();
}

absl::Status ReadRequired(const JsonTree& value, ScenarioBuilder* builder) {
  const std::pair<const char*, Capability> known[] = {
      {"node_control", Capability::kNodeControl},
      {"link_control", Capability::kLinkControl},
      {"telemetry", Capability::kTelemetry},
  };
  for (const JsonTree* one : OneOrMany(value)) {
    std::string name;
    GTESTNET_RETURN_IF_ERROR(ReadText("require", *one, &name));
    bool found = false;
    for (const auto& [word, capability] : known) {
      if (name == word) builder->Require(capability), found = true;
    }
    if (!found) {
      return ErrorAt(
          one->position,
          absl::StrCat("\"require\" knows node_control, link_control and telemetry, not ",
                       Describe(*one)));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadDuration(const JsonTree& value, ScenarioBuilder* builder) {
  Timespan duration;
  GTESTNET_RETURN_IF_ERROR(ReadTimespan("duration", value, &duration));
  if (duration.IsZero() || duration.IsNegative()) {
    return ErrorAt(value.position, "\"duration\" must be above zero");
  }
  builder->RunFor(duration);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view json, const ExpectationParser& parser) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(json));
  std::optional<ScenarioBuilder> builder;
  TopologySpec topology;
  ObjectReader reader("the scenario");
  reader.Required("topology", [&](const JsonTree& v) -> absl::Status {
    GTESTNET_ASSIGN_OR_RETURN(topology, ReadTopology(v));
    builder.emplace(topology);
    return absl::OkStatus();
  });
  reader.Field("name", [&](const JsonTree& v) {
    std::string name;
    absl::Status read = ReadText("name", v, &name);
    if (read.ok() && name.empty()) return ErrorAt(v.position, "\"name\" must not be empty");
    if (read.ok()) builder->Named(name);
    return read;
  });
  reader.Field("transactions",
               [&](const JsonTree& v) { return ReadTransactions(v, topology, &*builder); });
  reader.Field("invalid_transactions",
               [&](const JsonTree& v) { return ReadInvalidTransactions(v, topology, &*builder); });
  reader.Field("data_availability",
               [&](const JsonTree& v) { return ReadBlobs(v, topology, &*builder); });
  reader.Field("restarts", [&](const JsonTree& v) { return ReadRestarts(v, topology, &*builder); })
      .Field("kills", [&](const JsonTree& v) { return ReadKills(v, topology, &*builder); })
      .Field("pauses", [&](const JsonTree& v) { return ReadPauses(v, topology, &*builder); })
      .Field("churn", [&](const JsonTree& v) { return ReadChurn(v, topology, &*builder); });
  reader.Field("expect", [&](const JsonTree& v) { return ReadExpectations(v, parser, &*builder); });
  reader.Field("require", [&](const JsonTree& v) { return ReadRequired(v, &*builder); });
  reader.Required("duration", [&](const JsonTree& v) { return ReadDuration(v, &*builder); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  absl::StatusOr<Scenario> scenario = builder->Build();
  if (!scenario.ok()) return At(tree, scenario.status());
  return scenario;
}

}  // namespace gtestnet
