// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_FILES_H_
#define GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_FILES_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What Prometheus is told of a run, the same on every backend: a config, and beside it a list of
// targets, which it reads again when it changes.

struct PrometheusOptions {
  std::string run_id = {};
  std::string metrics_path = "/metrics";
  // As Prometheus sees it; relative to its config.
  std::string targets_file = "targets.json";
  std::chrono::milliseconds scrape_interval{1000};
};

// One node, as Prometheus reaches it.
struct ScrapeTarget {
  NodeIndex index = 0;
  std::string name;
  std::string role;
  std::string address;  // "member-0:18080"
};

// prometheus.yml.
std::string PrometheusConfig(const PrometheusOptions& options);

// The list of targets, for file_sd: each with the labels node, role, index and instance (which is
// the node's name, too, so that it stays the same when a port changes).
std::string PrometheusTargets(const std::vector<ScrapeTarget>& targets);

// Of nodes at their own addresses. Backends whose nodes have others for Prometheus (the names of
// services) make the targets themselves.
std::vector<ScrapeTarget> TargetsOf(const std::vector<NodeInfo>& nodes, const MetricsRoute& route);

// kFailedPrecondition for a kind whose nodes have none.
absl::StatusOr<MetricsRoute> MetricsRouteOf(const NodeKind& kind);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_FILES_H_
