// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_AGENT_CONTROL_H_
#define GTESTNET_CORE_SRC_AGENT_CONTROL_H_

#include <functional>
#include <optional>
#include <string>

#include "core/src/agent/supervisor.h"
#include "core/src/base/http_server.h"
#include "core/src/base/processes.h"

namespace gtestnet::agent {

// The control port: what a request, whose token is right, makes the supervisor do.
// assets/helm/README.md has the routes.
class Control {
 public:
  // What the process and those that it started use; nothing when it is not there.
  using Look = std::function<std::optional<ProcessUsage>(pid_t)>;

  Control(Supervisor* supervisor, std::string name, std::string token, Look look)
      : supervisor_(supervisor),
        name_(std::move(name)),
        token_(std::move(token)),
        look_(std::move(look)) {}

  void Handle(const base::HttpRequest& request, const base::HttpServer::Reply& reply);

 private:
  bool IsAllowed(const base::HttpRequest& request) const;
  void Tell(const base::HttpRequest& request, const base::HttpServer::Reply& reply);
  base::HttpResponse TellUsage() const;
  void Do(const std::string& verb, const base::HttpRequest& request,
          const base::HttpServer::Reply& reply);

  Supervisor* const supervisor_;
  const std::string name_;
  const std::string token_;
  const Look look_;
};

}  // namespace gtestnet::agent

#endif  // GTESTNET_CORE_SRC_AGENT_CONTROL_H_
