// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http_server.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <exception>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/http_message.h"
#include "core/src/base/status.h"

namespace gtestnet::base {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr int kDefaultWait = 20'000;
constexpr int kLongestWait = 60'000;
// After a failed accept, which is a lack of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{50};
// For a client to read an answer that is the last one.
constexpr std::chrono::milliseconds kLinger{2000};

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  explicit Impl(HttpServerOptions options)
      : options_(std::move(options)), acceptor_(context_), pause_(context_) {}

  absl::Status Open();
  void Serve(Handler handler) {
    handler_ = std::move(handler);
    Accept();
  }
  // Until it is stopped: what one handler throws ends nobody else's request.
  void Run() {
    while (!context_.stopped()) {
      try {
        context_.run();
      } catch (const std::exception&) {
      }
    }
  }
  asio::io_context& context() { return context_; }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  class Session;
  friend class HttpServer;

  void Accept();
  void Open(tcp::socket socket);

  const HttpServerOptions options_;
  Handler handler_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::set<std::shared_ptr<Session>> sessions_;
};

// One connection. The server keeps it until it is closed.
class HttpServer::Impl::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Impl* server) : stream_(std::move(socket)), server_(server) {}

  void Begin() {
    message_.emplace(HttpMessage::Kind::kRequest,
                     HttpMessageLimits{.body_bytes = server_->options_.body_bytes});
    stream_.expires_after(server_->options_.idle);
    // Another request may have come behind the last one.
    TakeIn(std::exchange(behind_, {}));
  }

 private:
  void Read() {
    stream_.async_read_some(asio::buffer(room_),
                            [self = shared_from_this()](beast::error_code error, size_t size) {
                              if (error) return self->Close();
                              self->TakeIn({self->room_.data(), size});
                            });
  }

  // What fails here, for want of memory, fails this connection.
  void TakeIn(std::string_view bytes) try {
    const absl::StatusOr<size_t> taken = message_->Take(bytes);
    if (absl::IsResourceExhausted(taken.status())) return Refuse(413, MessageOf(taken.status()));
    if (absl::IsOutOfRange(taken.status())) return Refuse(431, MessageOf(taken.status()));
    if (!taken.ok()) return Refuse(400, "not HTTP: " + MessageOf(taken.status()));
    if (!message_->done()) return Read();
    behind_ = bytes.substr(*taken);
    Handle();
  } catch (const std::exception&) {
    Close();
  }

  void Handle() {
    // A reply that comes later has as much time as it wants.
    stream_.expires_never();
    const HttpHead& head = message_->head();
    keep_alive_ = head.keep_alive;
    HttpRequest request;
    request.method = head.method;
    request.target = head.target;
    request.content_type = head.content_type;
    request.authorization = head.authorization;
    request.body = message_->TakeBody();
    const Reply reply = ReplyLater();
    try {
      server_->handler_(request, reply);
    } catch (const std::exception& failure) {
      reply(Sentence(500, failure.what()));
    }
  }

  Reply ReplyLater() {
    return [server = server_->weak_from_this(), self = weak_from_this()](HttpResponse response) {
      const std::shared_ptr<Impl> alive = server.lock();
      if (!alive) return;
      asio::post(alive->context_, [self, response = std::move(response)]() mutable {
        if (const std::shared_ptr<Session> session = self.lock()) {
          session->Write(std::move(response));
        }
      });
    };
  }

  void Refuse(int status, const std::string& why) {
    keep_alive_ = false;
    Write(Sentence(status, why));
  }

  void Write(HttpResponse response) try {
    response_.emplace(static_cast<http::status>(response.status), 11);
    response_->set(http::field::content_type, response.content_type);
    response_->body() = std::move(response.body);
    response_->keep_alive(keep_alive_);
    response_->prepare_payload();
    stream_.expires_after(server_->options_.idle);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](beast::error_code error, size_t) {
                        if (error) return self->Close();
                        if (self->keep_alive_) return self->Begin();
                        self->Linger();
                      });
  } catch (const std::exception&) {
    Close();
  }

  // A client may still be sending what was refused: closing at once would take the answer from it.
  void Linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    ReadAndForget();
  }

  void ReadAndForget() {
    stream_.async_read_some(asio::buffer(room_),
                            [self = shared_from_this()](beast::error_code error, size_t) {
                              if (error) return self->Close();
                              self->ReadAndForget();
                            });
  }

  void Close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    server_->sessions_.erase(shared_from_this());
  }

  beast::tcp_stream stream_;
  Impl* const server_;
  std::array<char, 16 * 1024> room_;
  std::optional<HttpMessage> message_;
  std::string behind_;  // what came after it
  std::optional<http::response<http::string_body>> response_;
  bool keep_alive_ = true;
};

absl::Status HttpServer::Impl::Open() {
  const std::string where = Endpoint::Tcp(options_.host, options_.port).ToString();
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(options_.host, error);
  if (error) return InvalidArgument(where + " is no address to listen at");
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return Unavailable("cannot listen at " + where + ": " + error.message());
  return absl::OkStatus();
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) {
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) Accept();
      });
      return;
    }
    if (sessions_.size() < options_.connections) Open(std::move(socket));
    Accept();
  });
}

// Without memory for one more, the connection is closed.
void HttpServer::Impl::Open(tcp::socket socket) try {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto session = std::make_shared<Session>(std::move(socket), this);
  sessions_.insert(session);
  session->Begin();
} catch (const std::bad_alloc&) {
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(const HttpServerOptions& options) {
  auto impl = std::make_shared<Impl>(options);
  GTESTNET_RETURN_IF_ERROR(impl->Open());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

absl::Status HttpServer::Serve(Handler handler) {
  impl_->Serve(std::move(handler));
  thread_ = Thread([impl = impl_.get()](const std::stop_token&) { impl->Run(); });
  return thread_.status();
}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Stop() {
  impl_->context().stop();
  if (thread_.joinable()) thread_.join();
}

uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::After(std::chrono::milliseconds delay, std::function<void()> task) {
  asio::post(impl_->context(), [impl = impl_.get(), delay, task = std::move(task)] {
    auto timer = std::make_shared<asio::steady_timer>(impl->context(), delay);
    timer->async_wait([timer, task](boost::system::error_code cancelled) {
      if (!cancelled) task();
    });
  });
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view QueryValue(std::string_view target, std::string_view name) {
  const size_t question = target.find('?');
  if (question == target.npos) return {};
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

absl::StatusOr<int> WaitOf(std::string_view target) {
  const std::string_view text = QueryValue(target, "wait_ms");
  if (text.empty()) return kDefaultWait;
  int wait = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), wait);
  if (error == std::errc() && rest == text.data() + text.size() && wait >= 0 &&
      wait <= kLongestWait) {
    return wait;
  }
  return InvalidArgument(absl::StrCat("wait_ms must be from 0 to ", kLongestWait, ", not \"",
                                      ToAbsl(text.substr(0, 40)), "\""));
}

HttpResponse Sentence(int status, std::string_view text) {
  return {status, "text/plain", std::string(text) + "\n"};
}

HttpResponse Refusal(const absl::Status& status) {
  int code = 500;
  if (absl::IsInvalidArgument(status)) code = 400;
  if (absl::IsNotFound(status)) code = 404;
  if (absl::IsFailedPrecondition(status) || absl::IsAborted(status)) code = 409;
  if (absl::IsDeadlineExceeded(status)) code = 504;
  return Sentence(code, MessageOf(status));
}

}  // namespace gtestnet::base
