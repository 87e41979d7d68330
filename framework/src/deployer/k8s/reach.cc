// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/k8s/reach.h"

#include <boost/json.hpp>

#include "absl/strings/str_join.h"
#include "gtestnet/variables.h"
#include "src/base/http.h"
#include "src/base/status.h"
#include "src/base/wait.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kOneTry{250};

const json::value* At(const json::value& value, const char* key) {
  return value.is_object() ? value.get_object().if_contains(key) : nullptr;
}

const json::array& ItemsOf(const json::value& list, const char* key = "items") {
  static const json::array none;
  const json::value* items = At(list, key);
  return items != nullptr && items->is_array() ? items->get_array() : none;
}

std::string TextAt(const json::value& value, const char* key) {
  const json::value* text = At(value, key);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

uint16_t PortAt(const json::value& value, const char* key) {
  const json::value* port = At(value, key);
  json::error_code error;
  const auto number = port == nullptr ? uint16_t{0} : port->to_number<uint16_t>(error);
  return error ? uint16_t{0} : number;
}

}  // namespace

absl::StatusOr<NodePorts> FindNodePorts(const KubeApi& api, const std::string& name_space) {
  GTESTNET_ASSIGN_OR_RETURN(
      const json::value list,
      api.Get("list of the services", "/api/v1/namespaces/" + name_space + "/services"));
  NodePorts all;
  for (const json::value& service : ItemsOf(list)) {
    const json::value* metadata = At(service, "metadata");
    const json::value* spec = At(service, "spec");
    if (metadata == nullptr || spec == nullptr) continue;
    for (const json::value& port : ItemsOf(*spec, "ports")) {
      const uint16_t number = PortAt(port, "nodePort");
      if (number != 0) all[TextAt(*metadata, "name")][TextAt(port, "name")] = number;
    }
  }
  return all;
}

std::vector<std::string> FindMachines(const KubeApi& api) {
  if (const auto host = VariableValue("K8S_RUNNER_NODE_HOST")) return {*host};
  std::vector<std::string> hosts;
  const absl::StatusOr<json::value> list = api.Get("list of the machines", "/api/v1/nodes");
  if (!list.ok()) return hosts;
  for (const json::value& machine : ItemsOf(*list)) {
    const json::value* status = At(machine, "status");
    if (status == nullptr) continue;
    for (const json::value& address : ItemsOf(*status, "addresses")) {
      const std::string type = TextAt(address, "type");
      if (type == "InternalIP" || type == "ExternalIP") hosts.push_back(TextAt(address, "address"));
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
                  const base::HttpClient client(base::Endpoint::Tcp(host, port));
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
