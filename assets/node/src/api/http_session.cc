// SPDX-License-Identifier: Apache-2.0
#include "api/http_session.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/status.hpp"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::milliseconds kLinger{2000};

HttpResponse Text(unsigned status, std::string body) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::move(body),
          .allow = "",
          .stream = nullptr};
}

}  // namespace

HttpSession::HttpSession(Socket socket, std::shared_ptr<HttpShared> shared,
                         std::function<void(HttpSession*)> on_close)
    : socket_(std::move(socket)),
      shared_(std::move(shared)),
      on_close_(std::move(on_close)),
      delay_(socket_.get_executor()) {}

void HttpSession::Start() {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  if (shared_->options.silent) return WatchForEnd();
  NextRequest();
}

void HttpSession::Close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  delay_.cancel();
  on_close_(this);
}

void HttpSession::CloseIfLate(Time now) {
  if (now >= deadline_) Close();
}

void HttpSession::Expect(std::chrono::milliseconds timeout) {
  deadline_ = std::chrono::steady_clock::now() + timeout;
}

void HttpSession::NextRequest() {
  message_.emplace(HttpMessage::Kind::kRequest,
                   HttpMessageLimits{.body_bytes = shared_->options.max_body_bytes});
  continued_ = false;
  in_header_ = false;
  TakeIn(std::exchange(behind_, {}));
}

void HttpSession::Read() {
  auto self = std::static_pointer_cast<HttpSession>(shared_from_this());
  socket_.async_read_some(asio::buffer(room_),
                          [self](boost::system::error_code error, std::size_t bytes) {
                            if (self->closed_) return;
                            if (error) return self->Close();
                            self->TakeIn({self->room_.data(), bytes});
                          });
}

// Feeds the message with what is there, and reads on, answers, or refuses. What fails here, for
// want of memory, fails this connection alone.
void HttpSession::TakeIn(std::string_view bytes) try {
  const bool header_was_done = message_->has_head();
  const absl::StatusOr<std::size_t> taken = message_->Take(bytes);
  if (absl::IsResourceExhausted(taken.status())) return Refuse(413, "length limit exceeded");
  if (absl::IsOutOfRange(taken.status())) return Refuse(431, "");
  if (!taken.ok()) return Refuse(400, "");
  CountBody(message_->body_bytes());
  if (shared_->body_bytes > shared_->options.max_bodies_bytes) {
    return Refuse(503, "too many bodies at once");
  }
  behind_ = bytes.substr(*taken);
  if (!header_was_done && message_->has_head()) Expect(shared_->options.body_timeout);
  if (message_->done()) return Answer();
  if (!message_->has_head()) {
    const bool begun = in_header_ || !bytes.empty();
    if (!begun) Expect(shared_->options.idle_timeout);
    if (begun && !in_header_) Expect(shared_->options.header_timeout);
    in_header_ = begun;
  } else if (!continued_ && message_->head().expects_continue) {
    continued_ = true;
    waiting_ += "HTTP/1.1 100 Continue\r\n\r\n";
    WriteOut();
  }
  Read();
} catch (const std::exception&) {
  Close();
}

void HttpSession::CountBody(std::size_t bytes) {
  shared_->body_bytes += bytes;
  shared_->body_bytes -= std::exchange(body_bytes_, bytes);
}

void HttpSession::Refuse(unsigned status, std::string body) {
  ++shared_->requests;
  keep_alive_ = false;
  head_ = false;
  http10_ = false;
  Send(Text(status, std::move(body)));
}

void HttpSession::Answer() {
  ++shared_->requests;
  deadline_ = Time::max();
  const HttpHead& head = message_->head();
  keep_alive_ = head.keep_alive;
  http10_ = head.is_http10;
  head_ = head.method == "HEAD";
  const std::string_view target = head.target;
  const std::size_t question = target.find('?');
  const std::string body = message_->TakeBody();
  HttpRequest request;
  request.method = head_ ? std::string_view("GET") : head.method;
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  request.content_type = head.content_type;
  request.body = body;
  HttpResponse response;
  try {
    response = shared_->options.garbage
                   ? HttpResponse{.body = "\x7f\x01{not json]", .allow = "", .stream = nullptr}
                   : shared_->handler(request);
  } catch (const std::exception& failure) {
    response = Text(500, failure.what());
  }
  if (shared_->options.delay.count() == 0) return Send(response);
  auto self = std::static_pointer_cast<HttpSession>(shared_from_this());
  delay_.expires_after(shared_->options.delay);
  delay_.async_wait([self, response = std::move(response)](boost::system::error_code error) {
    if (!error && !self->closed_) self->Send(response);
  });
}

