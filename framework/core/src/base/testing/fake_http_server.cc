// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/testing/fake_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace gtestnet::base {
namespace {

size_t BodyLength(std::string_view head) {
  const size_t at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::strtoul(head.data() + at + 16, nullptr, 10);
}

}  // namespace

std::string FakeHttpServer::Connection::ReadRequest() {
  char room[4096];
  while (true) {
    const size_t head_end = buffer_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const size_t size = head_end + 4 + BodyLength(std::string_view(buffer_).substr(0, head_end));
      if (buffer_.size() >= size) {
        std::string request = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return request;
      }
    }
    const ssize_t received = recv(fd_, room, sizeof room, 0);
    if (received <= 0) return {};
    buffer_.append(room, static_cast<size_t>(received));
  }
}

bool FakeHttpServer::Connection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool FakeHttpServer::Connection::Answer(int status, std::string_view body, std::string_view type) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Word\r\nContent-Type: ";
  text.append(type);
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text.append(body);
  return Send(text);
}

void FakeHttpServer::Connection::WaitUntilClosed() {
  char room[4096];
  while (recv(fd_, room, sizeof room, 0) > 0) {
  }
}

FakeHttpServer::FakeHttpServer(Serve serve, std::string unix_path, bool everywhere)
    : serve_(std::move(serve)) {
  if (unix_path.empty()) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    endpoint_ = Endpoint::Tcp("127.0.0.1", ntohs(address.sin_port));
  } else {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    endpoint_ = Endpoint::Unix(std::move(unix_path));
  }
  listen(listener_, 64);
  acceptor_ = std::thread([this] { Accept(); });
}

void FakeHttpServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    if (closing_) {
      close(fd);
      return;
    }
    open_.push_back(fd);
    threads_.emplace_back([this, fd] {
      Connection connection(fd);
      serve_(connection);
      const std::lock_guard closing(mutex_);
      std::erase(open_, fd);
      close(fd);
    });
  }
}

FakeHttpServer::~FakeHttpServer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

}  // namespace gtestnet::base
