// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/prometheus_files.h"

#include <boost/json.hpp>

#include "core/src/base/status.h"

namespace gtestnet {
namespace {

// A string of JSON, which is one of YAML, too.
std::string Quoted(const std::string& text) { return boost::json::serialize(text); }

std::string HostAndPort(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::string PrometheusConfig(const PrometheusOptions& options) {
  const std::string interval = std::to_string(options.scrape_interval.count()) + "ms";
  return "global:\n"
         "  scrape_interval: " +
         interval +
         "\n"
         "  scrape_timeout: " +
         interval +
         "\n"
         "  evaluation_interval: " +
         interval +
         "\n"
         "scrape_configs:\n"
         "  - job_name: nodes\n"
         "    metrics_path: " +
         Quoted(options.metrics_path) +
         "\n"
         "    file_sd_configs:\n"
         "      - files: [" +
         Quoted(options.targets_file) +
         "]\n"
         // For where no change is noticed, as in a mounted directory.
         "        refresh_interval: 2s\n"
         "    relabel_configs:\n"
         "      - target_label: run\n"
         "        replacement: " +
         Quoted(options.run_id) + "\n";
}

std::string PrometheusTargets(const std::vector<ScrapeTarget>& targets) {
  std::string text = "[";
  for (const ScrapeTarget& target : targets) {
    text += text.size() > 1 ? ",\n " : "\n ";
    text += "{\"targets\": [" + Quoted(target.address) +
            "], \"labels\": {\"node\": " + Quoted(target.name) +
            ", \"role\": " + Quoted(target.role) + ", \"index\": \"" +
            std::to_string(target.index) + "\", \"instance\": " + Quoted(target.name) + "}}";
  }
  return text + "\n]\n";
}

std::vector<ScrapeTarget> TargetsOf(const std::vector<NodeInfo>& nodes, const MetricsRoute& route) {
  std::vector<ScrapeTarget> targets;
  for (const NodeInfo& node : nodes) {
    const auto port = node.address.ports.find(route.port);
    if (port == node.address.ports.end()) continue;
    targets.push_back(
        {node.index, node.name, node.role, HostAndPort(node.address.host, port->second)});
  }
  return targets;
}

absl::StatusOr<MetricsRoute> MetricsRouteOf(const NodeKind& kind) {
  if (std::optional<MetricsRoute> route = kind.Metrics()) return *std::move(route);
  return FailedPrecondition("telemetry: a node of the kind " + std::string(kind.name()) +
                            " has no metrics that Prometheus could read");
}

}  // namespace gtestnet
