// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_TESTING_FAKE_KIND_H_
#define GTESTNET_CORE_SRC_NODE_TESTING_FAKE_KIND_H_

#include <string>

#include "gtestnet/node_kind.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// A second kind of node: the fake one (fake_node.cc), which knows no chain. It shows that nothing
// outside of that one needs the first.
const NodeKind& FakeKind();

// FakeTopology::Star().Members(3).Misbehave(1, "--never-ready")
class FakeTopology : public BasicTopology<FakeTopology> {
 public:
  explicit FakeTopology(Layout layout) : BasicTopology(std::move(layout), FakeKind()) {}

  FakeTopology& Members(int n) { return SetRole("member", n); }
  FakeTopology& Misbehave(NodeIndex node, std::string argument) {
    return Argument(node, std::move(argument));
  }
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_TESTING_FAKE_KIND_H_
