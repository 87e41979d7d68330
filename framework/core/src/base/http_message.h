// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_HTTP_MESSAGE_H_
#define GTESTNET_CORE_SRC_BASE_HTTP_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/bounds.h"
#include "core/src/base/http_body.h"

namespace gtestnet::base {

struct HttpMessageLimits {
  size_t header_bytes = kMostHeaderBytes;
  std::optional<uint64_t> body_bytes = kMostAnswerBytes;  // nothing: of any length
};

// What is asked for of a message's head.
struct HttpHead {
  int status = 0;      // of an answer
  std::string method;  // of a request
  std::string target;
  std::string content_type;
  std::string authorization;
  bool keep_alive = false;
};

// Takes one HTTP/1.1 message in, whatever the pieces it comes in, without any I/O.
class HttpMessage {
 public:
  enum class Kind { kRequest, kAnswer };
  explicit HttpMessage(Kind kind, const HttpMessageLimits& limits = {});
  ~HttpMessage();
  HttpMessage(const HttpMessage&) = delete;
  HttpMessage& operator=(const HttpMessage&) = delete;

  // How many of the bytes belong to this message: all, unless it is done. After an error it takes
  // no more. kInvalidArgument: not HTTP; kOutOfRange: the header or what is between the data is too
  // long; kResourceExhausted: the body is.
  absl::StatusOr<size_t> Take(std::string_view bytes);
  // The connection's end. kUnavailable in the midst of the message.
  absl::Status End();

  bool has_head() const { return body_.has_value(); }
  bool done() const { return body_ && body_->done(); }
  const HttpHead& head() const { return head_; }
  // All of the head, once there is one: names in lower case, values of the same name joined by
  // ", ".
  std::map<std::string, std::string> headers() const;
  // The data that came since the last call.
  std::string TakeBody();

 private:
  class Parser;
  template <bool kIsRequest>
  class ParserOf;

  absl::Status TakeHead(std::string_view bytes, size_t& taken);
  absl::Status TooLong() const;

  const HttpMessageLimits limits_;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // of the head, not yet parsed
  size_t head_bytes_ = 0;
  HttpHead head_;
  std::optional<HttpBody> body_;
  std::string data_;
};

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_HTTP_MESSAGE_H_
