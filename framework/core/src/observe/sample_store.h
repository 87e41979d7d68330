// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_OBSERVE_SAMPLE_STORE_H_
#define GTESTNET_CORE_SRC_OBSERVE_SAMPLE_STORE_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gtestnet/record.h"

namespace gtestnet {

// The samples of a run in bounded memory: one that says what the node's last one said is kept only
// now and then, and a store that is full is thinned out. The answers before and after a silence are
// kept longest, as they say how long it was. For one thread at a time.
class SampleStore {
 public:
  struct Limits {
    size_t samples = 500'000;
    size_t metrics = 1'000'000;
    // How old a sample may get before the same is kept again.
    std::chrono::milliseconds repeat_sample{1000};
    std::chrono::milliseconds repeat_metric{10000};
  };
  SampleStore() : SampleStore(Limits()) {}
  explicit SampleStore(Limits limits) : limits_(limits) {}

  // In order of time.
  void Add(NodeSample sample);
  void Add(MetricSample metric);

  // The latest, kept or not; null if there is none.
  const NodeSample* Latest(NodeIndex node) const;

  const std::vector<NodeSample>& samples() const { return samples_; }
  const std::vector<MetricSample>& metrics() const { return metrics_; }
  // With the latest of each node and series at the end, if they were not kept.
  std::vector<NodeSample> AllSamples() const;
  std::vector<MetricSample> AllMetrics() const;

 private:
  struct Node {
    NodeSample latest;
    RunTime kept_at{0};
    bool latest_kept = false;
  };
  struct Series {
    MetricSample latest;
    RunTime kept_at{0};
    bool latest_kept = false;
  };
  void ThinSamples();
  void ThinMetrics();

  Limits limits_;
  std::map<NodeIndex, Node> nodes_;
  std::map<NodeIndex, std::unordered_map<std::string, Series>> series_;
  std::vector<NodeSample> samples_;
  std::vector<MetricSample> metrics_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_OBSERVE_SAMPLE_STORE_H_
