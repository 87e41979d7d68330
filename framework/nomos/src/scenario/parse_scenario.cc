// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/read_file.h"
#include "core/src/base/status.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/scenario_builder.h"
#include "gtestnet/nomos/scenario_file.h"
#include "nomos/src/scenario/topology_reader.h"
#include "nomos/src/scenario/workload_reader.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kMostExpectations = 1000;

absl::Status ReadExpectations(const JsonTree& value, const ExpectationParser& parser,
                              ScenarioBuilder* builder) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"expect\" must be an array of texts, not ", Describe(value)));
  }
  GTESTNET_RETURN_IF_ERROR(CheckCount("expect", value, kMostExpectations));
  for (const JsonTree& element : value.elements) {
    std::string text;
    GTESTNET_RETURN_IF_ERROR(ReadText("expect", element, &text));
    absl::StatusOr<RunExpectation> expectation =
        parser ? parser(text) : absl::UnimplementedError("expectations cannot be read here");
    if (!expectation.ok()) return PlacedAt(element, expectation.status());
    builder->Expect(*std::move(expectation));
  }
  return absl::OkStatus();
}

// What can be allowed has a name by which it can be expected, too.
absl::Status ReadAllowed(const JsonTree& value, const ExpectationParser& parser,
                         ScenarioBuilder* builder) {
  for (const JsonTree* one : OneOrMany(value)) {
    std::string name;
    GTESTNET_RETURN_IF_ERROR(ReadText("allow", *one, &name));
    if (parser) {
      if (absl::Status known = parser(name).status(); !known.ok()) return PlacedAt(*one, known);
    }
    builder->Allow(std::move(name));
  }
  return absl::OkStatus();
}

absl::Status ReadRequired(const JsonTree& value, ScenarioBuilder* builder) {
  const std::pair<const char*, Capability> known[] = {
      {"node_control", Capability::kNodeControl},
      {"link_control", Capability::kLinkControl},
      {"telemetry", Capability::kTelemetry},
      {"pod_control", Capability::kPodControl},
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
          absl::StrCat(
              "\"require\" knows node_control, link_control, telemetry and pod_control, not ",
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

absl::StatusOr<Scenario> Parse(std::string_view json, const ExpectationParser& parser) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(json));
  std::optional<ScenarioBuilder> builder;
  TopologySpec topology;
  ObjectReader reader("the scenario");
  const NodeKind* kind = &NomosKind();
  for (const JsonTree::Member& member : tree.members) {
    if (member.name != "topology") continue;
    GTESTNET_ASSIGN_OR_RETURN(kind, KindOf(member.value));
  }
  const bool is_default = kind == &NomosKind();
  reader.Required("topology", [&](const JsonTree& v) -> absl::Status {
    GTESTNET_ASSIGN_OR_RETURN(topology, is_default ? ReadTopology(v) : ReadTopologyOf(*kind, v));
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
  if (is_default) AddWorkloadFields(reader, topology, builder);
  AddFaultFields(reader, topology, builder);
  reader.Field("expect", [&](const JsonTree& v) { return ReadExpectations(v, parser, &*builder); });
  reader.Field("allow", [&](const JsonTree& v) { return ReadAllowed(v, parser, &*builder); });
  reader.Field("require", [&](const JsonTree& v) { return ReadRequired(v, &*builder); });
  reader.Required("duration", [&](const JsonTree& v) { return ReadDuration(v, &*builder); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  absl::StatusOr<Scenario> scenario = builder->Build();
  if (!scenario.ok()) return PlacedAt(tree, scenario.status());
  return scenario;
}

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view json, const ExpectationParser& parser) {
  return NoThrow([&] { return Parse(json, parser); }, "the scenario");
}

absl::StatusOr<Scenario> ParseScenarioFile(const std::string& path,
                                           const ExpectationParser& parser) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string json, base::ReadFile(path, kMostJsonBytes));
  absl::StatusOr<Scenario> scenario = ParseScenario(json, parser);
  if (scenario.ok()) return scenario;
  return MakeStatus(scenario.status().code(), path + ":" + MessageOf(scenario.status()));
}

}  // namespace gtestnet::nomos
