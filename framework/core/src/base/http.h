// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_HTTP_H_
#define GTESTNET_CORE_SRC_BASE_HTTP_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/bounds.h"
#include "core/src/base/socket.h"
#include "core/src/base/thread.h"

namespace gtestnet::base {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};
  std::string content_type = "application/json";  // sent with a body only
  // Whether it may be sent again when a kept connection broke under it.
  bool idempotent = true;
  // The header of that name: "Bearer 1f3a…". Empty: none.
  std::string authorization = {};
  // Further ones, by name, as they are: nobody checks them here.
  std::map<std::string, std::string> headers = {};
};

struct HttpResponse {
  int status = 0;
  std::string content_type = {};
  std::string body = {};
  std::map<std::string, std::string> headers = {};  // as in HttpMessage
};

struct HttpLimits {
  size_t header_bytes = kMostHeaderBytes;
  size_t body_bytes = kMostAnswerBytes;
  uint16_t source_port = 0;  // what connections come from; 0 is the kernel's choice
};

// A synchronous HTTP/1.1 client of one server. It keeps connections and uses them again; as many
// threads may call as like.
//
// Errors say the endpoint, the request, how long it took and what was last seen; kUnavailable: no
// connection, or it broke; kDeadlineExceeded; kCancelled; kInternal: an answer that is not HTTP or
// above a limit; kResourceExhausted: there is no memory for it. An answer of any status is a
// success here.
class HttpClient {
 public:
  explicit HttpClient(Endpoint endpoint, HttpLimits limits = {});
  ~HttpClient();

  const Endpoint& endpoint() const { return endpoint_; }
  absl::StatusOr<HttpResponse> Request(const HttpRequest& request,
                                       std::chrono::milliseconds timeout,
                                       std::stop_token stop = {}) const;

 private:
  absl::StatusOr<HttpResponse> RequestOn(Socket& socket, const HttpRequest& request,
                                         const WaitLimit& limit, bool& keep, size_t& seen) const;
  std::vector<Socket> TakeIdle() const;
  void Keep(Socket socket) const;
  absl::StatusOr<HttpResponse> Attempt(const HttpRequest& request,
                                       std::chrono::milliseconds timeout,
                                       std::stop_token stop) const;

  const Endpoint endpoint_;
  const HttpLimits limits_;
  mutable std::mutex mutex_;
  mutable std::vector<Socket> idle_;
};

// Lines of an answer that does not end (NDJSON), as they come. All handlers are called on the
// stream's own thread, one at a time; empty ones are left out. A stream that can have no thread
// calls on_end as it is made.
struct LineHandlers {
  std::function<void()> on_open = {};  // status 200 was received
  // Without its end; never empty. An error ends the stream.
  std::function<absl::Status(std::string_view line)> on_line = {};
  // Once, and last. kUnavailable: no connection, or the server closed it; kCancelled; kInternal: an
  // answer that is not HTTP, of another status than 200 (kNotFound for 404), or a line above the
  // limit; kDeadlineExceeded: no answer's head in time; kResourceExhausted: no memory, no thread.
  std::function<void(const absl::Status&)> on_end = {};
};

struct LineLimits {
  std::chrono::milliseconds open_timeout = kLongestOpening;
  size_t line_bytes = kMostLineBytes;
};

class LineStream {
 public:
  LineStream(Endpoint endpoint, HttpRequest request, LineHandlers handlers, LineLimits limits = {});
  // Cancels, and waits until no handler runs, unless a handler calls it.
  ~LineStream();
  LineStream(const LineStream&) = delete;
  LineStream& operator=(const LineStream&) = delete;

  // Returns at once. Any thread.
  void Cancel() { thread_.request_stop(); }

 private:
  Thread thread_;
};

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_HTTP_H_
