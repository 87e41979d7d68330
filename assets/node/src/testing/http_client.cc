// SPDX-License-Identifier: Apache-2.0
#include "testing/http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace gtestnet::node {

HttpClient::HttpClient(const Address& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

HttpReply HttpClient::Get(const std::string& target) {
  SendRaw(absl::StrCat("GET ", target, " HTTP/1.1\r\nhost: node\r\n\r\n"));
  return ReadReply();
}

HttpReply HttpClient::Post(const std::string& target, const std::string& body,
                           const std::string& content_type) {
  SendRaw(absl::StrCat("POST ", target, " HTTP/1.1\r\nhost: node\r\ncontent-type: ", content_type,
                       "\r\ncontent-length: ", body.size(), "\r\n\r\n", body));
  return ReadReply();
}

void HttpClient::SendRaw(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t step = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (step <= 0) return;
    sent += static_cast<std::size_t>(step);
  }
}

bool HttpClient::Fill() {
  pollfd wait{fd_, POLLIN, 0};
  if (poll(&wait, 1, timeout_ms_) <= 0) return false;
  char bytes[65536];
  const ssize_t size = recv(fd_, bytes, sizeof bytes, 0);
  if (size <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::optional<std::string> HttpClient::TakeLine() {
  std::size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

std::optional<std::string> HttpClient::Take(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!Fill()) return std::nullopt;
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

HttpReply HttpClient::ReadHeader() {
  HttpReply reply;
  const auto first = TakeLine();
  if (!first.has_value() || first->size() < 12) return reply;
  reply.status = static_cast<unsigned>(std::stoi(first->substr(9, 3)));
  while (const auto line = TakeLine()) {
    if (line->empty()) return reply;
    const std::size_t colon = line->find(": ");
    std::string name = line->substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    reply.fields[name] = colon == std::string::npos ? "" : line->substr(colon + 2);
  }
  return HttpReply();
}

HttpReply HttpClient::ReadReply(bool has_body) {
  HttpReply reply = ReadHeader();
  std::size_t length = 0;
  if (!has_body || !absl::SimpleAtoi(reply.fields["content-length"], &length)) return reply;
  const auto body = Take(length);
  if (!body.has_value()) return HttpReply();
  reply.body = *body;
  return reply;
}

std::optional<std::string> HttpClient::ReadChunk() {
  const auto size = TakeLine();
  if (!size.has_value()) return std::nullopt;
  auto chunk = Take(std::stoul(*size, nullptr, 16));
  if (!chunk.has_value() || !Take(2).has_value()) return std::nullopt;
  return chunk;
}

bool HttpClient::AtEnd() {
  while (Fill()) {
  }
  pollfd wait{fd_, POLLIN, 0};
  char byte;
  return poll(&wait, 1, 0) == 1 && recv(fd_, &byte, 1, MSG_PEEK) <= 0;
}

}  // namespace gtestnet::node
