// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "gtestnet/node_kind.h"

namespace gtestnet::compose {

// What is particular of one run's stack.
struct StackSpec {
  std::string project;
  std::string base_file;        // the templates: assets/compose/base.yaml
  std::string tools_image;      // cfgsync runs in it
  bool mount_tools = false;     // some containers get their tools from it
  std::string stack_directory;  // on this machine: holds cfgsync.yaml
  std::map<std::string, std::string> labels;
  std::vector<NodeInfo> nodes;
  std::map<std::string, ContainerSpec> containers;  // by the nodes' roles
  std::vector<PortSpec> ports;
  // What nodes are told of this environment.
  std::map<std::string, std::string> environment;
  std::string prometheus_image;  // empty: there is no Prometheus
  // On this machine: nodes write log files there, as `user` ("1000:1000"), for they are told of it
  // by that variable. Empty: they do not.
  std::string log_directory;
  std::string log_variable;
  std::string user;
  // The environment names this machine as host.docker.internal (see collectors.h).
  bool names_this_machine = false;
};

// A compose file of it: each service extends one of the templates (assets/compose/base.yaml), and
// says what is its kind's.
std::string WriteComposeFile(const StackSpec& spec);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_
