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
  ImageSpec tools;  // cfgsync runs in it, and containers without tools get them from it
  std::vector<NodeInfo> nodes;
  std::map<std::string, ContainerSpec> containers;  // by the nodes' roles
  std::vector<PortSpec> ports;
  std::set<NodeIndex> late;  // those that wait to be started
  std::map<std::string, std::string> environment;
  std::chrono::milliseconds grace{5000};
  bool node_ports = true;        // else nothing is reachable but by port-forward
  bool claims = false;           // where there is a default storage class
  std::string prometheus_image;  // empty: none
};

// The name of a port in Services and pods, for which they have rules of their own: the kind's,
// where these allow it, else "port-2379".
std::string ServicePortName(const PortSpec& port);

// The values file: JSON, which is YAML too.
std::string WriteChartValues(const ChartValues& values);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_CHART_VALUES_H_
