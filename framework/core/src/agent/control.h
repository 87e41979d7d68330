// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_AGENT_CONTROL_H_
#define GTESTNET_CORE_SRC_AGENT_CONTROL_H_

#include <string>

#include "core/src/agent/supervisor.h"
#include "core/src/base/http_server.h"

namespace gtestnet::agent {

// The control port: what a request, whose token is right, makes the supervisor do.
// assets/helm/README.md has the routes.
class Control {
 public:
  Control(Supervisor* supervisor, std::string name, std::string token)
      : supervisor_(supervisor), name_(std::move(name)), token_(std::move(token)) {}

  void Handle(const base::HttpRequest& request, const base::HttpServer::Reply& reply);

 private:
  bool IsAllowed(const base::HttpRequest& request) const;
  void Tell(const base::HttpRequest& request, const base::HttpServer::Reply& reply);
  void Do(const std::string& verb, const base::HttpRequest& request,
          const base::HttpServer::Reply& reply);

  Supervisor* const supervisor_;
  const std::string name_;
  const std::string token_;
};

}  // namespace gtestnet::agent

#endif  // GTESTNET_CORE_SRC_AGENT_CONTROL_H_
