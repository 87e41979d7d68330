// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/scenario/topology_writer.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

namespace json = boost::json;

absl::Status Refuse(const std::string& why) {
  return InvalidArgument("topology: " + why + " cannot be written to a file");
}

json::value LayoutOf(const TopologySpec& topology) {
  if (topology.layout.name() != "custom") return json::string(std::string(topology.layout.name()));
  json::array edges;
  for (const Edge& edge : topology.layout.Edges(topology.node_count())) {
    edges.push_back(json::array{edge.from, edge.to});
  }
  return json::object{{"edges", std::move(edges)}};
}

// Validators first, then executors: the names of the fields say no other order.
absl::Status WriteRoles(const TopologySpec& topology, json::object& into) {
  int validators = 0;
  int executors = 0;
  for (const Role& role : topology.roles) {
    if (role.name == "validator" && executors == 0) {
      validators += role.count;
    } else if (role.name == "executor") {
      executors += role.count;
    } else if (role.count != 0) {
      return Refuse("role \"" + role.name + "\" in this place");
    }
  }
  into["validators"] = validators;
  into["executors"] = executors;
  return absl::OkStatus();
}

absl::Status WriteParameters(const TopologySpec& topology, json::object& into) {
  const NomosParameters& parameters = NomosParametersOf(topology);
  if (parameters.note_value != NomosParameters().note_value) return Refuse("note_value");
  into["wallets"] = parameters.wallets;
  if (parameters.notes_per_wallet) into["notes_per_wallet"] = *parameters.notes_per_wallet;
  into["slot"] = absl::StrCat(SlotOf(topology).count(), "ms");
  into["active_slot_coefficient"] = parameters.active_slot_coefficient;
  into["security_parameter"] = parameters.security_parameter;
  into["min_peers"] = parameters.min_peers;
  if (!parameters.stake.empty()) {
    json::object& stake = into["stake"].emplace_object();
    for (const auto& [node, value] : parameters.stake) stake[topology.NodeName(node)] = value;
  }
  if (const auto& da = parameters.data_availability) {
    into["data_availability"] = {{"replication", da->replication},
                                 {"samples", da->samples},
                                 {"check_slots", da->check_slots},
                                 {"retention_slots", da->retention_slots}};
  }
  return absl::OkStatus();
}

void WriteArguments(const TopologySpec& topology, json::object& into) {
  if (topology.extra_arguments.empty()) return;
  json::object& arguments = into["arguments"].emplace_object();
  for (const auto& [node, argument] : topology.extra_arguments) {
    json::value& all = arguments[topology.NodeName(node)];
    if (all.is_null()) all.emplace_array();
    all.as_array().emplace_back(argument);
  }
}

}  // namespace

absl::StatusOr<std::string> WriteTopology(const TopologySpec& topology) {
  if (topology.kind != &NomosKind()) {
    return Refuse(topology.kind == nullptr
                      ? std::string("one without a kind of node")
                      : "the kind of node \"" + std::string(topology.kind->name()) + "\"");
  }
  GTESTNET_RETURN_IF_ERROR(topology.Validate());
  json::object section;
  if (!topology.given_name.empty()) section["name"] = topology.given_name;
  section["layout"] = LayoutOf(topology);
  GTESTNET_RETURN_IF_ERROR(WriteRoles(topology, section));
  GTESTNET_RETURN_IF_ERROR(WriteParameters(topology, section));
  if (!topology.late.empty()) {
    json::array& late = section["late"].emplace_array();
    for (const NodeIndex node : topology.late) late.push_back(topology.NodeName(node).c_str());
  }
  WriteArguments(topology, section);
  if (topology.seed) section["seed"] = *topology.seed;
  return json::serialize(section);
}

}  // namespace gtestnet::nomos
