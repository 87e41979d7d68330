// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_KIND_H_
#define GTESTNET_NODE_KIND_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/image.h"
#include "gtestnet/log_format.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/topology.h"

namespace gtestnet {

class RunContext;

// Everything that determines a cluster. Two equal ones give equal nodes, whatever the backend.
struct ClusterSpec {
  TopologySpec topology = {};
  // Already hashed with the test's name: the only source of randomness.
  uint64_t seed = 0;
  std::string run_id = {};
  // For people: which test or scenario the cluster belongs to.
  std::string test = {};
  // What the run needs beyond its nodes: with kTelemetry, a Prometheus is started beside them.
  // Makes no difference to the nodes.
  Capabilities required = {};
};

// A port that a node of a kind listens on.
struct PortSpec {
  std::string name = {};    // "api"
  uint16_t well_known = 0;  // where it listens when it has an address of its own
  // Only other nodes connect to it: a backend that makes ports known outside leaves it out.
  bool for_peers = false;
};

// Where nodes show their metrics, as Prometheus text.
struct MetricsRoute {
  std::string port = {};  // PortSpec::name
  std::string path = {};  // "/metrics"
};

// Where a node is, as its peers see it.
struct NodeAddress {
  std::string host = {};                       // an IP address or a name that resolves
  std::map<std::string, uint16_t> ports = {};  // by PortSpec::name
};

// What a backend tells a kind about one run. Addresses are those of all nodes, by index.
struct Placement {
  std::vector<NodeAddress> addresses = {};
  // The node's own directory, where its files are put and its database may live, as the node sees
  // it.
  std::string directory = {};
  // The file that holds the chain's start (milliseconds since the Unix epoch) once it is fixed.
  std::string start_file = {};
  // Nodes that were added to the running cluster, beyond the topology's: their roles, in the order
  // of their indices, and whom they dial.
  std::vector<std::string> added_roles = {};
  std::vector<Edge> added_edges = {};
  // Where nodes listen; empty: each at its own address, or at 0.0.0.0 if that is a name.
  std::string listen_host = {};

  // Of any node, also of an added one: those of a role are counted on ("member-3").
  std::string RoleOf(const TopologySpec& topology, NodeIndex node) const;
  std::string NodeName(const TopologySpec& topology, NodeIndex node) const;
};

struct NodeFile {
  std::string path = {};  // relative to the node's directory
  std::string content = {};
};

// How one node is set up and launched.
struct NodeSetup {
  // Absolute path on this machine. Empty: what NodeKind::Program says. In a container it is always
  // what ContainerSpec says.
  std::string program = {};
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
  std::vector<NodeFile> files = {};
};

// What a node's container is. Its ports are NodeKind::Ports, at their well-known numbers.
struct ContainerSpec {
  // It needs nothing but the program: what brings the node its files, starts, stops and pauses it
  // (cfgsync-client, pod-agent) is mounted into it.
  ImageSpec image = {};
  // The program's absolute path in the image.
  std::string program = {};
  // The node's own directory: Placement::directory. It outlives a restart.
  std::string directory = "/var/lib/gtestnet";
  // Further directories in which the node may write. What is there outlives a restart, too.
  std::vector<std::string> volumes = {};
  // Beyond what Setup says: what is so in every container of the role.
  std::map<std::string, std::string> environment = {};
  // Where 200 to a GET says that the node is well, by the name of a port of NodeKind::Ports.
  // Without a path: that it takes connections. Without a port: the first that is not for peers
  // alone. For people who look at the stack; a run asks NodeKind::Probe.
  std::string health_port = {};
  std::string health_path = {};
  // "1000:1000". Empty: root without any capability, so that it may write into its directory
  // whatever the image says of that. Another one's directory has to be writable in the image.
  std::string user = {};
  // The image has gtestnet's own programs, as the bundled node's has, and a directory that any user
  // may write: nothing is mounted, and no root is needed.
  bool has_tools = false;
};

// Where a node is now: one that comes back may be elsewhere (a container is published at another
// port after each start). Any thread.
class Whereabouts {
 public:
  NodeAddress Get() const {
    const std::lock_guard lock(mutex_);
    return address_;
  }
  void Set(NodeAddress address) {
    const std::lock_guard lock(mutex_);
    address_ = std::move(address);
  }

 private:
  mutable std::mutex mutex_;
  NodeAddress address_;
};

// A node that runs, or ran.
struct NodeInfo {
  NodeIndex index = 0;
  std::string name = {};
  std::string role = {};
  NodeAddress address = {};  // as the test reaches it; where it was when this was asked for
  // As the other nodes reach it; known before it first starts. It stays the same.
  NodeAddress peer_address = {};
  std::string log = {};  // path of its log; empty if there is none on this machine
  // Null where nodes stay where they are. Clients ask it, so that they follow the node.
  std::shared_ptr<const Whereabouts> whereabouts = {};

