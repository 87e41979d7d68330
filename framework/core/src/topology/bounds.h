// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_TOPOLOGY_BOUNDS_H_
#define GTESTNET_CORE_SRC_TOPOLOGY_BOUNDS_H_

#include <cstddef>

namespace gtestnet {

// More than any machine could run: what all that is done before a node is started was tried with.
inline constexpr int kMostNodes = 1000;
// Of a custom layout, whose diameter and tolerance take work for each edge and node.
inline constexpr size_t kMostEdges = 10'000;

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_TOPOLOGY_BOUNDS_H_
