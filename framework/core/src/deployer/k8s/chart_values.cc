// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/chart_values.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;

constexpr size_t kLongestPortName = 15;
// Those of our own, in the same pods.
constexpr std::string_view kAgentPortName = "agent";

json::object ObjectOf(const std::map<std::string, std::string>& entries) {
  json::object object;
  for (const auto& [name, value] : entries) object[name] = value;
  return object;
}

json::object RoleOf(const ContainerSpec& container, const std::vector<PortSpec>& ports) {
  json::object role = {{"image", container.image.tag},
                       {"imagePullPolicy", container.image.pull_policy},
                       {"tools", container.has_tools},
                       {"directory", container.directory},
                       {"volumes", json::value_from(container.volumes)}};
  if (!container.user.empty()) role["user"] = container.user;
  for (const PortSpec& port : ports) {
    if (port.name != container.health_port) continue;
    role["health"] = {{"port", ServicePortName(port)}, {"path", container.health_path}};
  }
  return role;
}

}  // namespace

std::string ServicePortName(const PortSpec& port) {
  const std::string& name = port.name;
  const bool is_fit =
      !name.empty() && name.size() <= kLongestPortName && name != kAgentPortName &&
      std::ranges::all_of(
          name,
          [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }) &&
      std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; }) &&
      name.front() != '-' && name.back() != '-' && name.find("--") == std::string::npos;
  return is_fit ? name : "port-" + std::to_string(port.well_known);
}

std::string WriteChartValues(const ChartValues& values) {
  json::array nodes;
  for (const NodeInfo& node : values.nodes) {
    nodes.push_back({{"name", node.name},
                     {"role", node.role},
                     {"index", node.index},
                     {"late", values.late.contains(node.index)}});
  }
  json::object roles;
  for (const auto& [name, container] : values.containers) {
    roles[name] = RoleOf(container, values.ports);
  }
  json::array ports;
  for (const PortSpec& port : values.ports) {
    ports.push_back(
        {{"name", ServicePortName(port)}, {"port", port.well_known}, {"outside", !port.for_peers}});
  }
  json::object all = {
      {"run", values.run_id},
      {"test", values.test},
      {"image", values.tools.tag},
      {"imagePullPolicy", values.tools.pull_policy},
      {"roles", std::move(roles)},
      {"ports", std::move(ports)},
      {"mounts", json::array()},
      {"nodes", std::move(nodes)},
      {"node",
       {{"env", ObjectOf(values.environment)}, {"graceMilliseconds", values.grace.count()}}},
      {"service", {{"type", values.node_ports ? "NodePort" : "ClusterIP"}}},
      {"persistence", {{"mode", values.claims ? "auto" : "emptyDir"}}}};
  if (!values.claims) all["user"] = 65532;
  if (!values.prometheus_image.empty()) {
    all["prometheus"] = {{"enabled", true}, {"image", values.prometheus_image}};
  }
  return json::serialize(all) + "\n";
}

}  // namespace gtestnet::k8s
