// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_TESTING_FAKE_HTTP_SERVER_H_
#define GTESTNET_CORE_SRC_BASE_TESTING_FAKE_HTTP_SERVER_H_

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/src/base/socket.h"

namespace gtestnet::base {

// A server for tests that says whatever the test wants, also what no honest server would. Listens
// on a free port of 127.0.0.1 (or of every address of this machine), or on a Unix socket; each
// connection has a thread of its own.
class FakeHttpServer {
 public:
  class Connection {
   public:
    explicit Connection(int fd) : fd_(fd) {}
    // Head and body of the next request; empty when the client closed the connection.
    std::string ReadRequest();
    // False when the client is gone.
    bool Send(std::string_view bytes);
    // A whole answer with its length.
    bool Answer(int status, std::string_view body, std::string_view type = "application/json");
    // Blocks until the client, or the server's destructor, closes the connection.
    void WaitUntilClosed();

   private:
    int fd_;
    std::string buffer_;
  };
  // Returns when the connection is to be closed.
  using Serve = std::function<void(Connection&)>;

  explicit FakeHttpServer(Serve serve, std::string unix_path = {}, bool everywhere = false);
  ~FakeHttpServer();

  const Endpoint& endpoint() const { return endpoint_; }
  int connections() const { return connections_; }

 private:
  void Accept();

  Serve serve_;
  Endpoint endpoint_;
  int listener_ = -1;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool closing_ = false;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_TESTING_FAKE_HTTP_SERVER_H_
