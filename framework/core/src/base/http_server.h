// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_HTTP_SERVER_H_
#define GTESTNET_CORE_SRC_BASE_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/src/base/bounds.h"
#include "core/src/base/http.h"
#include "core/src/base/thread.h"

namespace gtestnet::base {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // an address of this machine
  uint16_t port = 0;               // 0: a free one
  size_t body_bytes = kMostRequestBytes;
  size_t connections = kMostConnections;             // one more is closed at once
  std::chrono::milliseconds idle = kLongestRequest;  // for a request to be complete
};

// An HTTP/1.1 server on a thread of its own, for the small programs that are put into a cluster.
// What a client can make it hold is bounded by the options.
//
//   auto server = HttpServer::Listen({.port = 4400});
//   absl::Status serves = (*server)->Serve([](const HttpRequest& r, const HttpServer::Reply& reply)
//   {
//     reply({.status = 200, .content_type = "text/plain", .body = r.target});
//   });
class HttpServer {
 public:
  // Once, from any thread, at once or later: a request that waits costs its connection only.
  using Reply = std::function<void(HttpResponse)>;
  // Called on the server's thread, and must not block it. What it throws is answered with 500.
  using Handler = std::function<void(const HttpRequest&, Reply)>;

  // The sentence of an error names the address.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(const HttpServerOptions& options);
  // Stops, and closes every connection.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Once. Connections that came before wait for it. kResourceExhausted: there is no thread to be
  // had.
  absl::Status Serve(Handler handler);
  // Ends the server's thread: no handler and no task runs afterwards. Where those use the pointer
  // that owns the server, this comes before it is reset. A second time it does nothing.
  void Stop();
  uint16_t port() const;
  // Calls `task` on the server's thread, unless the server is gone by then. Any thread.
  void After(std::chrono::milliseconds delay, std::function<void()> task);

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
  Thread thread_;
};

// The value of `name` in a target's query, "/start?wait_ms=100"; empty if it is not there. Names
// and values that would need to be escaped are not understood.
std::string_view QueryValue(std::string_view target, std::string_view name);
// The target up to its query.
std::string_view PathOf(std::string_view target);
// Milliseconds that a long poll may take, of wait_ms in the query: 20,000 where there is none, and
// at most 60,000. kInvalidArgument for anything else.
absl::StatusOr<int> WaitOf(std::string_view target);

// An answer of one line of text.
HttpResponse Sentence(int status, std::string_view text);
// What a failure is in HTTP: 400, 404, 409 for a wrong state, 504 for a wait that ran out, else
// 500.
HttpResponse Refusal(const absl::Status& status);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_HTTP_SERVER_H_
