// SPDX-License-Identifier: Apache-2.0
#include "src/base/http.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gtestnet::base {
namespace {

namespace http = boost::beast::http;

// More idle connections than this serve nobody.
constexpr size_t kMaxIdle = 16;

std::string Render(const Endpoint& endpoint, const HttpRequest& request) {
  std::string text =
      absl::StrCat(request.method, " ", request.target, " HTTP/1.1\r\nHost: ",
                   endpoint.unix_path.empty() ? endpoint.ToString() : "localhost", "\r\n");
  if (!request.authorization.empty()) {
    absl::StrAppend(&text, "Authorization: ", request.authorization, "\r\n");
  }
  const bool has_body = !request.body.empty() || request.method == "POST";
  if (has_body) {
    absl::StrAppend(&text, "Content-Type: ", request.content_type,
                    "\r\nContent-Length: ", request.body.size(), "\r\n");
  }
  return absl::StrCat(text, "\r\n", request.body);
}

// Takes one answer in, whatever the pieces it comes in.
class ResponseReader {
 public:
  explicit ResponseReader(const HttpLimits& limits) {
    parser_.header_limit(static_cast<uint32_t>(limits.header_bytes));
    parser_.body_limit(limits.body_bytes);
    parser_.eager(true);
  }
  // For an answer without an end, whose body is taken away as it comes.
  void AllowAnyLength() { parser_.body_limit(boost::none); }

  // Waits for bytes and takes them in. Whether the connection has more to give.
  absl::StatusOr<bool> ReadSome(Socket& socket, const WaitLimit& limit) {
    std::array<char, 16 * 1024> room;
    absl::StatusOr<size_t> received = socket.Receive(room.data(), room.size(), limit);
    if (!received.ok()) return received.status();
    bytes_seen_ += *received;
    if (*received == 0) {
      if (bytes_seen_ == 0) return absl::UnavailableError("the connection was closed");
      return End();
    }
    pending_.append(room.data(), *received);
    boost::system::error_code error;
    while (!pending_.empty() && !parser_.is_done()) {
      const size_t used = parser_.put(boost::asio::buffer(pending_), error);
      pending_.erase(0, used);
      if (error == http::error::need_more) {
        if (used == 0) break;
        continue;
      }
      if (error) return Failed(error);
    }
    return true;
  }

  bool has_header() const { return parser_.is_header_done(); }
  bool is_done() const { return parser_.is_done(); }
  // Whether the server will take another request on this connection.
  bool keep_alive() const { return parser_.keep_alive() && pending_.empty(); }
  size_t bytes_seen() const { return bytes_seen_; }
  int status() const { return static_cast<int>(parser_.get().result_int()); }
  std::string TakeBody() { return std::exchange(parser_.get().body(), {}); }
  std::string content_type() const {
    const auto value = parser_.get()[http::field::content_type];
    return std::string(value.data(), value.size());
  }

 private:
  absl::StatusOr<bool> End() {
    boost::system::error_code error;
    parser_.put_eof(error);
    if (error)
      return absl::UnavailableError("the connection was closed in the midst of the answer");
    return false;
  }
  absl::Status Failed(const boost::system::error_code& error) const {
    if (error == http::error::body_limit || error == http::error::header_limit) {
      return absl::InternalError(absl::StrCat("the answer is above the limit: ", error.message()));
    }
    return absl::InternalError(absl::StrCat("the answer is not HTTP: ", error.message()));
  }

  http::response_parser<http::string_body> parser_;
  std::string pending_;
  size_t bytes_seen_ = 0;
};

std::string Seconds(Clock::TimePoint since) {
  const auto passed = std::chrono::duration<double>(RealClock().Now() - since).count();
  return passed < 0.1 ? absl::StrFormat("%.3f s", passed) : absl::StrFormat("%.1f s", passed);
}

// Who was asked for what, how long it took, and how it ended.
absl::Status Annotated(const absl::Status& status, const Endpoint& endpoint,
                       const HttpRequest& request, Clock::TimePoint since,
                       const std::string& last_seen) {
  const std::string what =
      absl::StrCat(endpoint.ToString(), ": ", request.method, " ", request.target, ": ");
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        absl::StrCat(what, "no answer in ", Seconds(since), "; last: ", last_seen));
  }
  return absl::Status(status.code(),
                      absl::StrCat(what, status.message(), " (after ", Seconds(since), ")"));
}

}  // namespace

HttpClient::HttpClient(Endpoint endpoint, HttpLimits limits)
    : endpoint_(std::move(endpoint)), limits_(limits) {}

HttpClient::~HttpClient() = default;

std::vector<Socket> HttpClient::TakeIdle() const {
  std::vector<Socket> taken;
  const std::lock_guard lock(mutex_);
  while (!idle_.empty() && taken.empty()) {
    if (idle_.back().IsIdle()) taken.push_back(std::move(idle_.back()));
    idle_.pop_back();
  }
  return taken;
}

void HttpClient::Keep(Socket socket) const {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(socket));
}

