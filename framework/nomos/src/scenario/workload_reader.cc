// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/scenario/workload_reader.h"

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/scenario/topology_reader.h"

namespace gtestnet::nomos {
namespace {

// Of one kind, and what a run was tried with.
constexpr size_t kMostWorkloads = 100;

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
  GTESTNET_RETURN_IF_ERROR(CheckCount("transactions", value, kMostWorkloads));
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
        .Field("taken", [&](const JsonTree& v) { return ReadNumber("taken", v, &options.taken); })
        .Field("name", [&](const JsonTree& v) { return ReadText("name", v, &options.name); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, WithNotesFor({options}, topology))));
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
  GTESTNET_RETURN_IF_ERROR(CheckCount("data_availability", value, kMostWorkloads));
  for (const JsonTree* one : OneOrMany(value)) {
    DataAvailabilityOptions options;
    ObjectReader reader("data_availability");
    const std::pair<const char*, double*> numbers[] = {{"channel_rate", &options.channel_rate},
                                                       {"blob_rate", &options.blob_rate},
                                                       {"cores", &options.cores},
                                                       {"taken", &options.taken}};
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
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, with_blobs.Validate()));
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, with_blobs)));
    builder->DataAvailability(options);
  }
  return absl::OkStatus();
}

absl::Status ReadFlaws(const JsonTree& value, std::vector<Flaw>* flaws) {
  if (value.type != JsonTree::Type::kArray) {
    return ErrorAt(value.position,
                   absl::StrCat("\"flaws\" must be an array of texts, not ", Describe(value)));
  }
  GTESTNET_RETURN_IF_ERROR(CheckCount("flaws", value, kMostWorkloads));
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
  GTESTNET_RETURN_IF_ERROR(CheckCount("invalid_transactions", value, kMostWorkloads));
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
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, topology)));
    builder->InvalidTransactions(options);
  }
  return absl::OkStatus();
}

absl::Status ReadRoles(const JsonTree& value, std::vector<std::string>* into) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("roles", value, kMostWorkloads));
  return ReadTexts("roles", value, into);
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
void AddOptionFields(ObjectReader& reader, const TopologySpec& topology, Options* options) {
  AddTimes(reader, {{"min_delay", &options->min_delay},
                    {"max_delay", &options->max_delay},
                    {"target_cooldown", &options->target_cooldown}});
  reader
      .Field("targets",
             [=, &topology](const JsonTree& v) {
               return ReadNodes("targets", v, topology, &options->targets);
             })
      .Field("roles", [=](const JsonTree& v) { return ReadRoles(v, &options->roles); })
      .Field("at_once", [=](const JsonTree& v) { return ReadInt("at_once", v, &options->at_once); })
      .Field("beyond_tolerance",
             [=](const JsonTree& v) {
               return ReadBool("beyond_tolerance", v, &options->beyond_tolerance);
             })
      .Field("name", [=](const JsonTree& v) { return ReadText("name", v, &options->name); });
}

absl::Status ReadRestarts(const JsonTree& value, const TopologySpec& topology,
                          ScenarioBuilder* builder) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("restarts", value, kMostWorkloads));
  for (const JsonTree* one : OneOrMany(value)) {
    RestartOptions options;
    ObjectReader reader("restarts");
    AddOptionFields(reader, topology, &options);
    reader.Field("kill", [&](const JsonTree& v) { return ReadBool("kill", v, &options.kill); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, topology)));
    builder->Restarts(options);
  }
  return absl::OkStatus();
}

absl::Status ReadKills(const JsonTree& value, const TopologySpec& topology,
                       ScenarioBuilder* builder) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("kills", value, kMostWorkloads));
  for (const JsonTree* one : OneOrMany(value)) {
    KillOptions options;
    ObjectReader reader("kills");
    AddOptionFields(reader, topology, &options);
    AddTimes(reader, {{"min_down", &options.min_down}, {"max_down", &options.max_down}});
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, topology)));
    builder->Kills(options);
  }
  return absl::OkStatus();
}

absl::Status ReadPauses(const JsonTree& value, const TopologySpec& topology,
                        ScenarioBuilder* builder) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("pauses", value, kMostWorkloads));
  for (const JsonTree* one : OneOrMany(value)) {
    PauseOptions options;
    ObjectReader reader("pauses");
    AddOptionFields(reader, topology, &options);
    AddTimes(reader, {{"min_pause", &options.min_pause}, {"max_pause", &options.max_pause}});
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, topology)));
    builder->Pauses(options);
  }
  return absl::OkStatus();
}

absl::Status ReadChurn(const JsonTree& value, const TopologySpec& topology,
                       ScenarioBuilder* builder) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("churn", value, kMostWorkloads));
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
    GTESTNET_RETURN_IF_ERROR(PlacedAt(*one, Validate(options, topology)));
    builder->Churn(options);
  }
  return absl::OkStatus();
}

}  // namespace

void AddWorkloadFields(ObjectReader& reader, const TopologySpec& topology,
                       std::optional<ScenarioBuilder>& builder) {
  reader.Field("transactions",
               [&](const JsonTree& v) { return ReadTransactions(v, topology, &*builder); });
  reader.Field("invalid_transactions",
               [&](const JsonTree& v) { return ReadInvalidTransactions(v, topology, &*builder); });
  reader.Field("data_availability",
               [&](const JsonTree& v) { return ReadBlobs(v, topology, &*builder); });
}

void AddFaultFields(ObjectReader& reader, const TopologySpec& topology,
                    std::optional<ScenarioBuilder>& builder) {
  reader.Field("restarts", [&](const JsonTree& v) { return ReadRestarts(v, topology, &*builder); })
      .Field("kills", [&](const JsonTree& v) { return ReadKills(v, topology, &*builder); })
      .Field("pauses", [&](const JsonTree& v) { return ReadPauses(v, topology, &*builder); })
      .Field("churn", [&](const JsonTree& v) { return ReadChurn(v, topology, &*builder); });
}

}  // namespace gtestnet::nomos
