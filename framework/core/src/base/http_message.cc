// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http_message.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet::base {
namespace {

namespace http = boost::beast::http;

template <class T>
std::string Text(const T& view) {
  return std::string(view.data(), view.size());
}

}  // namespace

// Boost's parser, of heads only: what follows is for HttpBody.
class HttpMessage::Parser {
 public:
  virtual ~Parser() = default;
  // How many bytes are done with; the rest comes again, with more behind it.
  virtual size_t Put(std::string_view bytes, boost::system::error_code& error) = 0;
  virtual bool done() const = 0;
  virtual HttpHead head() const = 0;
  virtual std::map<std::string, std::string> headers() const = 0;
  virtual absl::StatusOr<HttpBody> body(std::optional<uint64_t> most_bytes) const = 0;
};

template <bool kIsRequest>
class HttpMessage::ParserOf : public Parser {
 public:
  explicit ParserOf(size_t header_bytes) {
    parser_.header_limit(static_cast<uint32_t>(header_bytes));
    parser_.skip(true);
  }

  size_t Put(std::string_view bytes, boost::system::error_code& error) override {
    return parser_.put(boost::asio::buffer(bytes), error);
  }
  bool done() const override { return parser_.is_header_done(); }

  HttpHead head() const override {
    const auto& message = parser_.get();
    HttpHead head;
    if constexpr (kIsRequest) {
      head.method = Text(message.method_string());
      head.target = Text(message.target());
    } else {
      head.status = static_cast<int>(message.result_int());
    }
    head.content_type = Text(message[http::field::content_type]);
    head.authorization = Text(message[http::field::authorization]);
    head.keep_alive = parser_.keep_alive();
    return head;
  }

  std::map<std::string, std::string> headers() const override {
    std::map<std::string, std::string> headers;
    for (const auto& field : parser_.get()) {
      std::string& value = headers[absl::AsciiStrToLower(Text(field.name_string()))];
      if (!value.empty()) value += ", ";
      value += Text(field.value());
    }
    return headers;
  }

  // RFC 9112, 6.3.
  absl::StatusOr<HttpBody> body(std::optional<uint64_t> most_bytes) const override {
    if constexpr (!kIsRequest) {
      const unsigned status = parser_.get().result_int();
      if (status / 100 == 1 || status == 204 || status == 304) return HttpBody::OfLength(0);
    }
    if (parser_.chunked()) return HttpBody::Chunked(most_bytes);
    if (const auto length = parser_.content_length()) {
      if (most_bytes && *length > *most_bytes) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the body is longer than ", *most_bytes, " bytes"));
      }
      return HttpBody::OfLength(*length);
    }
    if constexpr (!kIsRequest) return HttpBody::ToTheEnd(most_bytes);
    if (parser_.get().count(http::field::transfer_encoding) > 0) {
      return InvalidArgument("a transfer encoding that is not chunked");
    }
    return HttpBody::OfLength(0);
  }

 private:
  http::parser<kIsRequest, http::empty_body> parser_;
};

HttpMessage::HttpMessage(Kind kind, const HttpMessageLimits& limits) : limits_(limits) {
  if (kind == Kind::kRequest) {
    parser_ = std::make_unique<ParserOf<true>>(limits.header_bytes);
  } else {
    parser_ = std::make_unique<ParserOf<false>>(limits.header_bytes);
  }
}

HttpMessage::~HttpMessage() = default;

std::map<std::string, std::string> HttpMessage::headers() const { return parser_->headers(); }

absl::StatusOr<size_t> HttpMessage::Take(std::string_view bytes) {
  size_t taken = 0;
  if (!body_) GTESTNET_RETURN_IF_ERROR(TakeHead(bytes, taken));
  if (!body_) return taken;
  GTESTNET_ASSIGN_OR_RETURN(const size_t of_body, body_->Take(bytes.substr(taken), data_));
  return taken + of_body;
}

absl::Status HttpMessage::TakeHead(std::string_view bytes, size_t& taken) {
  // One byte more than allowed is enough to say that it is too long.
  const size_t had = pending_.size();
  const size_t room = limits_.header_bytes + 1 - head_bytes_ - had;
  pending_.append(bytes.substr(0, room));
  boost::system::error_code error;
  while (!pending_.empty() && !parser_->done()) {
    const size_t used = parser_->Put(pending_, error);
    pending_.erase(0, used);
    head_bytes_ += used;
    if (error == http::error::need_more && used == 0) break;
    if (error == http::error::header_limit) return TooLong();
    if (error && error != http::error::need_more) return InvalidArgument(error.message());
  }
  const size_t head_bytes = head_bytes_ + (parser_->done() ? 0 : pending_.size());
  if (head_bytes > limits_.header_bytes) return TooLong();
  taken = std::min(room, bytes.size());
  if (!parser_->done()) return absl::OkStatus();
  // Nothing of what was pending before can be behind the head's end.
  taken -= pending_.size();
  pending_.clear();
  head_ = parser_->head();
  GTESTNET_ASSIGN_OR_RETURN(body_, parser_->body(limits_.body_bytes));
  return absl::OkStatus();
}

absl::Status HttpMessage::TooLong() const {
  return absl::OutOfRangeError(
      absl::StrCat("the header is longer than ", limits_.header_bytes, " bytes"));
}

absl::Status HttpMessage::End() {
  if (body_) return body_->End();
  return Unavailable("the connection was closed in the midst of the header");
}

std::string HttpMessage::TakeBody() { return std::exchange(data_, {}); }

}  // namespace gtestnet::base
