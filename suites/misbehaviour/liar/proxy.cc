// SPDX-License-Identifier: Apache-2.0
#include "liar/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet::liar {
namespace {

sockaddr_in At(const std::string& host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// A socket with what was read of it and not used yet.
class Connection {
 public:
  explicit Connection(int fd = -1) : fd_(fd) {}
  Connection(Connection&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(read_, other.read_);
    return *this;
  }
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  static Connection To(const std::string& host, uint16_t port) {
    Connection made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = At(host, port);
    if (connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return Connection();
    }
    made.SendAtOnce();
    return made;
  }

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  bool has_unused() const { return !read_.empty(); }
  void SendAtOnce() const {
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  std::optional<std::string> Take(size_t count) {
    while (read_.size() < count) {
      if (!Read()) return std::nullopt;
    }
    std::string taken = read_.substr(0, count);
    read_.erase(0, count);
    return taken;
  }
  // With the end.
  std::optional<std::string> TakeUntil(std::string_view end) {
    size_t at = 0;
    while ((at = read_.find(end)) == std::string::npos) {
      if (!Read()) return std::nullopt;
    }
    return Take(at + end.size());
  }

 private:
  bool Read() {
    char bytes[16384];
    const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    read_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  int fd_;
  std::string read_;
};

// The value of a header field, in lower case; empty if it is not there.
std::string FieldOf(std::string head, std::string_view name) {
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string start = absl::StrCat("\r\n", absl::string_view(name.data(), name.size()), ":");
  size_t at = head.find(start);
  if (at == std::string::npos) return "";
  at = head.find_first_not_of(' ', at + start.size());
  return head.substr(at, head.find("\r\n", at) - at);
}

std::string WithLength(const std::string& head, size_t length) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const size_t at = lower.find("\r\ncontent-length:");
  const size_t end = lower.find("\r\n", at + 2);
  return absl::StrCat(head.substr(0, at), "\r\nContent-Length: ", length, head.substr(end));
}

// "GET /metrics?x HTTP/1.1…" → "/metrics".
std::string PathOf(const std::string& head) {
  const size_t from = head.find(' ') + 1;
  const std::string target = head.substr(from, head.find(' ', from) - from);
  return target.substr(0, target.find('?'));
}

size_t LengthOf(const std::string& head) {
  size_t length = 0;
  const std::string text = FieldOf(head, "content-length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

std::string Chunk(const std::string& data) {
  return absl::StrCat(absl::Hex(data.size()), "\r\n", data, "\r\n");
}

// What the client has closed, while it waits for the next line.
bool WaitForData(const Connection& client, const Connection& node) {
  if (node.has_unused()) return true;
  pollfd fds[] = {{client.fd(), POLLIN | POLLRDHUP, 0}, {node.fd(), POLLIN, 0}};
  return poll(fds, 2, -1) > 0 && fds[0].revents == 0;
}

void RelayStream(Connection& client, Connection& node, const std::string& path, SharedLiar& liar) {
  std::string unfinished;
  while (WaitForData(client, node)) {
    const std::optional<std::string> size_line = node.TakeUntil("\r\n");
    size_t size = 0;
    if (!size_line) return;
    std::from_chars(size_line->data(), size_line->data() + size_line->size(), size, 16);
    const std::optional<std::string> data = node.Take(size + 2);
    if (!data) return;
    unfinished.append(*data, 0, size);
    for (size_t end = 0; (end = unfinished.find('\n')) != std::string::npos;) {
      std::string line = unfinished.substr(0, end);
      unfinished.erase(0, end + 1);
      const std::optional<std::string> told =
          liar.Ask([&](Liar& l) { return l.Line(path, std::move(line)); });
      if (told && !client.Send(Chunk(*told + "\n"))) return;
    }
    if (size == 0) {
      static_cast<void>(client.Send("0\r\n\r\n"));
      return;
    }
  }
}

// One request after another, until either side closes.
void ServeClient(Connection client, const std::string& host, uint16_t behind, SharedLiar& liar) {
  Connection node;
  for (;;) {
    const std::optional<std::string> request = client.TakeUntil("\r\n\r\n");
    if (!request) return;
    const std::optional<std::string> body = client.Take(LengthOf(*request));
    if (!body) return;
    std::optional<std::string> head;
    for (int attempt = 0; !head && attempt < 2; ++attempt) {
      if (!node.is_open()) node = Connection::To(host, behind);
      if (!node.is_open()) return;
      if (node.Send(*request + *body)) head = node.TakeUntil("\r\n\r\n");
      if (!head) node = Connection();
    }
    if (!head) return;
    const std::string path = PathOf(*request);
    if (FieldOf(*head, "transfer-encoding") == "chunked") {
      if (client.Send(*head)) RelayStream(client, node, path, liar);
      return;
    }
    std::optional<std::string> answer = node.Take(LengthOf(*head));
    if (!answer) return;
    if (head->find(" 200 ") < head->find("\r\n")) {
      *answer = liar.Ask([&](Liar& l) { return l.Answer(path, *std::move(answer)); });
    }
    if (!client.Send(WithLength(*head, answer->size()) + *answer)) return;
    if (FieldOf(*head, "connection") == "close") return;
  }
}

}  // namespace

absl::Status ServeProxy(const std::string& host, uint16_t port, uint16_t behind, SharedLiar& liar) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const sockaddr_in address = At(host, port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 64) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen at ", host, ":", port, ": ", std::strerror(errno)));
  }
  std::thread([listener, host, behind, &liar] {
    for (;;) {
      Connection client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.is_open()) continue;
      client.SendAtOnce();
      std::thread([client = std::move(client), host, behind, &liar]() mutable {
        ServeClient(std::move(client), host, behind, liar);
      }).detach();
    }
  }).detach();
  return absl::OkStatus();
}

}  // namespace gtestnet::liar
