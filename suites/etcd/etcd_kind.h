// SPDX-License-Identifier: Apache-2.0
// etcd as a kind of node: how a member is set up, asked and packed. All that gtestnet knows of
// etcd.
#ifndef ETCD_KIND_H_
#define ETCD_KIND_H_

#include <gtestnet/http_client.h>
#include <gtestnet/node_kind.h>
#include <gtestnet/topology.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace etcd {

using gtestnet::NodeIndex;

// The text or number of a member of a flat JSON object; "" if it has none.
inline std::string Field(const std::string& json, const std::string& name) {
  const size_t key = json.find("\"" + name + "\":");
  if (key == json.npos) return "";
  const size_t begin = json.find_first_not_of("\" ", key + name.size() + 3);
  return json.substr(begin, json.find_first_of("\",}", begin) - begin);
}

// etcd's own API, through its HTTP gateway.
inline absl::StatusOr<std::string> Call(const gtestnet::NodeInfo& node, const std::string& path,
                                        const std::string& body,
                                        std::chrono::milliseconds timeout) {
  const gtestnet::NodeAddress at = node.CurrentAddress();
  const auto port = at.ports.find("client");
  if (port == at.ports.end()) return absl::UnavailableError(node.name + " is not there");
  const gtestnet::HttpClient client(at.host, port->second);
  absl::StatusOr<gtestnet::HttpAnswer> answer = client.Post(path, body, {.deadline = timeout});
  if (!answer.ok()) return answer.status();
  if (answer->status == 200) return std::move(answer->body);
  return absl::InternalError(node.name + ": " + path + ": " + answer->body);
}

class Kind final : public gtestnet::NodeKind {
 public:
  std::string_view name() const override { return "etcd"; }
  std::vector<gtestnet::PortSpec> Ports() const override {
    return {{"client", 2379}, {"peer", 2380, /*for_peers=*/true}};
  }
  std::optional<gtestnet::MetricsRoute> Metrics() const override {
    return gtestnet::MetricsRoute{"client", "/metrics"};
  }

  absl::StatusOr<std::string> Program(std::string_view) const override {
    const char* named = std::getenv("ETCD_BIN");
    const std::string program = named != nullptr ? named : "/usr/bin/etcd";
    if (access(program.c_str(), X_OK) == 0) return program;
    return absl::NotFoundError(program + " is not there: install the package etcd-server");
  }

  // The image is made of Debian's package. (Where that cannot be had, it says so.)
  absl::StatusOr<gtestnet::ContainerSpec> Container(std::string_view) const override {
    return gtestnet::ContainerSpec{
        .image = gtestnet::PackageImage("gtestnet-etcd:local", {"etcd-server"}),
        .program = "/usr/bin/etcd",
        .directory = "/var/lib/etcd",
        .health_path = "/health"};
  }
  absl::Status SupportedOn(const gtestnet::TopologySpec& topology,
                           std::string_view deployer) const override {
    return deployer == "local" ? Program("member").status()
                               : NodeKind::SupportedOn(topology, deployer);
  }

  absl::StatusOr<gtestnet::NodeSetup> Setup(const gtestnet::ClusterSpec& spec,
                                            const gtestnet::Placement& placement,
                                            NodeIndex node) const override {
    const auto at = [&](NodeIndex of) { return placement.addresses[static_cast<size_t>(of)].host; };
    const auto url = [](const std::string& host, const char* port) {
      return "http://" + host + ":" + port;
    };
    const std::string listen = placement.listen_host.empty() ? at(node) : placement.listen_host;
    // Who is added joins those that were there before.
    const bool added = node >= spec.topology.node_count();
    const NodeIndex members = added ? node + 1 : spec.topology.node_count();
    std::string cluster;
    for (NodeIndex other = 0; other < members; ++other) {
      cluster += (other == 0 ? "" : ",") + placement.NodeName(spec.topology, other) + "=" +
                 url(at(other), "2380");
    }
    return gtestnet::NodeSetup{
        .arguments = {"--name=" + placement.NodeName(spec.topology, node),
                      "--data-dir=" + placement.directory + "/data",
                      "--listen-client-urls=" + url(listen, "2379"),
                      "--listen-peer-urls=" + url(listen, "2380"),
                      "--advertise-client-urls=" + url(at(node), "2379"),
                      "--initial-advertise-peer-urls=" + url(at(node), "2380"),
                      "--initial-cluster=" + cluster, "--initial-cluster-token=" + spec.run_id,
                      std::string("--initial-cluster-state=") + (added ? "existing" : "new")}};
  }

  absl::StatusOr<gtestnet::NodeSample> Probe(const gtestnet::NodeInfo& node,
                                             std::chrono::milliseconds timeout) const override {
    const absl::StatusOr<std::string> state = Call(node, "/v3/maintenance/status", "{}", timeout);
    if (!state.ok()) return state.status();
    gtestnet::NodeSample sample{.node = node.index, .reachable = true};
    const std::string leader = Field(*state, "leader");
    const bool has_leader = !leader.empty() && leader != "0";
    sample.status = !has_leader                            ? "no leader"
                    : leader == Field(*state, "member_id") ? "leader"
                                                           : "follower";
    sample.words = {{"leader", leader}, {"version", Field(*state, "version")}};
    sample.numbers = {{"term", std::atof(Field(*state, "raftTerm").c_str())},
                      {"applied", std::atof(Field(*state, "raftAppliedIndex").c_str())}};
    return sample;
  }

  // A member answers once it has applied all that it had taken before.
  std::string_view Persists() const override { return "applied"; }

  absl::StatusOr<std::string> Lacks(const gtestnet::ClusterSpec&, const gtestnet::NodeInfo&,
                                    const gtestnet::NodeSample& sample,
                                    std::chrono::milliseconds) const override {
    return std::string(sample.status == "no leader" ? "a leader" : "");
  }
  // It follows somebody, and has nearly all that the others have.
  std::string Behind(const gtestnet::TopologySpec&, const gtestnet::NodeSample& sample,
                     const gtestnet::Snapshot& snapshot) const override {
    if (sample.status == "no leader") return "it has no leader";
    double most = 0;
    for (const gtestnet::NodeSample& one : snapshot.nodes) {
      if (one.reachable) most = std::max(most, one.numbers.Get("applied"));
    }
    return sample.numbers.Get("applied") + 100 >= most ? "" : "it is behind";
  }
};

inline const gtestnet::NodeKind& TheKind() {
  static const Kind kind;
  return kind;
}

// etcd::Topology::FullMesh().Members(3)
class Topology : public gtestnet::BasicTopology<Topology> {
 public:
  explicit Topology(gtestnet::Layout layout) : BasicTopology(std::move(layout), TheKind()) {}
  Topology& Members(int n) { return SetRole("member", n); }
};

}  // namespace etcd

#endif  // ETCD_KIND_H_
