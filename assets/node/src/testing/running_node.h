// SPDX-License-Identifier: Apache-2.0
// For the shell's tests: a whole node on a thread of its own, and a config for it.
#ifndef GTESTNET_NODE_TESTING_RUNNING_NODE_H_
#define GTESTNET_NODE_TESTING_RUNNING_NODE_H_

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "boost/asio/io_context.hpp"
#include "boost/asio/post.hpp"
#include "config.h"
#include "logging.h"
#include "misbehaviour.h"
#include "node.h"

namespace gtestnet::node {

// One node alone that wins every slot, with files in `directory` and ports of its own choice.
NodeConfig LonelyConfig(const std::string& directory, Role role = Role::kValidator);

// Writes `start`, as a deployer does: whole or not at all.
void WriteStartFile(const NodeConfig& config, Millis start);
Millis WallClock();

class RunningNode {
 public:
  explicit RunningNode(const NodeConfig& config, MisbehaviourRequest misbehaviour = {});
  ~RunningNode();
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

  [[nodiscard]] Address api() const { return api_; }
  [[nodiscard]] Address network() const { return network_; }

 private:
  boost::asio::io_context context_{1};
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<Node> node_;
  Address api_;
  Address network_;
  std::thread thread_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_RUNNING_NODE_H_