absl::StatusOr<HttpResponse> HttpClient::RequestOn(Socket& socket, const HttpRequest& request,
                                                   const WaitLimit& limit, bool& keep,
                                                   size_t& seen) const {
  if (absl::Status s = socket.SendAll(Render(endpoint_, request), limit); !s.ok()) return s;
  ResponseReader reader(limits_);
  while (!reader.is_done()) {
    absl::StatusOr<bool> more = reader.ReadSome(socket, limit);
    seen = reader.bytes_seen();
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  keep = reader.keep_alive();
  return HttpResponse{reader.status(), reader.content_type(), reader.TakeBody()};
}

absl::StatusOr<HttpResponse> HttpClient::Request(const HttpRequest& request,
                                                 std::chrono::milliseconds timeout,
                                                 std::stop_token stop) const {
  const Clock::TimePoint begun = RealClock().Now();
  const StopFd stop_fd(std::move(stop));
  const WaitLimit limit{begun + timeout, &stop_fd};
  bool keep = false;
  size_t seen = 0;
  std::vector<Socket> connection = TakeIdle();
  if (!connection.empty()) {
    absl::StatusOr<HttpResponse> response =
        RequestOn(connection.front(), request, limit, keep, seen);
    if (response.ok() && keep) Keep(std::move(connection.front()));
    // The server may close a kept connection at any time: that is no answer to this request.
    const bool again = request.idempotent && seen == 0 &&
                       response.status().code() == absl::StatusCode::kUnavailable;
    if (response.ok()) return response;
    if (!again) {
      return Annotated(response.status(), endpoint_, request, begun,
                       absl::StrCat("connected, ", seen, " bytes of the answer"));
    }
  }
  absl::StatusOr<Socket> socket = Socket::Connect(endpoint_, limit, limits_.source_port);
  if (!socket.ok()) {
    return Annotated(socket.status(), endpoint_, request, begun, "no connection");
  }
  absl::StatusOr<HttpResponse> response = RequestOn(*socket, request, limit, keep, seen);
  if (!response.ok()) {
    return Annotated(response.status(), endpoint_, request, begun,
                     absl::StrCat("connected, ", seen, " bytes of the answer"));
  }
  if (keep) Keep(*std::move(socket));
  return response;
}

namespace {

// Cuts what comes into lines.
class LineCutter {
 public:
  LineCutter(const LineHandlers& handlers, size_t line_bytes)
      : handlers_(handlers), line_bytes_(line_bytes) {}

  absl::Status Add(const std::string& bytes, const std::stop_token& stop) {
    size_t begin = 0;
    for (size_t end; (end = bytes.find('\n', begin)) != std::string::npos; begin = end + 1) {
      line_.append(bytes, begin, end - begin);
      if (stop.stop_requested()) return absl::CancelledError("cancelled");
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      if (!line_.empty() && handlers_.on_line) {
        if (absl::Status s = handlers_.on_line(line_); !s.ok()) return s;
      }
      line_.clear();
    }
    line_.append(bytes, begin);
    if (line_.size() <= line_bytes_) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("a line is longer than ", line_bytes_, " bytes"));
  }

 private:
  const LineHandlers& handlers_;
  const size_t line_bytes_;
  std::string line_;
};

absl::Status RefusedStream(int status, const std::string& body) {
  const std::string text =
      absl::StrCat("HTTP ", status, body.empty() ? "" : ": ", body.substr(0, 200));
  return status == 404 ? absl::NotFoundError(text) : absl::InternalError(text);
}

// Opens the stream and follows it to its end; never OK.
absl::Status Follow(const Endpoint& endpoint, const HttpRequest& request,
                    const LineHandlers& handlers, const LineLimits& limits,
                    const std::stop_token& stop, std::string& last_seen) {
  const StopFd stop_fd(stop);
  const WaitLimit opening{RealClock().Now() + limits.open_timeout, &stop_fd};
  absl::StatusOr<Socket> socket = Socket::Connect(endpoint, opening);
  if (!socket.ok()) return socket.status();
  last_seen = "connected, no head of an answer";
  if (absl::Status s = socket->SendAll(Render(endpoint, request), opening); !s.ok()) return s;

  ResponseReader reader({});
  reader.AllowAnyLength();
  LineCutter lines(handlers, limits.line_bytes);
  const WaitLimit following{Clock::TimePoint::max(), &stop_fd};
  bool more = true;
  bool open = false;
  while (more && !reader.is_done()) {
    absl::StatusOr<bool> read = reader.ReadSome(*socket, open ? following : opening);
    if (!read.ok()) return read.status();
    more = *read;
    if (!reader.has_header()) continue;
    if (reader.status() != 200) return RefusedStream(reader.status(), reader.TakeBody());
    if (!std::exchange(open, true) && handlers.on_open) handlers.on_open();
    if (absl::Status s = lines.Add(reader.TakeBody(), stop); !s.ok()) return s;
  }
  return absl::UnavailableError("the server ended the stream");
}

}  // namespace

LineStream::LineStream(Endpoint endpoint, HttpRequest request, LineHandlers handlers,
                       LineLimits limits)
    : thread_([endpoint = std::move(endpoint), request = std::move(request),
               handlers = std::move(handlers), limits](std::stop_token stop) {
        const Clock::TimePoint begun = RealClock().Now();
        std::string last_seen = "no connection";
        const absl::Status end = Follow(endpoint, request, handlers, limits, stop, last_seen);
        if (handlers.on_end) {
          handlers.on_end(Annotated(end, endpoint, request, begun, last_seen));
        }
      }) {}

LineStream::~LineStream() {
  thread_.request_stop();
  // A handler that destroys its own stream cannot wait for itself; the thread owns all it needs.
  if (thread_.get_id() == std::this_thread::get_id()) thread_.detach();
}

}  // namespace gtestnet::base
