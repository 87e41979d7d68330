// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_TOPOLOGY_H_
#define GTESTNET_TOPOLOGY_H_

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace gtestnet {

class NodeKind;

// A node of a cluster, counted over all roles in the order in which the topology declares them.
using NodeIndex = int;

// One connection: `from` dials `to`.
struct Edge {
  NodeIndex from = 0;
  NodeIndex to = 0;
  friend bool operator==(const Edge&, const Edge&) = default;
};

// Who dials whom. A layout is honoured exactly: there is no connection that it does not name.
class Layout {
 public:
  // All dial node 0.
  static Layout Star();
  // Node i dials node i − 1.
  static Layout Chain();
  // A chain whose node 0 dials the last one. Of three nodes or more.
  static Layout Ring();
  // Node i dials each node below i.
  static Layout FullMesh();
  // Just these.
  static Layout Custom(std::vector<Edge> edges);

  // "star", "chain", "ring", "mesh" or "custom".
  std::string_view name() const;
  // The connections among `nodes` nodes, each once.
  std::vector<Edge> Edges(int nodes) const;
  // Those that `node` is connected with, dialled or dialling, in ascending order.
  std::vector<NodeIndex> Neighbours(NodeIndex node, int nodes) const;
  // The same of every node, by its index.
  std::vector<std::vector<NodeIndex>> AllNeighbours(int nodes) const;
  // The longest of the shortest paths between any two nodes; −1 if some are not connected.
  int Diameter(int nodes) const;
  // kInvalidArgument for an edge to a missing node, to itself, or named twice, and for more than
  // 10,000 edges of a custom layout.
  absl::Status Validate(int nodes) const;

  friend bool operator==(const Layout&, const Layout&) = default;

 private:
  enum class Shape { kStar, kChain, kRing, kFullMesh, kCustom };
  Layout(Shape shape, std::vector<Edge> edges) : shape_(shape), edges_(std::move(edges)) {}
  Shape shape_;
  std::vector<Edge> edges_;
};

// So many nodes of one role. The nodes are named "<role>-0", "<role>-1", …
struct Role {
  std::string name = {};
  int count = 0;
  friend bool operator==(const Role&, const Role&) = default;
};

// What only one kind of node understands; see node_kind.h. Immutable once in a topology.
class KindParameters {
 public:
  virtual ~KindParameters() = default;
};

// A topology as the framework sees it: a value that knows nothing of deployers, nor of what a node
// is. Users build one with `Topology` or with a builder of their own kind.
struct TopologySpec {
  // Never null in a topology that a builder made; lives for ever.
  const NodeKind* kind = nullptr;
  Layout layout = Layout::Star();
  std::vector<Role> roles = {};
  std::shared_ptr<const KindParameters> parameters = {};
  // Nodes that are in the topology but are started by the test (NodeControl::Start), not by the
  // deployer. Their index counts like any other.
  std::vector<NodeIndex> late = {};
  // Empty: the builder's own name for it, see Name().
  std::string given_name = {};
  std::optional<uint64_t> seed = {};
  // Command-line arguments for one node beyond those of its kind, e.g. "--misbehave=stall".
  std::vector<std::pair<NodeIndex, std::string>> extra_arguments = {};

  int node_count() const;
  // "member-0". `node` must be in [0, node_count()).
  std::string NodeName(NodeIndex node) const;
  const std::string& RoleOf(NodeIndex node) const;
  // Of all nodes with that role; empty if there is none.
  std::vector<NodeIndex> NodesOf(std::string_view role) const;
  bool IsLate(NodeIndex node) const;
  // Of a node that is added without a word of its role: the only one that has nodes, or the first
  // of several.
  const std::string& DefaultRole() const;
  // kInvalidArgument, with those that there are, for a role that the topology has not.
  absl::Status CheckRole(std::string_view role) const;
  // The given name, or one made of layout and counts: "star_3v1e" (the first letter of each role;
  // roles with no node are left out). Only [A-Za-z0-9_].
  std::string Name() const;
  // What can be said without a backend: from one to 1,000 nodes, a sound layout, late nodes that
  // exist, and whatever the kind requires.
  absl::Status Validate() const;
};

std::ostream& operator<<(std::ostream& os, const TopologySpec& topology);

// The part of a topology builder that every kind of node shares. A kind derives its own from it
// and adds what it alone knows:
//
//   class EtcdTopology : public BasicTopology<EtcdTopology> {
//    public:
//     explicit EtcdTopology(Layout layout) : BasicTopology(layout, EtcdKind()) {}
//     EtcdTopology& Members(int n) { return SetRole("member", n); }
//   };
//
// and then EtcdTopology::FullMesh().Members(3).Named("three") is a topology.
template <class Derived>
class BasicTopology {
 public:
  static Derived Star() { return Derived(Layout::Star()); }
  static Derived Chain() { return Derived(Layout::Chain()); }
  static Derived Ring() { return Derived(Layout::Ring()); }
  static Derived FullMesh() { return Derived(Layout::FullMesh()); }
  static Derived Custom(std::vector<Edge> edges) {
    return Derived(Layout::Custom(std::move(edges)));
  }

  // The name that tests carry, of [A-Za-z0-9_]. Default: see TopologySpec::Name().
  Derived& Named(std::string name) {
    spec_.given_name = std::move(name);
    return self();
  }
  // The source of every id, key, wallet and random choice. Default: see DESIGN in the README.
  Derived& Seed(uint64_t seed) {
    spec_.seed = seed;
    return self();
  }
  // The node is left out at the start; the test starts it.
  Derived& Late(NodeIndex node) {
    spec_.late.push_back(node);
    return self();
  }
  // The deployer puts it after those that the kind gives the node.
  Derived& Argument(NodeIndex node, std::string argument) {
    spec_.extra_arguments.emplace_back(node, std::move(argument));
    return self();
  }

  const TopologySpec& spec() const { return spec_; }
  operator TopologySpec() const { return spec_; }  // NOLINT: a builder is a topology

 protected:
  BasicTopology(Layout layout, const NodeKind& kind) {
    spec_.layout = std::move(layout);
    spec_.kind = &kind;
  }
  Derived& SetRole(std::string_view name, int count) {
    for (Role& role : spec_.roles) {
      if (role.name == name) {
        role.count = count;
        return self();
      }
    }
    spec_.roles.push_back({std::string(name), count});
    return self();
  }
  TopologySpec& mutable_spec() { return spec_; }
  Derived& self() { return static_cast<Derived&>(*this); }

 private:
  TopologySpec spec_;
};

}  // namespace gtestnet

#endif  // GTESTNET_TOPOLOGY_H_
