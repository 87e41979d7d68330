// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_SOCKET_H_
#define GTESTNET_CORE_SRC_BASE_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/clock.h"

namespace gtestnet::base {

// Where a server listens: a host and port, or a Unix socket.
struct Endpoint {
  std::string host;
  uint16_t port = 0;
  std::string unix_path;  // if set, the other two mean nothing

  static Endpoint Tcp(std::string host, uint16_t port) { return {std::move(host), port, {}}; }
  static Endpoint Unix(std::string path) { return {{}, 0, std::move(path)}; }
  // "127.0.0.1:80", "[::1]:80", "unix:/run/docker.sock".
  std::string ToString() const;
};

// A file descriptor that becomes readable when a stop is requested.
class StopFd {
 public:
  explicit StopFd(std::stop_token stop);
  ~StopFd();
  StopFd(const StopFd&) = delete;
  StopFd& operator=(const StopFd&) = delete;

  int get() const { return fd_; }  // −1 for a token that can never ask

 private:
  struct Ring {
    int fd;
    void operator()() const;
  };
  int fd_ = -1;
  std::optional<std::stop_callback<Ring>> callback_;
};

// Until when an operation may wait, and what ends it before: a stop.
struct WaitLimit {
  Clock::TimePoint deadline = Clock::TimePoint::max();
  const StopFd* stop = nullptr;
};

// A connected stream socket. Every operation waits within a limit: kDeadlineExceeded when that has
// passed, kCancelled on a stop, kUnavailable for what the kernel says, kResourceExhausted where
// this process has no descriptor or memory for it. One thread at a time.
class Socket {
 public:
  // A host that is a name is looked up by the resolver, which minds no limit. `source_port` is what
  // to connect from; 0 is the kernel's choice.
  static absl::StatusOr<Socket> Connect(const Endpoint& endpoint, const WaitLimit& limit,
                                        uint16_t source_port = 0);

  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  absl::Status SendAll(std::string_view bytes, const WaitLimit& limit);
  // At least one byte, or 0 at the end of the stream.
  absl::StatusOr<size_t> Receive(char* into, size_t room, const WaitLimit& limit);
  // Nothing to read and not closed by the other side, which is what an idle connection should be.
  bool IsIdle() const;

 private:
  explicit Socket(int fd) : fd_(fd) {}
  absl::Status WaitUntilConnected(const WaitLimit& limit);
  int fd_ = -1;
};

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_SOCKET_H_
