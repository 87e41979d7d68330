// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_OBSERVE_STOCK_OBSERVER_H_
#define GTESTNET_CORE_SRC_OBSERVE_STOCK_OBSERVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/thread.h"
#include "core/src/observe/sample_store.h"
#include "gtestnet/clock.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What a stock observer watches; it must outlive the observer.
struct Watched {
  const NodeKind* kind = nullptr;
  const Clock* clock = &RealClock();
  // Those that there are now; more may come.
  std::function<std::vector<NodeInfo>()> nodes;
  // Whether a node is to be up, as far as node control knows.
  std::function<bool(NodeIndex)> is_up;
  std::function<RunTime()> now;
  // RunContext::ChangedAt.
  std::function<std::optional<RunTime>(NodeIndex)> changed_at = {};
  // What a node that answers still lacks (NodeKind::Behind), which is kept as a word of its sample.
  std::function<std::string(const NodeSample&, const Snapshot&)> lacks = {};
  // This process lacks what it needs to go on.
  std::function<void(const absl::Status&)> give_up;
};

// An observer for any kind: asks each node for its state, and for its metrics where the kind says
// that it has some. One that does not answer is asked less and less often, up to every five
// seconds, and as often as before once it answers or has been started again. A few threads share
// the nodes.
class StockObserver final : public Observer {
 public:
  static absl::StatusOr<std::unique_ptr<Observer>> Make(Watched watched);
  ~StockObserver() override { Stop(); }

  Snapshot Latest() const override;
  void Fill(RunRecord& record) override;

 private:
  class Share;
  explicit StockObserver(Watched watched) : watched_(std::move(watched)) {}
  // Asks every node that is up a last time, and ends. Idempotent.
  void Stop();
  // Unless `current` says, once it is dated, that it is of before. Whether it was taken.
  bool TakeSample(NodeSample sample, const std::function<bool()>& current = nullptr);
  void TakeSilence(NodeIndex node);
  void TakeMetrics(const NodeInfo& node, std::chrono::milliseconds timeout);

  const Watched watched_;
  mutable std::mutex mutex_;
  SampleStore samples_;
  std::vector<Thread> threads_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_OBSERVE_STOCK_OBSERVER_H_
