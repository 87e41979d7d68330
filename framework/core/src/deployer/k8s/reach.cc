// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/reach.h"

#include <boost/json.hpp>
#include <cstdint>
#include <random>

#include "absl/strings/str_join.h"
#include "core/src/base/http.h"
#include "core/src/base/json_at.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using base::ArrayAt;
using base::NumberAt;
using base::TextAt;
using std::chrono::milliseconds;

constexpr milliseconds kOneTry{250};
// Linux gives others ports from 32768 on.
constexpr uint16_t kFirstSourcePort = 20000;
constexpr uint16_t kSourcePorts = 10000;

uint16_t SourcePort() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return static_cast<uint16_t>(kFirstSourcePort + random() % kSourcePorts);
}

}  // namespace

absl::StatusOr<NodePorts> FindNodePorts(const KubeApi& api, const std::string& name_space) {
  GTESTNET_ASSIGN_OR_RETURN(
      const json::value list,
      api.Get("list of the services", "/api/v1/namespaces/" + name_space + "/services"));
  NodePorts all;
  for (const json::value& service : ArrayAt(list, "/items")) {
    for (const json::value& port : ArrayAt(service, "/spec/ports")) {
      const int64_t number = NumberAt(port, "/nodePort");
      if (number <= 0 || number > UINT16_MAX) continue;
      all[TextAt(service, "/metadata/name")][TextAt(port, "/name")] = static_cast<uint16_t>(number);
    }
  }
  return all;
}

std::vector<std::string> FindMachines(const KubeApi& api) {
  if (const auto host = VariableValue("K8S_RUNNER_NODE_HOST")) return {*host};
  std::vector<std::string> hosts;
  const absl::StatusOr<json::value> list = api.Get("list of the machines", "/api/v1/nodes");
  if (!list.ok()) return hosts;
  for (const json::value& machine : ArrayAt(*list, "/items")) {
    for (const json::value& address : ArrayAt(machine, "/status/addresses")) {
      const std::string type = TextAt(address, "/type");
      if (type == "InternalIP" || type == "ExternalIP") {
        hosts.push_back(TextAt(address, "/address"));
      }
    }
  }
  return hosts;
}

absl::StatusOr<std::string> FindHostThatAnswers(const std::vector<std::string>& hosts,
                                                uint16_t port, const std::string& target,
                                                milliseconds timeout) {
  std::string found;
  const absl::Status answers =
      WaitFor("node port " + std::to_string(port),
              [&]() -> absl::Status {
                std::vector<std::string> seen;
                for (const std::string& host : hosts) {
                  const base::HttpClient client(base::Endpoint::Tcp(host, port),
                                                {.source_port = SourcePort()});
                  const absl::StatusOr<base::HttpResponse> response =
                      client.Request({.target = target}, Scaled(kOneTry));
                  if (response.ok()) {
                    found = host;
                    return absl::OkStatus();
                  }
                  seen.push_back(MessageOf(response.status()));
                }
                if (hosts.empty()) return Aborted("the cluster's machines are not known");
                return Unavailable(absl::StrJoin(seen, "; "));
              },
              {.timeout = timeout, .poll_interval = milliseconds(50)});
  if (!answers.ok()) return Unavailable(MessageOf(answers));
  return found;
}

}  // namespace gtestnet::k8s
