// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/chart_values.h"

#include <boost/json.hpp>

namespace gtestnet::k8s {

namespace json = boost::json;

std::string WriteChartValues(const ChartValues& values) {
  json::array nodes;
  for (const NodeInfo& node : values.nodes) {
    nodes.push_back({{"name", node.name},
                     {"role", node.role},
                     {"index", node.index},
                     {"late", values.late.contains(node.index)}});
  }
  json::object environment;
  for (const auto& [name, value] : values.environment) environment[name] = value;
  json::object all = {
      {"run", values.run_id},
      {"test", values.test},
      {"image", values.image},
      {"imagePullPolicy", values.pull_policy},
      {"nodes", std::move(nodes)},
      {"node", {{"env", std::move(environment)}, {"graceMilliseconds", values.grace.count()}}},
      {"service", {{"type", values.node_ports ? "NodePort" : "ClusterIP"}}},
      {"persistence", {{"mode", values.claims ? "auto" : "emptyDir"}}}};
  if (!values.claims) all["user"] = 65532;
  if (!values.prometheus_image.empty()) {
    all["prometheus"] = {{"enabled", true}, {"image", values.prometheus_image}};
  }
  return json::serialize(all) + "\n";
}

}  // namespace gtestnet::k8s
