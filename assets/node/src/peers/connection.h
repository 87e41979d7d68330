// SPDX-License-Identifier: Apache-2.0
//
// One connection to another node: the handshake, then messages both ways.
#ifndef GTESTNET_NODE_PEERS_CONNECTION_H_
#define GTESTNET_NODE_PEERS_CONNECTION_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boost/asio/buffer.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "core/engine.h"
#include "peers/frame.h"
#include "peers/handshake.h"

namespace gtestnet::node {

using SharedFrame = std::shared_ptr<const Bytes>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = std::chrono::steady_clock::time_point;

  // Who is told. Never called from within a method that the owner called, but for Close.
  class Owner {
   public:
    virtual ~Owner() = default;
    // The handshake succeeded. False: the connection was refused or closed.
    virtual bool OnEstablished(Connection& connection) = 0;
    virtual void OnMessage(Connection& connection, Message message) = 0;
    // Once, whatever the reason; the connection is no longer used afterwards.
    virtual void OnClosed(Connection& connection, const std::string& reason) = 0;
  };

  // `expected` is the identifier that a dialled node should have; the owner outlives the connection
  // or calls Detach.
  Connection(Socket socket, PeerId id, const Identity& self, bool dialled, const Hash& nonce,
             std::optional<std::string> expected, std::size_t max_queue, Owner* owner);

  void Start();
  // Queues a frame. A peer that lets more wait than max_queue is dropped.
  void Send(SharedFrame frame);
  // Says why, then closes.
  void Refuse(const std::string& reason);
  void Close(const std::string& reason);
  void Detach();

  [[nodiscard]] PeerId id() const { return id_; }
  [[nodiscard]] bool established() const { return established_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool dialled() const { return handshake_.dialled(); }
  [[nodiscard]] const Handshake::Hello& peer() const { return handshake_.peer(); }
  // For logs: "validator-1 at 127.0.0.1:3000", or only the address before it told its name.
  [[nodiscard]] std::string Name() const;
  [[nodiscard]] Time last_heard() const { return last_heard_; }
  [[nodiscard]] const std::optional<std::string>& expected() const { return expected_; }

 private:
  void Read();
  void OnRead(std::size_t bytes);
  // False when the connection is closed or being so.
  bool HandleFrame(const Frame& frame);
  bool HandleHandshake(const Frame& frame);
  void WriteOut();

  Socket socket_;
  PeerId id_;
  std::optional<std::string> expected_;
  Handshake handshake_;
  std::size_t max_queue_;
  Owner* owner_;
  std::string remote_;
  FrameReader reader_;
  std::deque<SharedFrame> queue_;
  std::vector<SharedFrame> writing_;
  std::size_t queued_bytes_ = 0;
  Time last_heard_ = std::chrono::steady_clock::now();
  bool established_ = false;
  std::optional<std::string> refusal_;  // close for this reason once all is written
  bool closed_ = false;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_PEERS_CONNECTION_H_
