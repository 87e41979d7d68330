// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_CHART_VALUES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_CHART_VALUES_H_

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gtestnet/node_kind.h"

namespace gtestnet::k8s {

// What the chart in assets/helm is told of one run.
struct ChartValues {
  std::string run_id;
  std::string test;
  std::string image;
  std::string pull_policy = "IfNotPresent";
  std::vector<NodeInfo> nodes;
  std::set<NodeIndex> late;  // those that wait to be started
  std::map<std::string, std::string> environment;
  std::chrono::milliseconds grace{5000};
  bool node_ports = true;        // else nothing is reachable but by port-forward
  bool claims = false;           // where there is a default storage class
  std::string prometheus_image;  // empty: none
};

// The values file: JSON, which is YAML too.
std::string WriteChartValues(const ChartValues& values);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_CHART_VALUES_H_
