// SPDX-License-Identifier: Apache-2.0
#include "testing/running_node.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace gtestnet::node {

NodeConfig LonelyConfig(const std::string& directory, Role role) {
  Hash seed;
  seed.bytes.fill(2);
  NodeConfig config;
  config.identifier = absl::StrCat(std::string(ToString(role)), "-0");
  config.role = role;
  config.node_key.bytes.fill(1);
  config.network_listen = {"127.0.0.1", 0};
  config.min_peers = 0;
  config.consensus.slot_duration_ms = 40;
  config.consensus.active_slot_coeff = *SlotCoefficient::Parse("1");
  config.consensus.security_param = 3;
  config.leader_seeds = {seed};
  config.genesis.chain_id.bytes.fill(3);
  config.genesis.notes = {{{1000, KeyPair::FromSeed(seed).public_key()}, true}};
  config.start_file = directory + "/start";
  config.api_listen = {"127.0.0.1", 0};
  config.storage_path = directory + "/chain.db";
  config.log.directory = directory;
  config.log.level = LogLevel::kDebug;
  return config;
}

void WriteStartFile(const NodeConfig& config, Millis start) {
  const std::string fresh = config.start_file + ".new";
  std::ofstream(fresh) << start;
  std::filesystem::rename(fresh, config.start_file);
}

Millis WallClock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

RunningNode::RunningNode(const NodeConfig& config, MisbehaviourRequest misbehaviour) {
  logger_ = Logger::Open(config).value();
  node_ =
      Node::Start(context_, config, misbehaviour, logger_.get(), [](const absl::Status& status) {
        std::cerr << status << std::endl;
      }).value();
  api_ = node_->api_address();
  network_ = node_->network_address();
  thread_ = std::thread([this] { context_.run(); });
}

RunningNode::~RunningNode() {
  boost::asio::post(context_, [this] { node_->Stop(); });
  thread_.join();  // a node that stopped leaves the loop nothing to do
}

}  // namespace gtestnet::node
