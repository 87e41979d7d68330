// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/collectors.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

#include "absl/strings/match.h"
#include "core/src/base/socket.h"
#include "core/src/base/status.h"
#include "core/src/deployer/container/engine.h"
#include "gtestnet/clock.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr uint16_t kHttpPort = 80;
// Docker 20.10: the first that knows "host-gateway".
constexpr std::string_view kKnowsThisMachine = "1.41";
constexpr std::chrono::milliseconds kConnect{500};

// An http:// URL.
struct Url {
  std::string_view host;   // without the brackets of an IPv6 address
  std::string_view after;  // all that comes then: ":4318/v1/traces"
};

std::optional<Url> Split(std::string_view text) {
  if (text.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  text.remove_prefix(kScheme.size());
  if (!text.empty() && text.front() == '[') {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return Url{text.substr(1, end - 1), text.substr(end + 1)};
  }
  const size_t end = std::min(text.find_first_of(":/?"), text.size());
  return Url{text.substr(0, end), text.substr(end)};
}

uint16_t PortOf(const Url& url) {
  uint16_t port = kHttpPort;
  if (!url.after.empty() && url.after.front() == ':') {
    std::from_chars(url.after.data() + 1, url.after.data() + url.after.size(), port);
  }
  return port;
}

bool IsLoopback(std::string_view text) {
  const std::string host(text);
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  in_addr v4{};
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

bool IsOfThisMachine(const std::string& address) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  if (inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1) return false;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  close(fd);
  return bound;
}

bool Answers(const std::string& host, uint16_t port) {
  return base::Socket::Connect(base::Endpoint::Tcp(host, port),
                               {.deadline = RealClock().Now() + kConnect})
      .ok();
}

}  // namespace

std::optional<std::string> AsContainersReach(std::string_view url) {
  const std::optional<Url> parts = Split(url);
  if (!parts || !IsLoopback(parts->host)) return std::nullopt;
  return std::string(kScheme) + kThisMachine + std::string(parts->after);
}

absl::StatusOr<std::map<std::string, std::string>> CollectorsForContainers(
    const std::vector<std::string>& variables, const std::string& api) {
  std::map<std::string, std::string> told;
  for (const std::string& variable : variables) {
    const std::string value = VariableValue(variable).value_or("");
    const std::optional<std::string> reached = AsContainersReach(value);
    if (!reached) continue;
    if (docker::IsOlder(api, kKnowsThisMachine)) {
      return FailedPrecondition(variable + "=" + value + ": this Docker Engine (API " + api +
                                ") cannot tell containers where this machine is; name its address "
                                "on Docker's bridge (often 172.17.0.1), or have Docker 20.10");
    }
    told[variable] = *reached;
  }
  return told;
}

std::vector<std::string> CollectorsOutOfReach(const std::vector<std::string>& variables,
                                              const std::string& gateway) {
  std::vector<std::string> sentences;
  if (!IsOfThisMachine(gateway)) return sentences;
  for (const std::string& variable : variables) {
    const std::string value = VariableValue(variable).value_or("");
    const std::optional<Url> url = Split(value);
    if (!url || !IsLoopback(url->host)) continue;
    const uint16_t port = PortOf(*url);
    if (!Answers(std::string(url->host), port) || Answers(gateway, port)) continue;
    sentences.push_back(variable + "=" + value +
                        ": that collector listens where only this machine reaches it, and "
                        "containers do not; let it listen on 0.0.0.0, or on " +
                        base::Endpoint::Tcp(gateway, port).ToString());
  }
  return sentences;
}

std::vector<std::string> CollectorsAtLoopback(const std::vector<std::string>& variables) {
  std::vector<std::string> sentences;
  for (const std::string& variable : variables) {
    const std::string value = VariableValue(variable).value_or("");
    if (!AsContainersReach(value)) continue;
    sentences.push_back(variable + "=" + value +
                        ": in a pod that is the pod itself, so nothing will arrive; give an "
                        "address at which the cluster reaches the collector");
  }
  return sentences;
}

}  // namespace gtestnet::compose
