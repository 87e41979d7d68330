// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/plan.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/read_file.h"
#include "core/src/base/status.h"
#include "core/src/cfgsync/setup_json.h"
#include "core/src/topology/bounds.h"

namespace gtestnet::cfgsync {
namespace {

namespace json = boost::json;

constexpr std::string_view kTokenEnd = ".node.gtestnet";
constexpr int64_t kLongestDelay = 600'000;

bool IsLabel(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// Calls `visit(from, name)` for each token of the text, and goes on behind what it returns.
template <class Visit>
void EachToken(std::string_view text, const Visit& visit) {
  for (size_t end = text.find(kTokenEnd); end != text.npos;
       end = text.find(kTokenEnd, end + kTokenEnd.size())) {
    size_t from = end;
    while (from > 0 && IsLabel(text[from - 1])) --from;
    if (from < end) visit(from, text.substr(from, end - from));
  }
}

std::string Filled(const std::string& text, const std::map<std::string, std::string>& hosts) {
  std::string filled;
  size_t done = 0;
  EachToken(text, [&](size_t from, std::string_view name) {
    const auto host = hosts.find(std::string(name));
    if (host == hosts.end()) return;
    const size_t end = from + name.size() + kTokenEnd.size();
    filled.append(text, done, from - done);
    const bool in_brackets =
        host->second.find(':') != std::string::npos && end < text.size() && text[end] == ':';
    absl::StrAppend(&filled, in_brackets ? "[" : "", host->second, in_brackets ? "]" : "");
    done = end;
  });
  return filled.append(text, done);
}

template <class Visit>
void EachText(const NodeSetup& setup, const Visit& visit) {
  for (const std::string& argument : setup.arguments) visit(argument);
  for (const auto& [name, value] : setup.environment) visit(value);
  for (const NodeFile& file : setup.files) visit(file.content);
}

absl::Status ReadNode(const JsonTree& value, const SharedFiles& shared, PlannedNode* node) {
  ObjectReader reader("nodes");
  reader.Required("name", [&](const JsonTree& v) { return ReadText("name", v, &node->name); })
      .Required("role", [&](const JsonTree& v) { return ReadText("role", v, &node->role); })
      .Required("directory",
                [&](const JsonTree& v) { return ReadText("directory", v, &node->directory); })
      .Required("start_file",
                [&](const JsonTree& v) { return ReadText("start_file", v, &node->start_file); })
      .Field("late", [&](const JsonTree& v) { return ReadBool("late", v, &node->late); });
  AddSetupFields(reader, shared, &node->setup);
  return reader.Read(value);
}

absl::Status ReadNodes(const JsonTree& value, const SharedFiles& shared, Plan* plan) {
  GTESTNET_RETURN_IF_ERROR(CheckCount("nodes", value, kMostNodes));
  std::set<std::string> names;
  for (const JsonTree* one : OneOrMany(value)) {
    PlannedNode& node = plan->nodes.emplace_back();
    GTESTNET_RETURN_IF_ERROR(ReadNode(*one, shared, &node));
    if (!names.insert(node.name).second) {
      return ErrorAt(one->position, absl::StrCat("there are two nodes \"", node.name, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadWithin(const std::string& name, const JsonTree& value, int64_t most,
                        int64_t* into) {
  GTESTNET_RETURN_IF_ERROR(ReadInt64(name, value, into));
  if (*into >= 0 && *into <= most) return absl::OkStatus();
  return ErrorAt(value.position,
                 absl::StrCat("\"", name, "\" is ", *into, "; it must be from 0 to ", most));
}

absl::Status ReadMetrics(const JsonTree& value, std::optional<PlannedMetrics>* into) {
  PlannedMetrics& metrics = into->emplace();
  int64_t port = 0;
  ObjectReader reader("metrics");
  reader.Required("port", [&](const JsonTree& v) { return ReadWithin("port", v, 65535, &port); })
      .Required("path", [&](const JsonTree& v) { return ReadText("path", v, &metrics.path); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  metrics.port = static_cast<uint16_t>(port);
  return absl::OkStatus();
}

absl::StatusOr<Plan> Read(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(text, kMostPlanBytes));
  Plan plan;
  SharedFiles shared;
  int64_t port = kPort;
  int64_t delay = plan.start_delay.count();
  ObjectReader reader("the plan");
  reader.Required("run", [&](const JsonTree& v) { return ReadText("run", v, &plan.run_id); })
      .Field("port", [&](const JsonTree& v) { return ReadWithin("port", v, 65535, &port); })
      .Field(
          "start_delay_ms",
          [&](const JsonTree& v) { return ReadWithin("start_delay_ms", v, kLongestDelay, &delay); })
      .Field("hold_start",
             [&](const JsonTree& v) { return ReadBool("hold_start", v, &plan.hold_start); })
      .Field("start",
             [&](const JsonTree& v) {
               return ReadWithin("start", v, int64_t{1} << 52, &plan.start.emplace());
             })
      .Field("metrics", [&](const JsonTree& v) { return ReadMetrics(v, &plan.metrics); })
      .Field("shared", [&](const JsonTree& v) { return ReadShared(v, &shared); })
      .Required("nodes", [&](const JsonTree& v) { return ReadNodes(v, shared, &plan); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  plan.port = static_cast<uint16_t>(port);
  plan.start_delay = std::chrono::milliseconds(delay);
  return plan;
}

}  // namespace

const PlannedNode* Plan::Find(std::string_view name) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const PlannedNode& node) { return node.name == name; });
  return found == nodes.end() ? nullptr : &*found;
}

std::vector<std::string> Plan::names() const {
  std::vector<std::string> names;
  names.reserve(nodes.size());
  for (const PlannedNode& node : nodes) names.push_back(node.name);
  return names;
}

std::string WritePlan(const Plan& plan) {
  std::vector<const NodeSetup*> setups;
  for (const PlannedNode& node : plan.nodes) setups.push_back(&node.setup);
  const SharedFiles shared = SharedOf(setups);
  json::array nodes;
  for (const PlannedNode& node : plan.nodes) {
    json::object one = {{"name", node.name},
                        {"role", node.role},
                        {"directory", node.directory},
                        {"start_file", node.start_file}};
    if (node.late) one["late"] = true;
    WriteSetup(node.setup, HashesOf(node.setup, shared), one);
    nodes.push_back(std::move(one));
  }
  json::object object = {{"run", plan.run_id},
                         {"port", plan.port},
                         {"start_delay_ms", plan.start_delay.count()},
                         {"hold_start", plan.hold_start}};
  if (plan.start) object["start"] = *plan.start;
  if (plan.metrics) {
    object["metrics"] = {{"port", plan.metrics->port}, {"path", plan.metrics->path}};
  }
  // Before the nodes, which name what is in it.
  if (!shared.empty()) object["shared"] = WriteShared(shared);
  object["nodes"] = std::move(nodes);
  return json::serialize(object) + "\n";
}

absl::StatusOr<Plan> ReadPlan(std::string_view text) {
  return NoThrow([&] { return Read(text); }, "the plan");
}

absl::StatusOr<Plan> ReadPlanFile(const std::string& path) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMostPlanBytes));
  absl::StatusOr<Plan> plan = ReadPlan(text);
  if (!plan.ok()) return MakeStatus(plan.status().code(), path + ":" + MessageOf(plan.status()));
  return plan;
}

std::string HostToken(std::string_view name) {
  return absl::StrCat(ToAbsl(name), ToAbsl(kTokenEnd));
}

std::vector<std::string> TokensIn(const NodeSetup& setup, const std::vector<std::string>& names) {
  std::set<std::string_view> there;
  EachText(setup, [&](const std::string& text) {
    EachToken(text, [&](size_t, std::string_view name) { there.insert(name); });
  });
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (there.contains(name)) found.push_back(name);
  }
  return found;
}

NodeSetup WithHosts(NodeSetup setup, const std::map<std::string, std::string>& hosts) {
  for (std::string& argument : setup.arguments) argument = Filled(argument, hosts);
  for (auto& [name, value] : setup.environment) value = Filled(value, hosts);
  for (NodeFile& file : setup.files) file.content = Filled(file.content, hosts);
  return setup;
}

}  // namespace gtestnet::cfgsync
