// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP/1.1 server on one io_context: keep-alive, pipelining, chunked streams, and a bound
// on everything that a client can make grow.
//
//   auto server = HttpServer::Listen(context, {.listen = {"127.0.0.1", 0}}, [](const HttpRequest&
//   r) {
//     return HttpResponse{.body = "null"};
//   });
//
// The handler is called on the thread that runs the context, and answers at once or later, never
// waiting.
#ifndef GTESTNET_NODE_API_HTTP_SERVER_H_
#define GTESTNET_NODE_API_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "config.h"

namespace gtestnet::node {

// Valid during the handler's call only.
struct HttpRequest {
  std::string_view method;  // "GET"; HEAD comes as GET
  std::string_view path;    // up to the question mark
  std::string_view query;   // after it
  std::string_view content_type;
  std::string_view body;
};

// A response that goes on. A consumer that does not read what is written is dropped.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  virtual void Write(std::string_view text) = 0;
  [[nodiscard]] virtual bool open() const = 0;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow;  // of a 405: the method that there is
  // When set, the response has no length: what is written to the stream follows its header.
  std::function<void(std::shared_ptr<HttpStream>)> stream = {};
  // When set, the response comes later, and this one has nothing else: called at once with what is
  // to be called with it, once, on the context's thread.
  std::function<void(std::function<void(HttpResponse)> reply)> later = {};
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpOptions {
  Address listen;
  std::size_t max_body_bytes = 10 * 1024 * 1024;
  std::size_t max_bodies_bytes = 64 * 1024 * 1024;  // of all requests that are being read
  std::size_t max_connections = 1000;
  std::size_t max_stream_backlog = 1024 * 1024;
  std::chrono::milliseconds idle_timeout{120'000};   // between two requests
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte to the end of the header
  std::chrono::milliseconds body_timeout{30'000};    // from there to the end of the body
  std::chrono::milliseconds write_timeout{30'000};
  // Misbehaviour: see the node's README.
  std::chrono::milliseconds delay{0};
  bool garbage = false;
  bool silent = false;
};

class HttpServer {
 public:
  // kAlreadyExists when the address is in use.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(
      boost::asio::io_context& context, HttpOptions options, HttpHandler handler);

  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] Address address() const;  // with the port that was given for port 0
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::uint64_t requests() const;

  // Closes every connection.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// The streams that want the same lines.
class StreamHub {
 public:
  void Add(const std::shared_ptr<HttpStream>& stream) { streams_.push_back(stream); }
  [[nodiscard]] bool empty() const { return streams_.empty(); }
  void Publish(std::string_view line);

 private:
  std::vector<std::weak_ptr<HttpStream>> streams_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_HTTP_SERVER_H_
