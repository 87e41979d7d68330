// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/src/base/machine_limits.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet::base {
namespace {

absl::Status Errno(const char* what, int error) {
  // It is this process that has too little, not the other side.
  if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS) {
    const std::string limits = Exhausted(ReadLimits());
    return absl::ResourceExhaustedError(absl::StrCat(
        what, ": ", std::generic_category().message(error), limits.empty() ? "" : ": ", limits));
  }
  return absl::UnavailableError(absl::StrCat(what, ": ", std::generic_category().message(error)));
}

// How long poll may sleep; it is called again until the deadline has really passed.
int PollTimeout(Clock::TimePoint deadline) {
  if (deadline == Clock::TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - RealClock().Now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

// OK when `fd` is ready for `events`, or broken.
absl::Status WaitFor(int fd, short events, const WaitLimit& limit) {
  const int stop_fd = limit.stop == nullptr ? -1 : limit.stop->get();
  while (true) {
    pollfd fds[] = {{fd, events, 0}, {stop_fd, POLLIN, 0}};
    const int ready = poll(fds, 2, PollTimeout(limit.deadline));
    if (ready < 0 && errno != EINTR) return Errno("poll", errno);
    if (ready > 0 && fds[1].revents != 0) return absl::CancelledError("cancelled");
    if (ready > 0 && fds[0].revents != 0) return absl::OkStatus();
    if (RealClock().Now() >= limit.deadline) return absl::DeadlineExceededError("out of time");
  }
}

// What connect() and the like did not finish at once.
bool IsPending(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS || error == EINTR;
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> Resolve(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  const std::string service = absl::StrCat(port);
  addrinfo* found = nullptr;
  int error = getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (error == EAI_NONAME) {
    hints.ai_flags = AI_NUMERICSERV;
    error = getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  }
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("the name ", host, " does not resolve: ", gai_strerror(error)));
  }
  return Addresses(found, &freeaddrinfo);
}

}  // namespace

std::string Endpoint::ToString() const {
  if (!unix_path.empty()) return absl::StrCat("unix:", unix_path);
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

StopFd::StopFd(std::stop_token stop) {
  // What opens the first descriptor of a program that opens none itself.
  static const bool once = (OpenStandardDescriptors(), true);
  static_cast<void>(once);
  if (!stop.stop_possible()) return;
  fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  callback_.emplace(std::move(stop), Ring{fd_});
}

StopFd::~StopFd() {
  // First the callback: its destructor waits for a call that is under way on another thread.
  callback_.reset();
  if (fd_ >= 0) close(fd_);
}

void StopFd::Ring::operator()() const {
  if (fd < 0) return;
  const uint64_t one = 1;
  static_cast<void>(!write(fd, &one, sizeof one));
}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Socket::WaitUntilConnected(const WaitLimit& limit) {
  if (absl::Status s = WaitFor(fd_, POLLOUT, limit); !s.ok()) return s;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? absl::OkStatus() : Errno("connect", error);
}

absl::StatusOr<Socket> Socket::Connect(const Endpoint& endpoint, const WaitLimit& limit,
                                       uint16_t source_port) {
  auto dial = [&](const sockaddr* address, socklen_t size) -> absl::StatusOr<Socket> {
    Socket socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.fd_ < 0) return Errno("socket", errno);
    if (address->sa_family != AF_UNIX) {
      const int on = 1;
      setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (source_port != 0) {
      sockaddr_storage source{};
      source.ss_family = address->sa_family;
      // The port is at the same place in both families.
      reinterpret_cast<sockaddr_in*>(&source)->sin_port = htons(source_port);
      if (bind(socket.fd_, reinterpret_cast<const sockaddr*>(&source), size) != 0) {
        return Errno("bind", errno);
      }
    }
    if (connect(socket.fd_, address, size) != 0) {
      if (!IsPending(errno)) return Errno("connect", errno);
      if (absl::Status s = socket.WaitUntilConnected(limit); !s.ok()) return s;
    }
    return socket;
  };

  if (!endpoint.unix_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = endpoint.unix_path;
    // A path that an address has no room for has a short name, while its file is open.
    const Socket file(
        path.size() < sizeof address.sun_path ? -1 : open(path.c_str(), O_PATH | O_CLOEXEC));
    if (path.size() >= sizeof address.sun_path) {
      if (file.fd_ < 0) return Errno("connect", errno);
      path = "/proc/self/fd/" + std::to_string(file.fd_);
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return dial(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  absl::StatusOr<Addresses> addresses = Resolve(endpoint.host, endpoint.port);
  if (!addresses.ok()) return addresses.status();
  absl::Status last = absl::UnavailableError("the name has no address");
  for (const addrinfo* one = addresses->get(); one != nullptr; one = one->ai_next) {
    absl::StatusOr<Socket> socket = dial(one->ai_addr, one->ai_addrlen);
    if (socket.ok()) return socket;
    last = socket.status();
    if (last.code() != absl::StatusCode::kUnavailable) break;
  }
  return last;
}

absl::Status Socket::SendAll(std::string_view bytes, const WaitLimit& limit) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (!IsPending(errno)) return Errno("send", errno);
    if (absl::Status s = WaitFor(fd_, POLLOUT, limit); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Socket::Receive(char* into, size_t room, const WaitLimit& limit) {
  while (true) {
    // Waits first, so that a stop is noticed also while bytes keep coming.
    if (absl::Status s = WaitFor(fd_, POLLIN, limit); !s.ok()) return s;
    const ssize_t received = recv(fd_, into, room, 0);
    if (received >= 0) return static_cast<size_t>(received);
    if (!IsPending(errno)) return Errno("receive", errno);
  }
}

bool Socket::IsIdle() const {
  pollfd fd{fd_, POLLIN, 0};
  return poll(&fd, 1, 0) == 0;
}

}  // namespace gtestnet::base
