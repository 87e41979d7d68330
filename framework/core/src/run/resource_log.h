// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_RESOURCE_LOG_H_
#define GTESTNET_CORE_SRC_RUN_RESOURCE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/deployer.h"
#include "gtestnet/record.h"

namespace gtestnet {

// What was seen of what nodes use, in bounded memory, and whether one is another process than
// before. A log that is full has the samples of each node put together two by two, with the larger
// of each value, so that no peak is lost. For one thread at a time.
class ResourceLog {
 public:
  explicit ResourceLog(size_t most = 100'000) : most_(most) {}

  // What was seen at `at`, between two looks that found the node up and no verb under way; `verbs`
  // is how many had begun on it. `since` is when its process began, where that is known. Returns
  // the event if it was restarted though no verb began.
  std::optional<NodeEvent> Take(NodeIndex node, RunTime at, int64_t verbs, const NodeUsage& usage,
                                std::optional<RunTime> since);

  // In order of time.
  std::vector<ResourceSample> Samples() const;

 private:
  struct Node {
    int64_t verbs = -1;
    std::string process;
    int64_t restarts = 0;
    RunTime seen{0};   // the last look
    int64_t life = 0;  // counts processes
  };
  struct Kept {
    ResourceSample sample;
    int64_t life = 0;
  };
  void Thin();

  const size_t most_;
  std::map<NodeIndex, Node> nodes_;
  std::vector<Kept> kept_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_RESOURCE_LOG_H_
