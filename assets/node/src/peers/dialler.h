// SPDX-License-Identifier: Apache-2.0
//
// Keeps trying to reach one configured peer: resolves its name anew at each attempt, and waits
// longer after each that failed. A dial that is not answered is soon given up and made again, with
// twice the patience each time: it may have left before the way to the peer was there.
#ifndef GTESTNET_NODE_PEERS_DIALLER_H_
#define GTESTNET_NODE_PEERS_DIALLER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "config.h"

namespace gtestnet::node {

struct DiallerOptions {
  PeerConfig peer;
  std::optional<boost::asio::ip::address> source;  // to bind before connecting
  std::chrono::milliseconds first_backoff{50};
  std::chrono::milliseconds last_backoff{1000};
  // Of an attempt to connect, and again of the handshake.
  std::chrono::milliseconds first_patience{250};
  std::chrono::milliseconds last_patience{4000};
  std::uint64_t seed = 0;  // of the backoff's jitter
};

class Dialler : public std::enable_shared_from_this<Dialler> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  struct Events {
    std::function<bool()> wanted;           // asked before each attempt: whether one is needed
    std::function<void(Socket)> connected;  // until Failed or Lost nothing more is tried
    std::function<void()> unanswered;       // connected, but neither Failed nor Stands in time
    std::function<void(const std::string& reason)> failed;
  };

  Dialler(boost::asio::io_context& context, DiallerOptions options, Events events);

  void Start();
  // The connection came to nothing: tries again later than before.
  void Failed(const std::string& reason);
  // The handshake has succeeded.
  void Stands();
  // A connection that stood is gone: tries again soon.
  void Lost();
  void Stop();

  [[nodiscard]] bool under_way() const { return under_way_; }
  [[nodiscard]] bool resolving() const { return resolving_; }

 private:
  void Wait();
  void AwaitAnswer(std::function<void()> none);
  void Attempt();
  void Resolve();
  void ConnectTo(std::vector<boost::asio::ip::tcp::endpoint> endpoints, std::size_t index,
                 const std::string& reason);

  boost::asio::io_context& context_;
  DiallerOptions options_;
  Events events_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer wait_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<Socket> socket_;
  std::chrono::milliseconds backoff_;
  std::chrono::milliseconds patience_;
  std::mt19937_64 random_;
  bool under_way_ = false;
  bool waiting_ = false;
  bool resolving_ = false;
  bool stopped_ = false;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_PEERS_DIALLER_H_
