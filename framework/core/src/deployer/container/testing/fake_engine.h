// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_FAKE_ENGINE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_FAKE_ENGINE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"
#include "core/src/deployer/container/engine_host.h"

namespace gtestnet::docker {

// A Docker socket that answers what a test says, and notes what it was asked.
class FakeEngine {
 public:
  struct Reply {
    int status = 200;
    std::string body = {};
  };

  FakeEngine();

  EngineHost host() const;
  std::string text() const { return "unix://" + path_; }
  // For requests whose "METHOD target" begins so; later ones come first. Otherwise /version is
  // answered as an engine of today would, and all else with 404.
  void On(const std::string& request, Reply reply);
  // Called with the connection, which it may keep open: for streams.
  void OnStream(const std::string& request,
                std::function<void(base::FakeHttpServer::Connection&)> serve);
  std::vector<std::string> requests() const;

 private:
  void Serve(base::FakeHttpServer::Connection& connection);

  const std::string path_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, Reply>> replies_;
  std::vector<std::pair<std::string, std::function<void(base::FakeHttpServer::Connection&)>>>
      streams_;
  std::vector<std::string> requests_;
  std::unique_ptr<base::FakeHttpServer> server_;
};

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_FAKE_ENGINE_H_
