// SPDX-License-Identifier: Apache-2.0
#include "api/http_server.h"

#include <unordered_map>
#include <utility>

#include "api/http_session.h"
#include "boost/asio/buffer.hpp"
#include "listen.h"

namespace gtestnet::node {
namespace asio = boost::asio;
using asio::ip::tcp;

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, HttpOptions options, HttpHandler handler)
      : shared_(std::make_shared<HttpShared>()),
        acceptor_(context),
        sweep_(context),
        retry_(context) {
    shared_->options = std::move(options);
    shared_->handler = std::move(handler);
  }

  absl::Status Listen() {
    absl::Status status = OpenListener(acceptor_, shared_->options.listen, "the API");
    if (status.ok()) Accept();
    return status;
  }

  Address address() const {
    boost::system::error_code ignored;
    const auto endpoint = acceptor_.local_endpoint(ignored);
    return {shared_->options.listen.host, endpoint.port()};
  }
  std::size_t connections() const { return sessions_.size(); }
  std::uint64_t requests() const { return shared_->requests; }

  void Stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    sweep_.cancel();
    retry_.cancel();
    const auto sessions = std::exchange(sessions_, {});
    for (const auto& [key, session] : sessions) session->Close();
  }

 private:
  void Accept() {
    auto self = shared_from_this();
    acceptor_.async_accept([self](boost::system::error_code error, tcp::socket socket) {
      if (self->stopped_) return;
      if (!error) self->Begin(std::move(socket));
      if (!error || error == asio::error::connection_aborted) return self->Accept();
      // No descriptors left, most likely: others' ends give them back.
      self->retry_.expires_after(std::chrono::milliseconds(100));
      self->retry_.async_wait([self](boost::system::error_code cancelled) {
        if (!cancelled) self->Accept();
      });
    });
  }

  void Begin(tcp::socket socket) {
    if (sessions_.size() >= shared_->options.max_connections) {
      static constexpr std::string_view kBusy =
          "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
      boost::system::error_code ignored;
      socket.non_blocking(true, ignored);
      socket.write_some(asio::buffer(kBusy), ignored);
      return;
    }
    auto self = shared_from_this();
    auto session = std::make_shared<HttpSession>(std::move(socket), shared_,
                                                 [weak = weak_from_this()](HttpSession* closed) {
                                                   if (const auto server = weak.lock())
                                                     server->sessions_.erase(closed);
                                                 });
    sessions_.emplace(session.get(), session);
    if (sessions_.size() == 1) Sweep();
    session->Start();
  }

  // Once a second, while there is a session that could be late.
  void Sweep() {
    auto self = shared_from_this();
    sweep_.expires_after(std::chrono::seconds(1));
    sweep_.async_wait([self](boost::system::error_code cancelled) {
      if (cancelled || self->stopped_) return;
      const auto now = std::chrono::steady_clock::now();
      const auto sessions = self->sessions_;  // closing one takes it out
      for (const auto& [key, session] : sessions) session->CloseIfLate(now);
      if (!self->sessions_.empty()) self->Sweep();
    });
  }

  std::shared_ptr<HttpShared> shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweep_;
  asio::steady_timer retry_;
  std::unordered_map<HttpSession*, std::shared_ptr<HttpSession>> sessions_;
  bool stopped_ = false;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(asio::io_context& context,
                                                               HttpOptions options,
                                                               HttpHandler handler) {
  auto impl = std::make_shared<Impl>(context, std::move(options), std::move(handler));
  absl::Status status = impl->Listen();
  if (!status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->Stop(); }
Address HttpServer::address() const { return impl_->address(); }
std::size_t HttpServer::connections() const { return impl_->connections(); }
std::uint64_t HttpServer::requests() const { return impl_->requests(); }
void HttpServer::Stop() { impl_->Stop(); }

void StreamHub::Publish(std::string_view line) {
  std::erase_if(streams_, [&](const std::weak_ptr<HttpStream>& weak) {
    const std::shared_ptr<HttpStream> stream = weak.lock();
    if (stream == nullptr || !stream->open()) return true;
    stream->Write(line);
    return !stream->open();
  });
}

}  // namespace gtestnet::node
