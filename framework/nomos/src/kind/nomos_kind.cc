// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/known_kinds.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/da_client.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/variables.h"
#include "nomos/src/kind/config.h"
#include "nomos/src/kind/da_readiness.h"
#include "nomos/src/kind/genesis.h"
#include "nomos/src/kind/parameters.h"
#include "nomos/src/kind/variables.h"
#include "nomos/src/observe/nomos_observer.h"

namespace gtestnet::nomos {
namespace {

constexpr char kConfigFile[] = "config.yaml";
constexpr char kImageVariable[] = "NOMOS_TESTNET_IMAGE";
constexpr char kDefaultImage[] = "nomos-testnet:local";

absl::Status NoSuchRole(std::string_view role) {
  return NotFound(absl::StrCat("a Nomos network has no role \"", ToAbsl(role),
                               "\": use validator or executor"));
}

// One that the variable names is never built.
ImageSpec Image() {
  ImageSpec image;
  image.pull_policy = VariableValue("NOMOS_TESTNET_IMAGE_PULL_POLICY").value_or(image.pull_policy);
  if (const auto named = VariableValue(kImageVariable)) {
    image.tag = *named;
    image.remedy = absl::StrCat("pull or build it, or unset ", kImageVariable, " to have ",
                                kDefaultImage, " built");
    return image;
  }
  image.tag = kDefaultImage;
  image.remedy = absl::StrCat("name another by ", kImageVariable);
  // An installation without the script can use an image that someone else built.
  absl::StatusOr<std::vector<std::string>> build = StackScript("build_test_image.sh");
  if (!build.ok()) return image;
  image.build = *std::move(build);
  image.check = image.build;
  image.check.push_back("--check");
  return image;
}

// Worked out once for all who ask during a run's start.
std::string GenesisIdOf(const ClusterSpec& spec) {
  static std::mutex mutex;
  static std::string run_id;
  static std::string id;
  const std::lock_guard lock(mutex);
  if (spec.run_id.empty() || spec.run_id != run_id) {
    id = GenesisOf(spec).header_id;
    run_id = spec.run_id;
  }
  return id;
}

class Nomos final : public NodeKind {
 public:
  std::string_view name() const override { return "nomos"; }

  absl::Status Validate(const TopologySpec& topology) const override {
    return nomos::Validate(topology);
  }

  Pace PaceOf(const TopologySpec& topology) const override { return nomos::PaceOf(topology); }

  std::vector<PortSpec> Ports() const override {
    return {{"p2p", 3000, true}, {"api", 18080}, {"da", 3300, true}};
  }

  std::optional<MetricsRoute> Metrics() const override { return MetricsRoute{"api", "/metrics"}; }

  absl::StatusOr<std::string> Program(std::string_view role) const override {
    if (role == kValidator) return FindHelperProgram("nomos-node", "NOMOS_NODE_BIN");
    if (role == kExecutor) return FindHelperProgram("nomos-executor", "NOMOS_EXECUTOR_BIN");
    return NoSuchRole(role);
  }

  absl::StatusOr<NodeSetup> Setup(const ClusterSpec& spec, const Placement& placement,
                                  NodeIndex node) const override {
    GTESTNET_ASSIGN_OR_RETURN(std::string config, MakeConfig(spec, placement, node));
    NodeSetup setup;
    setup.arguments.push_back(absl::StrCat(placement.directory, "/", kConfigFile));
    setup.environment = {{"POL_PROOF_DEV_MODE", "true"}};
    setup.files.push_back({kConfigFile, std::move(config)});
    setup.files.push_back({kGenesisFile, MakeGenesis(spec)});
    return setup;
  }

  absl::StatusOr<ContainerSpec> Container(std::string_view role) const override {
    ContainerSpec container;
    if (role == kValidator) {
      container.program = "/usr/bin/nomos-node";
    } else if (role == kExecutor) {
      container.program = "/usr/bin/nomos-executor";
    } else {
      return NoSuchRole(role);
    }
    container.image = Image();
    container.directory = "/var/lib/nomos";
    container.health_port = "api";
    container.health_path = "/cryptarchia/info";
    container.has_tools = true;
    return container;
  }

