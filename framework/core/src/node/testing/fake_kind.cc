// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/testing/fake_kind.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/src/base/status.h"
#include "gtestnet/values.h"

namespace gtestnet {
namespace {

constexpr const char* kPort = "answer";

// What the node says to who connects.
absl::StatusOr<std::string> Ask(const NodeAddress& address, std::chrono::milliseconds timeout) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{static_cast<time_t>(timeout.count() / 1000),
                      static_cast<suseconds_t>(timeout.count() % 1000 * 1000)};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.ports.at(kPort));
  inet_pton(AF_INET, address.host.c_str(), &where.sin_addr);
  std::string answer;
  int error = 0;
  if (connect(connection, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) error = errno;
  char buffer[256];
  ssize_t size = 0;
  while (error == 0 && (size = recv(connection, buffer, sizeof buffer, 0)) > 0) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  if (error == 0 && size < 0) error = errno;
  close(connection);
  if (error == EAGAIN) return DeadlineExceeded("no answer");
  if (error != 0) return Unavailable(std::strerror(error));
  return answer;
}

class Fake final : public NodeKind {
 public:
  std::string_view name() const override { return "fake"; }
  std::vector<PortSpec> Ports() const override { return {{kPort, 18080}}; }
  absl::StatusOr<std::string> Program(std::string_view role) const override {
    if (role == "missing") return NotFound("the program of role missing is missing; build it");
    return std::string(GTESTNET_FAKE_NODE);
  }

  std::string LogDirectoryVariable() const override { return "FAKE_LOG_DIR"; }
  std::string_view Persists() const override { return "height"; }

  absl::StatusOr<NodeSetup> Setup(const ClusterSpec& spec, const Placement& placement,
                                  NodeIndex node) const override {
    const TopologySpec& topology = spec.topology;
    int peers = 0;
    if (node < topology.node_count()) {
      for (const NodeIndex other : topology.layout.Neighbours(node, topology.node_count())) {
        if (!topology.IsLate(other)) ++peers;
      }
    } else {
      for (const Edge& edge : placement.added_edges) peers += edge.from == node ? 1 : 0;
    }
    const NodeAddress& address = placement.addresses[static_cast<size_t>(node)];
    NodeSetup setup;
    setup.program = GTESTNET_FAKE_NODE;
    setup.arguments = {"--listen=" + address.host + ":" + std::to_string(address.ports.at(kPort)),
                       "--peers=" + std::to_string(peers), "--start-file=" + placement.start_file};
    setup.environment["FAKE"] = "yes";
    setup.files = {{"fake.conf", "node " + std::to_string(node) + "\n"}};
    return setup;
  }

  absl::StatusOr<NodeSample> Probe(const NodeInfo& node,
                                   std::chrono::milliseconds timeout) const override {
    GTESTNET_ASSIGN_OR_RETURN(const std::string answer, Ask(node.address, timeout));
    char tip[64];
    int peers = 0;
    long long height = 0;
    if (std::sscanf(answer.c_str(), "peers=%d tip=%63s height=%lld", &peers, tip, &height) != 3) {
      return Internal("an answer that makes no sense: \"" + answer.substr(0, 80) + "\"");
    }
    return NodeSample{.node = node.index,
                      .reachable = true,
                      .numbers = {{"height", static_cast<double>(height)}, {"peers", peers}},
                      .words = {{"tip", tip}}};
  }

  absl::StatusOr<std::string> Lacks(const ClusterSpec& spec, const NodeInfo& node,
                                    const NodeSample& sample,
                                    std::chrono::milliseconds) const override {
    const TopologySpec& topology = spec.topology;
    int degree = 0;
    for (const NodeIndex other : topology.layout.Neighbours(node.index, topology.node_count())) {
      if (!topology.IsLate(other)) ++degree;
    }
    const double peers = sample.numbers.Get("peers");
    if (peers != degree) {
      return FormatNumber(peers) + " peers connected, of " + std::to_string(degree);
    }
    return std::string(node.role == "lacking" ? "whatever it wants is not there" : "");
  }
};

}  // namespace

const NodeKind& FakeKind() {
  static const Fake* const kind = new Fake;
  return *kind;
}

}  // namespace gtestnet
