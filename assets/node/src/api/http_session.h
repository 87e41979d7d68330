// SPDX-License-Identifier: Apache-2.0
//
// One connection of the HTTP server: reads a request, has it answered, writes the answer, and
// again.
#ifndef GTESTNET_NODE_API_HTTP_SESSION_H_
#define GTESTNET_NODE_API_HTTP_SESSION_H_

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
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"

namespace gtestnet::node {

// What the sessions of one server share; it outlives them.
struct HttpShared {
  HttpOptions options;
  HttpHandler handler;
  std::uint64_t requests = 0;
};

class HttpSession : public HttpStream, public std::enable_shared_from_this<HttpSession> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = std::chrono::steady_clock::time_point;

  HttpSession(Socket socket, std::shared_ptr<HttpShared> shared,
              std::function<void(HttpSession*)> on_close);

  void Start();
  void Close();
  // Closes the session if what it waits for is overdue.
  void CloseIfLate(Time now);

  void Write(std::string_view text) override;
  [[nodiscard]] bool open() const override { return !closed_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void NextRequest();
  void Read();
  void OnRead(std::size_t bytes);
  void Parse();
  void Refuse(boost::system::error_code error);
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
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
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
