// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/src/base/http_message.h"
#include "core/src/base/no_throw.h"

namespace gtestnet::base {
namespace {

// More idle connections than this serve nobody.
constexpr size_t kMaxIdle = 16;

std::string Render(const Endpoint& endpoint, const HttpRequest& request) {
  std::string text =
      absl::StrCat(request.method, " ", request.target, " HTTP/1.1\r\nHost: ",
                   endpoint.unix_path.empty() ? endpoint.ToString() : "localhost", "\r\n");
  if (!request.authorization.empty()) {
    absl::StrAppend(&text, "Authorization: ", request.authorization, "\r\n");
  }
  for (const auto& [name, value] : request.headers) {
    absl::StrAppend(&text, name, ": ", value, "\r\n");
  }
  const bool has_body = !request.body.empty() || request.method == "POST";
  if (has_body) {
    absl::StrAppend(&text, "Content-Type: ", request.content_type,
                    "\r\nContent-Length: ", request.body.size(), "\r\n");
  }
  return absl::StrCat(text, "\r\n", request.body);
}

// An answer that is not to be used, in the client's words.
absl::Status Refused(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return status;
  const char* what = absl::IsInvalidArgument(status) ? "the answer is not HTTP: "
                                                     : "the answer is above the limit: ";
  return absl::InternalError(absl::StrCat(what, status.message()));
}

// Takes one answer in.
class AnswerReader {
 public:
  explicit AnswerReader(const HttpMessageLimits& limits)
      : message_(HttpMessage::Kind::kAnswer, limits) {}

  // Waits for bytes and takes them in. Whether the connection has more to give.
  absl::StatusOr<bool> ReadSome(Socket& socket, const WaitLimit& limit) {
    std::array<char, 16 * 1024> room;
    absl::StatusOr<size_t> received = socket.Receive(room.data(), room.size(), limit);
    if (!received.ok()) return received.status();
    bytes_seen_ += *received;
    if (*received == 0) {
      keep_alive_ = false;
      if (bytes_seen_ == 0) return absl::UnavailableError("the connection was closed");
      if (message_.End().ok()) return false;
      return absl::UnavailableError("the connection was closed in the midst of the answer");
    }
    absl::StatusOr<size_t> taken = message_.Take({room.data(), *received});
    if (!taken.ok()) return Refused(taken.status());
    keep_alive_ = message_.head().keep_alive && *taken == *received;
    return true;
  }

  const HttpHead& head() const { return message_.head(); }
  bool has_head() const { return message_.has_head(); }
  std::map<std::string, std::string> headers() const { return message_.headers(); }
  bool is_done() const { return message_.done(); }
  // Whether the server will take another request on this connection.
  bool keep_alive() const { return keep_alive_; }
  size_t bytes_seen() const { return bytes_seen_; }
  std::string TakeBody() { return message_.TakeBody(); }

 private:
  HttpMessage message_;
  bool keep_alive_ = false;
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
  AnswerReader reader({.header_bytes = limits_.header_bytes, .body_bytes = limits_.body_bytes});
  while (!reader.is_done()) {
    absl::StatusOr<bool> more = reader.ReadSome(socket, limit);
    seen = reader.bytes_seen();
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  keep = reader.keep_alive();
  return HttpResponse{reader.head().status, reader.head().content_type, reader.TakeBody(),
                      reader.headers()};
}

absl::StatusOr<HttpResponse> HttpClient::Request(const HttpRequest& request,
                                                 std::chrono::milliseconds timeout,
                                                 std::stop_token stop) const {
  return NoThrow([&] { return Attempt(request, timeout, std::move(stop)); },
                 absl::StrCat(endpoint_.ToString(), ": ", request.method, " ", request.target));
}

absl::StatusOr<HttpResponse> HttpClient::Attempt(const HttpRequest& request,
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
      if (absl::Status s = CheckLength(); !s.ok()) return s;
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      if (!line_.empty() && handlers_.on_line) {
        if (absl::Status s = handlers_.on_line(line_); !s.ok()) return s;
      }
      line_.clear();
    }
    line_.append(bytes, begin);
    return CheckLength();
  }

 private:
  absl::Status CheckLength() const {
    const bool has_end = !line_.empty() && line_.back() == '\r';
    if (line_.size() - (has_end ? 1 : 0) <= line_bytes_) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("a line is longer than ", line_bytes_, " bytes"));
  }

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

  AnswerReader reader({.body_bytes = std::nullopt});
  LineCutter lines(handlers, limits.line_bytes);
  const WaitLimit following{Clock::TimePoint::max(), &stop_fd};
  bool more = true;
  bool open = false;
  while (more && !reader.is_done()) {
    absl::StatusOr<bool> read = reader.ReadSome(*socket, open ? following : opening);
    if (!read.ok()) return read.status();
    more = *read;
    if (!reader.has_head()) continue;
    const int status = reader.head().status;
    if (status != 200) return RefusedStream(status, reader.TakeBody());
    if (!std::exchange(open, true) && handlers.on_open) handlers.on_open();
    if (absl::Status s = lines.Add(reader.TakeBody(), stop); !s.ok()) return s;
  }
  return absl::UnavailableError("the server ended the stream");
}

}  // namespace

LineStream::LineStream(Endpoint endpoint, HttpRequest request, LineHandlers handlers,
                       LineLimits limits)
    : thread_(
          [endpoint, request, handlers, limits](const std::stop_token& stop) {
            const Clock::TimePoint begun = RealClock().Now();
            std::string last_seen = "no connection";
            const absl::Status end = NoThrow(
                [&] { return Follow(endpoint, request, handlers, limits, stop, last_seen); },
                "the stream");
            if (handlers.on_end) {
              handlers.on_end(Annotated(end, endpoint, request, begun, last_seen));
            }
          },
          handlers.on_end) {
  if (!thread_.status().ok() && handlers.on_end) handlers.on_end(thread_.status());
}

LineStream::~LineStream() {
  thread_.request_stop();
  // A handler that destroys its own stream cannot wait for itself; the thread owns all it needs.
  if (thread_.get_id() == std::this_thread::get_id()) thread_.detach();
}

}  // namespace gtestnet::base
