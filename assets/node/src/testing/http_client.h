// SPDX-License-Identifier: Apache-2.0
// For the shell's tests: a blocking HTTP client that also sends what no client should.
#ifndef GTESTNET_NODE_TESTING_HTTP_CLIENT_H_
#define GTESTNET_NODE_TESTING_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "config.h"

namespace gtestnet::node {

struct HttpReply {
  unsigned status = 0;                        // 0: the connection ended before there was one
  std::map<std::string, std::string> fields;  // lower-case names
  std::string body;
};

// Each wait ends after some seconds, as if the connection had.
class HttpClient {
 public:
  explicit HttpClient(const Address& address);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  HttpReply Get(const std::string& target);
  HttpReply Post(const std::string& target, const std::string& body,
                 const std::string& content_type = "application/json");

  void SendRaw(const std::string& bytes);
  HttpReply ReadReply(bool has_body = true);
  // The header of a stream, and then its lines, chunked or not.
  HttpReply ReadHeader();
  std::optional<std::string> ReadChunk();
  // Whether the other side closed, after all that it sent.
  bool AtEnd();
  void set_timeout_ms(int timeout) { timeout_ms_ = timeout; }

 private:
  bool Fill();
  std::optional<std::string> TakeLine();
  std::optional<std::string> Take(std::size_t bytes);

  int fd_ = -1;
  int timeout_ms_ = 10'000;
  std::string buffer_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_HTTP_CLIENT_H_
