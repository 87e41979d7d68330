// SPDX-License-Identifier: Apache-2.0
//
// One connection of the HTTP server: reads a request, has it answered, writes the answer, and
// again.
#ifndef GTESTNET_NODE_API_HTTP_SESSION_H_
#define GTESTNET_NODE_API_HTTP_SESSION_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http_server.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "http_message.h"

namespace gtestnet::node {

// What the sessions of one server share; it outlives them.
struct HttpShared {
  HttpOptions options;
  HttpHandler handler;
  std::uint64_t requests = 0;
  std::size_t body_bytes = 0;  // of all requests that are being read
};

class HttpSession : public HttpStream, public std::enable_shared_from_this<HttpSession> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = std::chrono::steady_clock::time_point;

  HttpSession(Socket socket, std::shared_ptr<HttpShared> shared,
              std::function<void(HttpSession*)> on_close);
  ~HttpSession() override { CountBody(0); }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void Start();
  void Close();
  // Closes the session if what it waits for is overdue.
  void CloseIfLate(Time now);

  void Write(std::string_view text) override;
  [[nodiscard]] bool open() const override { return !closed_; }

 private:
  void NextRequest();
  void CountBody(std::size_t bytes);
  void Read();
  void TakeIn(std::string_view bytes);
  void Refuse(unsigned status, std::string body);
  void Answer();
  void Send(const HttpResponse& response);
  void WriteOut();
  void OnWritten();
  void WatchForEnd();
  void Expect(std::chrono::milliseconds timeout);
  [[nodiscard]] std::string HeaderOf(const HttpResponse& response) const;

  Socket socket_;
  std::shared_ptr<HttpShared> shared_;
  std::function<void(HttpSession*)> on_close_;
  std::array<char, std::size_t{16} * 1024> room_;
  std::optional<HttpMessage> message_;  // nothing once it was answered
  std::string behind_;                  // what came after it
  std::size_t body_bytes_ = 0;          // that this session has in body_bytes of all
  boost::asio::steady_timer delay_;
  Time deadline_ = Time::max();
  std::string writing_;  // what async_write has
  std::string waiting_;  // what comes after it
  bool write_under_way_ = false;
  bool continued_ = false;  // "100 Continue" was sent for this request
  bool in_header_ = false;
  bool keep_alive_ = true;
  bool head_ = false;
  bool http10_ = false;
  bool streaming_ = false;
  bool closed_ = false;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_HTTP_SESSION_H_