  NodeAddress CurrentAddress() const { return whereabouts ? whereabouts->Get() : address; }
};

// Watches the nodes of a run for as long as it lives, and fills what it knows into the record.
class Observer {
 public:
  virtual ~Observer() = default;
  // Node by node, the latest that is known.
  virtual Snapshot Latest() const = 0;
  // Stops watching, and adds samples, metrics and sections of the kind's own. Called once, after
  // the drain. Latest and NotSettled may still be asked.
  virtual void Fill(RunRecord& record) = 0;
  // Whether nothing is under way any more that workloads began; "" if so, else what is missing in a
  // few words.
  virtual std::string NotSettled() const { return ""; }
  // How many mean block intervals the drain may take at most, in which this is waited for.
  virtual int64_t DrainBlocks() const { return 0; }
};

// How one kind of node is configured, launched, probed and talked to. A team that tests a node of
// its own writes one of these and a topology builder; the framework knows nothing else of nodes.
// What must be written is name, Program, Setup, Ports and Probe.
//
// All methods are const, may be called from any thread, and (but for Probe, Lacks and Observe) are
// pure.
// An instance must outlive every topology that names it: make it a function-local static.
class NodeKind {
 public:
  virtual ~NodeKind() = default;

  virtual std::string_view name() const = 0;
  // Refuses parameters and role counts with which no cluster can run, in one sentence.
  virtual absl::Status Validate(const TopologySpec& /*topology*/) const { return absl::OkStatus(); }
  // Of a kind that has blocks or slots.
  virtual Pace PaceOf(const TopologySpec& /*topology*/) const { return {}; }
  virtual std::vector<PortSpec> Ports() const = 0;
  // Nothing: nodes of this kind have no metrics, and its clusters no telemetry.
  virtual std::optional<MetricsRoute> Metrics() const { return std::nullopt; }
  // Where the program of a role is on this machine. kNotFound says where was looked and what to do.
  virtual absl::StatusOr<std::string> Program(std::string_view role) const = 0;
  // What a container of a role is, for the deployers that have containers. Default: kUnimplemented,
  // and the kind runs on this machine only.
  virtual absl::StatusOr<ContainerSpec> Container(std::string_view role) const;
  // Whether it can run on the deployer of that name: else one sentence that says why not, with
  // which its tests are skipped there. Default: where there are containers, if Container says what
  // they are.
  virtual absl::Status SupportedOn(const TopologySpec& topology, std::string_view deployer) const;
  // Variables of the environment in which a test runs that its nodes get, too, on that deployer. On
  // local, where PATH, HOME, locale and what GTESTNET_PASS_ENV names are there in any case, one may
  // end in "*".
  virtual std::vector<std::string> PassedOn(std::string_view /*deployer*/) const { return {}; }
  // The variable of the environment in which a test runs that has nodes write their logs as files
  // into a directory: each is told of one by the same variable, and names its file "<program>-<its
  // index>". Empty: they write to standard output only.
  virtual std::string LogDirectoryVariable() const { return {}; }
  // A pure function of the spec, the placement and the node: the same whichever way it travels.
  // `node` may be beyond the topology's count: one that was added. What Topology::Argument adds,
  // the deployer appends.
  virtual absl::StatusOr<NodeSetup> Setup(const ClusterSpec& spec, const Placement& placement,
                                          NodeIndex node) const = 0;
  // Asks the node for its state. kUnavailable when it does not answer, kDeadlineExceeded, or
  // kInternal for an answer that makes no sense (which it quotes).
  virtual absl::StatusOr<NodeSample> Probe(const NodeInfo& node,
                                           std::chrono::milliseconds timeout) const = 0;
  // Asked of each node of the topology but the late ones, when it answers: what it still lacks
  // before a run can begin, in a few words, or "". A run begins when all lack nothing.
  virtual absl::StatusOr<std::string> Lacks(const ClusterSpec& /*spec*/, const NodeInfo& /*node*/,
                                            const NodeSample& /*sample*/,
                                            std::chrono::milliseconds /*timeout*/) const {
    return std::string();
  }
  // What a node that answers still lacks to take part like the others, after it came up or joined,
  // in a few words, or "". It has recovered once that is nothing. Pure. Default: nothing.
  virtual std::string Behind(const TopologySpec& /*topology*/, const NodeSample& /*sample*/,
                             const Snapshot& /*snapshot*/) const {
    return "";
  }
  // The name of a number in a sample which a node that comes back must have at least as it had it
  // before ("finalised_height"), for KeepsItsData. Empty: none is known to outlive a restart.
  virtual std::string_view Persists() const { return {}; }
  // What a line of a node's log says of itself. Pure. Default: ParseLogLine.
  virtual LogHead ParseLog(std::string_view line) const;
  // What a node of the topology counts for when faults are to leave the majority up, and in a word
  // what is counted. Where all weigh nothing, nodes are counted.
  virtual uint64_t WeightOf(const TopologySpec& /*topology*/, NodeIndex /*node*/) const {
    return 1;
  }
  virtual std::string_view WeightWord() const { return "nodes"; }
  // The static part of a node's record, as numbers and words of the kind's own. Name, role and
  // neighbours are already there.
  virtual void Describe(const ClusterSpec& /*spec*/, NodeRecord& /*node*/,
                        NodeIndex /*index*/) const {}
  // How often the default of Observe asks each node for its state, and about every second time for
  // its metrics.
  virtual std::chrono::milliseconds SampleInterval() const {
    return std::chrono::milliseconds(500);
  }
  // Watches a run. Default: Probe and Metrics of every node, also of added ones, as often as
  // SampleInterval says, and less often of one that does not answer.
  virtual absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext& context) const;
};

}  // namespace gtestnet

#endif  // GTESTNET_NODE_KIND_H_
