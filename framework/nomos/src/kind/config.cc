// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/hash.h"
#include "core/src/base/status.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/kind/genesis.h"
#include "nomos/src/kind/parameters.h"

namespace gtestnet::nomos {
namespace {

// A YAML string, whatever is in it. (A bare one may be a number, or true, by accident.)
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      quoted += {'\\', 'x', kDigits[(c >> 4) & 15], kDigits[c & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool IsAddress(const std::string& host) {
  unsigned char room[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), room) == 1 ||
         inet_pton(AF_INET6, host.c_str(), room) == 1;
}

std::string HostAndPort(const std::string& host, uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

class ConfigWriter {
 public:
  ConfigWriter(const ClusterSpec& spec, const Placement& placement, NodeIndex node)
      : spec_(spec),
        placement_(placement),
        node_(node),
        parameters_(NomosParametersOf(spec.topology)) {}

  absl::Status Check() const {
    const int known = static_cast<int>(placement_.addresses.size());
    if (node_ < 0 || node_ >= known) {
      return InvalidArgument(absl::StrCat("config of node ", node_, ": there are addresses of ",
                                          known, " nodes only"));
    }
    if (Role().empty()) {
      return InvalidArgument(absl::StrCat("config of node ", node_, ": it has no role"));
    }
    for (NodeIndex peer : Neighbours()) {
      if (peer >= 0 && peer < known) continue;
      return InvalidArgument(absl::StrCat("config of ", Name(node_), ": there is no address of ",
                                          Name(peer), ", its neighbour"));
    }
    return absl::OkStatus();
  }

  std::string Write() const {
    return absl::StrCat("identifier: ", Quoted(Name(node_)), "\nrole: ", Quoted(Role()),
                        "\nnode_key: ", Quoted(base::ToHex(NetworkSeed(spec_, Name(node_)))), "\n",
                        Network(), Consensus(), Leader(),
                        "genesis:\n  file: ", Quoted(kGenesisFile), "\n", Rest(),
                        DataAvailability());
  }

 private:
  std::string Name(NodeIndex node) const { return placement_.NodeName(spec_.topology, node); }
  std::string Role() const { return placement_.RoleOf(spec_.topology, node_); }
  bool IsAdded() const { return node_ >= spec_.topology.node_count(); }

  // An added node is known to nobody's config: it dials, and no edge of another counts for it.
  std::vector<NodeIndex> Dials() const {
    const std::vector<Edge> edges = IsAdded()
                                        ? placement_.added_edges
                                        : spec_.topology.layout.Edges(spec_.topology.node_count());
    std::vector<NodeIndex> dials;
    for (const Edge& edge : edges) {
      if (edge.from == node_) dials.push_back(edge.to);
    }
    return dials;
  }
  std::vector<NodeIndex> Neighbours() const {
    if (!IsAdded()) {
      return spec_.topology.layout.Neighbours(node_, spec_.topology.node_count());
    }
    std::vector<NodeIndex> neighbours = Dials();
    std::sort(neighbours.begin(), neighbours.end());
    return neighbours;
  }

  std::string AddressOf(NodeIndex node, const char* port) const {
    const NodeAddress& address = placement_.addresses[static_cast<size_t>(node)];
    return HostAndPort(address.host, PortOf(address, port));
  }
  std::string ListenAddress(const char* port) const {
    const NodeAddress& own = placement_.addresses[static_cast<size_t>(node_)];
    std::string host = placement_.listen_host;
    if (host.empty()) host = IsAddress(own.host) ? own.host : "0.0.0.0";
    return HostAndPort(host, PortOf(own, port));
  }
  static uint16_t PortOf(const NodeAddress& address, const char* port) {
    const auto found = address.ports.find(port);
    if (found != address.ports.end()) return found->second;
    for (const PortSpec& spec : NomosKind().Ports()) {
      if (spec.name == port) return spec.well_known;
    }
    return 0;
  }

  std::string Network() const {
    std::string text = absl::StrCat("network:\n  listen: ", Quoted(ListenAddress("p2p")), "\n");
    std::vector<std::string> peers;
    for (NodeIndex peer : Dials()) {
      peers.push_back(absl::StrCat("\n    - {identifier: ", Quoted(Name(peer)),
                                   ", address: ", Quoted(AddressOf(peer, "p2p")), "}"));
    }
    absl::StrAppend(&text, "  peers:", peers.empty() ? " []" : absl::StrJoin(peers, ""), "\n");
    std::vector<std::string> neighbours;
    for (NodeIndex peer : Neighbours()) neighbours.push_back(Quoted(Name(peer)));
    absl::StrAppend(&text, "  neighbours: [", absl::StrJoin(neighbours, ", "), "]\n",
                    "  min_peers: ", parameters_.min_peers, "\n");
    return text;
  }

  std::string Consensus() const {
    return absl::StrCat("consensus:\n  slot_duration_ms: ", SlotOf(spec_.topology).count(),
                        "\n  active_slot_coeff: ", Quoted(parameters_.active_slot_coefficient),
                        "\n  security_param: ", parameters_.security_parameter,
                        "\n  epoch: {stake_stabilisation: ", kStakeStabilisation,
                        ", nonce_buffer: ", kNonceBuffer,
                        ", nonce_stabilisation: ", kNonceStabilisation, "}\n");
  }

  std::string Leader() const {
    const bool leads = !IsAdded() && StakeOf(parameters_, node_) > 0;
    return absl::StrCat("leader:\n  secret_keys: [",
                        leads ? Quoted(base::ToHex(LeaderSeed(spec_, Name(node_)))) : std::string(),
                        "]\n");
  }

  std::string Rest() const {
    return absl::StrCat("start:\n  file: ", Quoted(placement_.start_file),
                        "\napi:\n  listen: ", Quoted(ListenAddress("api")),
                        "\nstorage:\n  path: ", Quoted(placement_.directory + "/chain.db"), "\n");
  }

  std::string DataAvailability() const {
    const auto& da = parameters_.data_availability;
    if (!da.has_value()) return "";
    std::string text =
        absl::StrCat("da:\n  listen: ", Quoted(ListenAddress("da")), "\n  members:\n");
    for (NodeIndex member : spec_.topology.NodesOf(kValidator)) {
      absl::StrAppend(&text, "    - {identifier: ", Quoted(Name(member)),
                      ", address: ", Quoted(AddressOf(member, "da")), "}\n");
    }
    absl::StrAppend(&text, "  replication: ", ReplicationOf(spec_.topology),
                    "\n  samples: ", da->samples, "\n  check_slots: ", CheckSlotsOf(spec_.topology),
                    "\n  retention_slots: ", da->retention_slots, "\n");
    return text;
  }

  const ClusterSpec& spec_;
  const Placement& placement_;
  const NodeIndex node_;
  const NomosParameters& parameters_;
};

}  // namespace

absl::StatusOr<std::string> MakeConfig(const ClusterSpec& spec, const Placement& placement,
                                       NodeIndex node) {
  const ConfigWriter writer(spec, placement, node);
  GTESTNET_RETURN_IF_ERROR(writer.Check());
  return writer.Write();
}

std::string MakeGenesis(const ClusterSpec& spec) {
  std::string text = absl::StrCat("chain_id: ", Quoted(ChainId(spec)), "\nnotes:\n");
  for (const GenesisEntry& entry : GenesisEntries(spec)) {
    absl::StrAppend(&text, "  - {value: ", entry.value, ", public_key: ", Quoted(entry.public_key));
    if (entry.leader) absl::StrAppend(&text, ", leader: true");
    if (entry.count != 1) absl::StrAppend(&text, ", count: ", entry.count);
    absl::StrAppend(&text, "}\n");
  }
  return text;
}

}  // namespace gtestnet::nomos
