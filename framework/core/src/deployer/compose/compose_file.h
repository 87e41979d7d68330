// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "gtestnet/node_kind.h"

namespace gtestnet::compose {

// The roles for which the templates have a service.
inline const std::vector<std::string> kRoles = {"executor", "validator"};

// What is particular of one run's stack.
struct StackSpec {
  std::string project;
  std::string base_file;  // the templates: assets/compose/base.yaml
  std::string image;
  std::string stack_directory;  // on this machine: holds cfgsync.yaml
  std::map<std::string, std::string> labels;
  std::vector<NodeInfo> nodes;
  std::string prometheus_image;  // empty: there is no Prometheus
  // On this machine: nodes write log files there, as `user` ("1000:1000"). Empty: they do not.
  std::string log_directory;
  std::string user;
  // What nodes are told of collectors on this machine (see collectors.h). Empty: there are none.
  std::map<std::string, std::string> collectors;
};

// A compose file of it, as JSON (which is YAML), for people to read: each service extends one of
// the templates, which is named after the node's role.
std::string WriteComposeFile(const StackSpec& spec);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_FILE_H_
