// SPDX-License-Identifier: Apache-2.0
//
// The peers of a node: listens, dials with backoff, and keeps one connection to each.
#ifndef GTESTNET_NODE_PEERS_NETWORK_H_
#define GTESTNET_NODE_PEERS_NETWORK_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "config.h"
#include "core/engine.h"
#include "logging.h"
#include "peers/handshake.h"

namespace gtestnet::node {

struct NetworkOptions {
  Identity identity;
  Address listen;  // a specific one is also what dials come from
  std::vector<PeerConfig> peers;
  std::size_t max_inbound = 256;
  std::size_t max_queue = 16 * 1024 * 1024;  // bytes that may wait for a peer
  std::chrono::milliseconds ping{1000};
  std::chrono::milliseconds silence{5000};  // after which a peer is dropped
  std::chrono::milliseconds first_backoff{50};
  std::chrono::milliseconds last_backoff{1000};
  const char* topic = "network";  // of its log lines
};

// Called from the context's thread, never from within a method of Network.
struct NetworkEvents {
  std::function<void(PeerId, const std::string& identifier)> connected;
  std::function<void(PeerId)> disconnected;
  std::function<void(PeerId, Message)> message;
};

struct NetworkCounts {
  std::size_t connected = 0;  // peers
  std::size_t pending = 0;    // connections whose handshake is not done, and dials under way
  std::uint64_t dial_failures = 0;
};

class Network {
 public:
  // Listens, and dials from then on. kAlreadyExists when the address is in use. `logger` must
  // outlive it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Network>> Start(
      boost::asio::io_context& context, NetworkOptions options, NetworkEvents events,
      Logger* logger);

  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void Send(PeerId peer, const Message& message);
  void Broadcast(const Message& message, std::optional<PeerId> except);
  // Its `disconnected` follows.
  void Drop(PeerId peer, const std::string& reason);

  [[nodiscard]] Address address() const;  // with the port that was given for port 0
  [[nodiscard]] NetworkCounts counts() const;
  // Whether this side dialled the connection to a peer that is connected.
  [[nodiscard]] bool Dialled(PeerId peer) const;
  // Whether a thread may be waiting for a name server, so that a quick end must not join it.
  [[nodiscard]] bool resolving() const;

  void Stop();

 private:
  class Impl;
  explicit Network(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_PEERS_NETWORK_H_