  std::vector<std::string> PassedOn(std::string_view deployer) const override {
    // Others than these are paths of this machine.
    if (deployer == "local") return {"NOMOS_*", "RUST_LOG", "RUST_BACKTRACE"};
    return {"NOMOS_LOG_LEVEL", "NOMOS_LOG_FILTER", "NOMOS_OTLP_ENDPOINT",
            "NOMOS_OTLP_METRICS_ENDPOINT"};
  }

  std::string LogDirectoryVariable() const override { return "NOMOS_LOG_DIR"; }

  // (Above its last final block a node may have to ask others again.)
  std::string_view Persists() const override { return "finalised_height"; }

  absl::StatusOr<NodeSample> Probe(const NodeInfo& node,
                                   std::chrono::milliseconds timeout) const override {
    return NodeClient(node).GetSample(timeout);
  }

  // It has its neighbours as peers, all nodes have one genesis, on which nothing was built yet, and
  // for data availability: a member that is not connected when a blob is dispersed gets no columns
  // of it, and nodes find each other for that after they have for the chain.
  absl::StatusOr<std::string> Lacks(const ClusterSpec& spec, const NodeInfo& node,
                                    const NodeSample& sample,
                                    std::chrono::milliseconds timeout) const override {
    const TopologySpec& topology = spec.topology;
    int64_t degree = 0;
    for (NodeIndex other : topology.layout.Neighbours(node.index, topology.node_count())) {
      if (!topology.IsLate(other)) ++degree;
    }
    if (chain::PeersOf(sample) != degree) {
      return absl::StrCat(chain::PeersOf(sample), " peers connected, of ", degree);
    }
    if (const std::string genesis = GenesisIdOf(spec); chain::TipOf(sample) != genesis) {
      return absl::StrCat("the genesis of its cluster, ", genesis, ": its tip is ",
                          chain::TipOf(sample));
    }
    if (!NomosParametersOf(topology).data_availability) return std::string();
    GTESTNET_ASSIGN_OR_RETURN(const auto columns, DaClient(node).GetBalancer(timeout));
    return MissingHolders(topology, node.index, columns);
  }

  // It is Online, level, and connected with those of its neighbours in the layout that answer:
  // before that, the end of another node could part the network.
  std::string Behind(const TopologySpec& topology, const NodeSample& sample,
                     const Snapshot& snapshot) const override {
    std::vector<std::string> words;
    if (sample.status != "Online") words.push_back("it is not Online");
    if (std::string low = chain::BelowTheHighest(sample, snapshot); !low.empty()) {
      words.push_back(std::move(low));
    }
    // (Whom an added node is to be connected with, the layout does not say.)
    int neighbours = 0;
    if (sample.node < topology.node_count()) {
      for (NodeIndex other : topology.layout.Neighbours(sample.node, topology.node_count())) {
        const auto i = static_cast<size_t>(other);
        if (i < snapshot.nodes.size() && snapshot.nodes[i].reachable) ++neighbours;
      }
    }
    if (chain::PeersOf(sample) < neighbours) {
      words.push_back(absl::StrCat("it is connected with ", chain::PeersOf(sample), " of the ",
                                   neighbours, " neighbours that are up"));
    }
    return absl::StrJoin(words, "; ");
  }

  uint64_t WeightOf(const TopologySpec& topology, NodeIndex node) const override {
    return StakeOf(NomosParametersOf(topology), node);
  }
  std::string_view WeightWord() const override { return "stake"; }

  void Describe(const ClusterSpec& spec, NodeRecord& node, NodeIndex index) const override {
    const bool is_added = index < 0 || index >= spec.topology.node_count();
    const uint64_t stake = is_added ? 0 : StakeOf(NomosParametersOf(spec.topology), index);
    std::string key;
    if (stake > 0) {
      key = KeyPair::FromSeed(LeaderSeed(spec, spec.topology.NodeName(index))).public_key();
    }
    SetLeader(node, stake, std::move(key));
  }

  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext& context) const override {
    return MakeNomosObserver(context);
  }
};

}  // namespace

const NodeKind& NomosKind() {
  chain::RegisterRecord();
  static const Nomos kind;
  static const bool declared = [] {
    DeclareVariables(NomosVariables());
    return RegisterKind(kind).ok();
  }();
  static_cast<void>(declared);
  return kind;
}

}  // namespace gtestnet::nomos
