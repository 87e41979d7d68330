// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_HTTP_CLIENT_H_
#define GTESTNET_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gtestnet {

struct HttpAnswer {
  int status = 0;
  // Their names in lower case. Of one that comes several times: all values, with ", " between.
  std::map<std::string, std::string> headers = {};
  std::string body = {};

  friend bool operator==(const HttpAnswer&, const HttpAnswer&) = default;
};

// HTTP 503, 7 bytes: "syncing".
std::ostream& operator<<(std::ostream& os, const HttpAnswer& answer);

struct HttpClientOptions {
  // Sent with every request, by name. A body is "application/json" unless Content-Type is among
  // them. Host, Content-Length, Transfer-Encoding and Connection are the client's own.
  std::map<std::string, std::string> headers = {};
  // Of an answer's body; a longer one is an error. Default 16 MiB.
  size_t most_body_bytes = 16 * 1024 * 1024;
};

struct HttpRequestOptions {
  // For the whole of it, from the connection to the answer's last byte. Default 5 s. (A host that
  // is a name is looked up before that.)
  std::chrono::milliseconds deadline{5000};
  // Beside the client's own; the same name here is taken.
  std::map<std::string, std::string> headers = {};
  // Ends the request at once.
  std::stop_token stop = {};
};

// A client of one HTTP/1.1 server, for probes, workloads and checks of your own nodes:
//
//   absl::StatusOr<NodeSample> MyKind::Probe(const NodeInfo& node, milliseconds timeout) const {
//     const NodeAddress at = node.CurrentAddress();
//     const HttpClient client(at.host, at.ports.at("api"));
//     absl::StatusOr<HttpAnswer> answer = client.Get("/status", {.deadline = timeout});
//     if (!answer.ok()) return answer.status();
//     if (answer->status != 200) return absl::InternalError("it says " + answer->body);
//     NodeSample sample;
//     sample.status = answer->body;
//     return sample;
//   }
//
// An answer of any status is a success here, and redirections are not followed. Errors name the
// URL, how long it took and what was last seen: kUnavailable, no connection, or it broke;
// kDeadlineExceeded; kCancelled; kInternal, an answer that is not HTTP or too long;
// kInvalidArgument, nothing was sent, as host, path or a header cannot be; kResourceExhausted, this
// process has no descriptor or memory for it.
//
// It keeps its connections and uses them again, so one that lives longer is cheaper than one a
// request. Any thread, also several at once.
class HttpClient {
 public:
  HttpClient(std::string host, uint16_t port, HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // `path` begins with "/", and may have a query, encoded as it is to be sent.
  absl::StatusOr<HttpAnswer> Get(std::string_view path,
                                 const HttpRequestOptions& options = {}) const;
  // It is sent once: after an error the server may have done what it asks for.
  absl::StatusOr<HttpAnswer> Post(std::string_view path, std::string body,
                                  const HttpRequestOptions& options = {}) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace gtestnet

#endif  // GTESTNET_HTTP_CLIENT_H_