std::string HttpSession::HeaderOf(const HttpResponse& response) const {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string header = absl::StrCat("HTTP/1.1 ", response.status, " ",
                                    std::string(reason.data(), reason.size()), "\r\n");
  if (!response.body.empty() || response.stream) {
    absl::StrAppend(&header, "content-type: ", response.content_type, "\r\n");
  }
  if (!response.allow.empty()) absl::StrAppend(&header, "allow: ", response.allow, "\r\n");
  absl::StrAppend(&header, "access-control-allow-origin: *\r\n");
  if (!response.stream) {
    absl::StrAppend(&header, "content-length: ", response.body.size(), "\r\n");
  } else if (!http10_) {
    absl::StrAppend(&header, "transfer-encoding: chunked\r\n");
  }
  if (!keep_alive_) {
    absl::StrAppend(&header, "connection: close\r\n");
  } else if (http10_ && !response.stream) {
    absl::StrAppend(&header, "connection: keep-alive\r\n");
  }
  absl::StrAppend(&header, "\r\n");
  return header;
}

void HttpSession::Send(const HttpResponse& response) {
  if (response.later) {
    return response.later([self = std::static_pointer_cast<HttpSession>(shared_from_this())](
                              const HttpResponse& reply) {
      if (!self->closed_) self->Send(reply);
    });
  }
  waiting_ += HeaderOf(response);
  if (!head_) waiting_ += response.body;
  if (response.stream && !head_) {
    streaming_ = true;
    WriteOut();
    WatchForEnd();
    response.stream(shared_from_this());
    return;
  }
  if (response.stream) keep_alive_ = false;
  message_.reset();  // answered: OnWritten goes on to the next one
  CountBody(0);
  WriteOut();
}

void HttpSession::Write(std::string_view text) {
  if (closed_ || text.empty()) return;
  if (waiting_.size() + text.size() > shared_->options.max_stream_backlog) return Close();
  if (http10_) {
    waiting_.append(text);
  } else {
    absl::StrAppend(&waiting_, absl::Hex(text.size()), "\r\n");
    waiting_.append(text);
    waiting_ += "\r\n";
  }
  WriteOut();
}

void HttpSession::WriteOut() {
  if (write_under_way_ || waiting_.empty() || closed_) return;
  write_under_way_ = true;
  writing_.swap(waiting_);
  waiting_.clear();
  if (streaming_ || !message_.has_value()) Expect(shared_->options.write_timeout);
  auto self = std::static_pointer_cast<HttpSession>(shared_from_this());
  asio::async_write(socket_, asio::buffer(writing_),
                    [self](boost::system::error_code error, std::size_t) {
                      if (self->closed_) return;
                      if (error) return self->Close();
                      self->OnWritten();
                    });
}

void HttpSession::OnWritten() {
  write_under_way_ = false;
  writing_.clear();
  if (streaming_) deadline_ = Time::max();
  if (!waiting_.empty()) return WriteOut();
  if (streaming_ || message_.has_value()) return;  // goes on, or "100 Continue" was written
  if (keep_alive_) return NextRequest();
  // A client may still be sending what was refused: closing at once would take the answer from it.
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  Expect(kLinger);
  WatchForEnd();
}

// Reads and forgets: a stream has no more requests, but its end must be noticed.
void HttpSession::WatchForEnd() {
  auto self = std::static_pointer_cast<HttpSession>(shared_from_this());
  socket_.async_read_some(asio::buffer(room_),
                          [self](boost::system::error_code error, std::size_t) {
                            if (self->closed_) return;
                            if (error) return self->Close();
                            self->WatchForEnd();
                          });
}

}  // namespace gtestnet::node
