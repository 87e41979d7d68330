// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/testing/fake_engine.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>

namespace gtestnet::docker {
namespace {

constexpr char kVersion[] = R"({"ApiVersion":"1.41","MinAPIVersion":"1.12","Version":"20.10.24"})";

std::string NewPath() {
  static std::atomic<int> next = 0;
  return (std::filesystem::temp_directory_path() /
          ("fake-engine." + std::to_string(getpid()) + "." + std::to_string(next++)))
      .string();
}

}  // namespace

FakeEngine::FakeEngine() : path_(NewPath()) {
  server_ = std::make_unique<base::FakeHttpServer>(
      [this](base::FakeHttpServer::Connection& connection) { Serve(connection); }, path_);
}

EngineHost FakeEngine::host() const { return {base::Endpoint::Unix(path_), text(), "the test"}; }

void FakeEngine::On(const std::string& request, Reply reply) {
  const std::lock_guard lock(mutex_);
  replies_.emplace(replies_.begin(), request, std::move(reply));
}

void FakeEngine::OnStream(const std::string& request,
                          std::function<void(base::FakeHttpServer::Connection&)> serve) {
  const std::lock_guard lock(mutex_);
  streams_.emplace(streams_.begin(), request, std::move(serve));
}

std::vector<std::string> FakeEngine::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeEngine::Serve(base::FakeHttpServer::Connection& connection) {
  for (;;) {
    const std::string request = connection.ReadRequest();
    if (request.empty()) return;
    const std::string line = request.substr(0, request.find(" HTTP/"));
    Reply reply{404, R"({"message":"no such thing"})"};
    std::function<void(base::FakeHttpServer::Connection&)> stream;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(line);
      if (line == "GET /version") reply = {200, kVersion};
      for (auto it = replies_.rbegin(); it != replies_.rend(); ++it) {
        if (line.rfind(it->first, 0) == 0) reply = it->second;
      }
      for (auto it = streams_.rbegin(); it != streams_.rend(); ++it) {
        if (line.rfind(it->first, 0) == 0) stream = it->second;
      }
    }
    if (stream) return stream(connection);
    if (reply.status == 204) {
      connection.Send("HTTP/1.1 204 No Content\r\n\r\n");
    } else {
      connection.Answer(reply.status, reply.body);
    }
  }
}

}  // namespace gtestnet::docker
