// SPDX-License-Identifier: Apache-2.0
//
// Keeps trying to reach one configured peer: resolves its name anew at each attempt, and waits
// longer after each that failed. A dial that is not answered is soon given up and made again, with
// twice the patience each time: it may have left before the way to the peer was there. While it is
// not answered, the name is resolved again and again, and a peer that has another address by then
// is dialled there at once: a container that comes back often has.
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

using DiallerEndpoints = std::vector<boost::asio::ip::tcp::endpoint>;

struct DiallerOptions {
  PeerConfig peer;
  // Calls back once, later, with what the host's name stands for, or why it stands for nothing. The
  // system's resolver if it is empty.
  using Resolved = std::function<void(const std::string& error, DiallerEndpoints found)>;
  std::function<void(const Address& address, Resolved resolved)> resolve;
  std::optional<boost::asio::ip::address> source;  // to bind before connecting
  std::chrono::milliseconds first_backoff{50};
  std::chrono::milliseconds last_backoff{1000};
  // Of an attempt to connect, and again of the handshake.
  std::chrono::milliseconds first_patience{250};
  std::chrono::milliseconds last_patience{4000};
  // How often the name is resolved while an attempt is not answered.
  std::chrono::milliseconds look_again{250};
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
  void Resolve(DiallerOptions::Resolved resolved);
  void ConnectTo(DiallerEndpoints endpoints, std::size_t index, const std::string& reason);
  // While the dial number `dial`, to one of these endpoints, is not answered.
  void LookAgain(std::uint64_t dial, DiallerEndpoints endpoints);

  boost::asio::io_context& context_;
  DiallerOptions options_;
  Events events_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer wait_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer look_;
  std::shared_ptr<Socket> socket_;  // that is being connected
  std::uint64_t dial_ = 0;          // counts connects
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
