// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_CLIENT_CACHE_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_CLIENT_CACHE_H_

#include <map>
#include <mutex>

#include "gtestnet/nomos/node_client.h"

namespace gtestnet::nomos {

// Clients that keep their connections from call to call, and follow a node that comes back at
// another address. Thread-safe.
class ClientCache {
 public:
  NodeClient For(const NodeInfo& node) {
    std::lock_guard lock(mutex_);
    auto [it, is_new] = clients_.try_emplace(node.index, node);
    const NodeAddress& known = it->second.node().address;
    if (!is_new && (known.host != node.address.host || known.ports != node.address.ports)) {
      it->second = NodeClient(node);
    }
    return it->second;
  }

 private:
  std::mutex mutex_;
  std::map<NodeIndex, NodeClient> clients_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_CLIENT_CACHE_H_
