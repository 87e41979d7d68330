// SPDX-License-Identifier: Apache-2.0
#include "api/http_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/rfc7230.hpp"
#include "boost/beast/http/status.hpp"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;
constexpr std::size_t kPipelineBytes = 256 * 1024;
constexpr std::chrono::milliseconds kLinger{2000};

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

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
      buffer_(kPipelineBytes),
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
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(kMaxHeaderBytes);
  parser_->body_limit(shared_->options.max_body_bytes);
  continued_ = false;
  in_header_ = false;
  Parse();
}

void HttpSession::Read() {
  auto self = std::static_pointer_cast<HttpSession>(shared_from_this());
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self](boost::system::error_code error, std::size_t bytes) {
                            if (self->closed_) return;
                            if (error) return self->Close();
                            self->OnRead(bytes);
                          });
}

void HttpSession::OnRead(std::size_t bytes) {
  buffer_.commit(bytes);
  Parse();
}

// Feeds the parser with what is there, and reads on, answers, or refuses.
void HttpSession::Parse() {
  boost::system::error_code error;
  while (buffer_.size() > 0 && !parser_->is_done()) {
    const bool header_was_done = parser_->is_header_done();
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (!header_was_done && parser_->is_header_done()) Expect(shared_->options.body_timeout);
    if (error == http::error::need_more) {
      error = {};
      break;
    }
    if (error) return Refuse(error);
    if (used == 0) break;
  }
  if (parser_->is_done()) return Answer();
  if (!parser_->is_header_done()) {
    const bool begun = parser_->got_some() || buffer_.size() > 0;
    if (!begun) Expect(shared_->options.idle_timeout);
    if (begun && !in_header_) Expect(shared_->options.header_timeout);
    in_header_ = begun;
  } else if (!continued_ && beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    continued_ = true;
    waiting_ += "HTTP/1.1 100 Continue\r\n\r\n";
    WriteOut();
  }
  Read();
}

void HttpSession::Refuse(boost::system::error_code error) {
  ++shared_->requests;
  keep_alive_ = false;
  head_ = false;
  http10_ = false;
  if (error == http::error::body_limit) return Send(Text(413, "length limit exceeded"));
  if (error == http::error::header_limit) return Send(Text(431, ""));
  Send(Text(400, ""));
}

void HttpSession::Answer() {
  ++shared_->requests;
  deadline_ = Time::max();
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  http10_ = message.version() < 11;
  head_ = message.method() == http::verb::head;
  const std::string_view target = View(message.target());
  const std::size_t question = target.find('?');
  HttpRequest request;
  request.method = head_ ? "GET" : View(message.method_string());
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  request.content_type = View(message[http::field::content_type]);
  request.body = message.body();
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
  parser_.reset();  // answered: OnWritten goes on to the next one
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
  if (streaming_ || !parser_.has_value()) Expect(shared_->options.write_timeout);
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
  if (streaming_ || parser_.has_value()) return;  // goes on, or "100 Continue" was written
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
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self](boost::system::error_code error, std::size_t) {
                            if (self->closed_) return;
                            if (error) return self->Close();
                            self->WatchForEnd();
                          });
}

}  // namespace gtestnet::node
