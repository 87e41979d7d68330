// SPDX-License-Identifier: Apache-2.0
//
// A whole node on one io_context: the engine, and what performs its actions.
//
//   boost::asio::io_context context(1);
//   absl::StatusOr<std::unique_ptr<Node>> node = Node::Start(context, config, {}, logger,
//   on_failure); context.run();
#ifndef GTESTNET_NODE_NODE_H_
#define GTESTNET_NODE_NODE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/api.h"
#include "api/da_api.h"
#include "api/http_server.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "config.h"
#include "core/engine.h"
#include "da/da_service.h"
#include "logging.h"
#include "misbehaviour.h"
#include "peers/network.h"
#include "start_file.h"
#include "storage.h"
#include "telemetry/telemetry.h"

namespace gtestnet::node {

class Node {
 public:
  // Called once when the node cannot go on: its storage fails, or the start file is wrong.
  using Failure = std::function<void(const absl::Status&)>;

  // Serves the API and connects to peers from then on. kAlreadyExists when an address is in use.
  // `context` and `logger` outlive the node.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Node>> Start(boost::asio::io_context& context,
                                                                   NodeConfig config,
                                                                   MisbehaviourRequest misbehaviour,
                                                                   Logger* logger,
                                                                   Failure on_failure);

  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] Address api_address() const { return server_->address(); }
  [[nodiscard]] Address network_address() const { return network_->address(); }
  // With port 0 when the node has no data availability.
  [[nodiscard]] Address da_address() const { return da_ == nullptr ? Address{} : da_->address(); }
  // Whether a thread may be waiting for a name server.
  [[nodiscard]] bool resolving() const {
    return network_->resolving() || (da_ != nullptr && da_->resolving()) ||
           (telemetry_ != nullptr && telemetry_->resolving());
  }

  // Closes everything; the context has nothing left of this node afterwards.
  void Stop();

 private:
  Node(boost::asio::io_context& context, NodeConfig config, MisbehaviourRequest misbehaviour,
       Logger* logger, Failure on_failure);

  absl::Status Open();
  absl::Status Restore();
  absl::Status OpenNetwork(const HeaderId& genesis_id);
  absl::Status OpenDa(const HeaderId& genesis_id);
  absl::Status OpenApi();
  std::vector<Metric> Metrics() const;
  void OpenTelemetry();
  void WaitForStart();
  void OnStartTime(const absl::StatusOr<Millis>& start);

  void Handle(const Event& event);
  void Perform(const Actions& actions);
  absl::Status Submit(SignedMantleTx tx);
  Slot CurrentSlot() const;
  void ScheduleTick();
  // With so many bytes a second as it is to.
  void FloodLog();
  void MisbehaveAt(Height height);
  void Fail(const absl::Status& status);
  void Log(LogLevel level, const char* topic, const std::string& text) {
    logger_->Log(level, topic, text);
  }

  boost::asio::io_context& context_;
  NodeConfig config_;
  MisbehaviourRequest misbehaviour_;
  Millis flooded_at_ = 0;  // its log, last
  Logger* logger_;
  Failure on_failure_;
  boost::asio::steady_timer tick_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<DaService> da_;  // none without the config's section da
  std::unique_ptr<DaApi> da_api_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Telemetry> telemetry_;  // none unless a collector is named
  std::shared_ptr<StartFile> start_file_;
  bool stopped_ = false;
  // Gone with the node: what the context still holds looks at it first.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_NODE_H_
