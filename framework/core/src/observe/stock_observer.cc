// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/stock_observer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/src/base/http.h"
#include "core/src/observe/metrics_text.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr int kMostThreads = 8;
// How often is looked whether a node is up.
constexpr milliseconds kLook{50};
constexpr milliseconds kLongestBackOff{5000};

}  // namespace

// The nodes whose index is `first`, `first` + `step`, …; used by one thread.
class StockObserver::Share {
 public:
  Share(StockObserver& observer, NodeIndex first, NodeIndex step)
      : observer_(observer),
        watched_(observer.watched_),
        first_(first),
        step_(step),
        interval_(std::max(watched_.kind->SampleInterval(), milliseconds(1))),
        timeout_(std::clamp(interval_ * 2, milliseconds(500), milliseconds(2000))) {}

  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Clock::TimePoint next = watched_.clock->Now() + std::min(kLook, interval_);
      for (const NodeInfo& node : watched_.nodes()) {
        if (node.index % step_ == first_ && !stop.stop_requested()) Look(node);
      }
      watched_.clock->SleepUntil(next, stop);
    }
    for (const NodeInfo& node : watched_.nodes()) {
      if (node.index % step_ != first_) continue;
      State& state = states_[node.index];
      // What has not answered lately is not waited for at the end.
      state.changed = ChangedAt(node.index);
      if (watched_.is_up(node.index) && state.silences == 0) {
        Ask(node, state, /*metrics=*/true);
      } else {
        observer_.TakeSilence(node.index);
      }
    }
  }

 private:
  struct State {
    bool up = false;
    int silences = 0;  // in a row
    Clock::TimePoint next{};
    Clock::TimePoint next_metrics{};
    std::optional<RunTime> changed = {};
  };

  std::optional<RunTime> ChangedAt(NodeIndex node) const {
    return watched_.changed_at ? watched_.changed_at(node) : std::nullopt;
  }

  void Look(const NodeInfo& node) {
    State& state = states_[node.index];
    const bool was_up = std::exchange(state.up, watched_.is_up(node.index));
    if (!state.up) return observer_.TakeSilence(node.index);
    const Clock::TimePoint now = watched_.clock->Now();
    const std::optional<RunTime> changed = ChangedAt(node.index);
    if (!was_up || changed != state.changed) {
      state = {.up = true, .next = now, .next_metrics = now, .changed = changed};
    }
    if (now < state.next) return;
    const bool metrics = now >= state.next_metrics;
    if (metrics) state.next_metrics = now + interval_ * 2;
    Ask(node, state, metrics);
  }

  void Ask(const NodeInfo& node, State& state, bool metrics) {
    const Clock::TimePoint asked = watched_.clock->Now();
    absl::StatusOr<NodeSample> sample = watched_.kind->Probe(node, timeout_);
    if (absl::IsResourceExhausted(sample.status())) watched_.give_up(sample.status());
    // An answer from before is not of the node as it is.
    if (ChangedAt(node.index) != state.changed) return;
    if (!sample.ok()) {
      observer_.TakeSilence(node.index);
      state.silences = std::min(state.silences + 1, 20);
      state.next =
          watched_.clock->Now() + std::min<milliseconds>(interval_ * (int64_t{1} << state.silences),
                                                         std::max(kLongestBackOff, interval_));
      return;
    }
    state.silences = 0;
    state.next = asked + interval_;
    sample->node = node.index;
    sample->reachable = true;
    if (watched_.lacks) NoteLack(*sample);
    // (And once more, by when it is dated.)
    const auto current = [&] { return ChangedAt(node.index) == state.changed; };
    if (!observer_.TakeSample(*std::move(sample), current)) return;
    if (metrics) observer_.TakeMetrics(node, timeout_);
  }

  void NoteLack(NodeSample& sample) const {
    Snapshot snapshot = observer_.Latest();
    const auto i = static_cast<size_t>(sample.node);
    if (i >= snapshot.nodes.size()) return;
    sample.at = snapshot.at;
    snapshot.nodes[i] = sample;
    std::string lacks = watched_.lacks(sample, snapshot);
    if (!lacks.empty()) sample.words[kLacksWord] = std::move(lacks);
  }

  StockObserver& observer_;
  const Watched& watched_;
  const NodeIndex first_;
  const NodeIndex step_;
  const milliseconds interval_;
  const milliseconds timeout_;
  std::map<NodeIndex, State> states_;
};

absl::StatusOr<std::unique_ptr<Observer>> StockObserver::Make(Watched watched) {
  std::unique_ptr<StockObserver> observer(new StockObserver(std::move(watched)));
  StockObserver& self = *observer;
  const int nodes = static_cast<int>(self.watched_.nodes().size());
  const int count = std::clamp(nodes, 1, kMostThreads);
  for (int i = 0; i < count; ++i) {
    self.threads_.emplace_back(
        [&self, i, count](const std::stop_token& stop) { Share(self, i, count).Run(stop); },
        [&self](const absl::Status& why) { self.watched_.give_up(why); });
    if (!self.threads_.back().status().ok()) return self.threads_.back().status();
  }
  return observer;
}

void StockObserver::Stop() {
  for (Thread& thread : threads_) thread.request_stop();
  for (Thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool StockObserver::TakeSample(NodeSample sample, const std::function<bool()>& current) {
  const std::lock_guard lock(mutex_);
  sample.at = watched_.now();
  if (current && !current()) return false;
  samples_.Add(std::move(sample));
  return true;
}

void StockObserver::TakeSilence(NodeIndex node) {
  NodeSample sample;
  sample.node = node;
  TakeSample(std::move(sample));
}

void StockObserver::TakeMetrics(const NodeInfo& node, milliseconds timeout) {
  const std::optional<MetricsRoute> route = watched_.kind->Metrics();
  if (!route) return;
  const NodeAddress address = node.CurrentAddress();
  const auto port = address.ports.find(route->port);
  if (port == address.ports.end()) return;
  const absl::StatusOr<base::HttpResponse> response =
      base::HttpClient(base::Endpoint::Tcp(address.host, port->second))
          .Request({.method = "GET", .target = route->path}, timeout);
  if (!response.ok() || response->status != 200) return;
  const absl::StatusOr<std::vector<MetricValue>> values = ParseMetrics(response->body);
  if (!values.ok()) return;
  const std::lock_guard lock(mutex_);
  const RunTime at = watched_.now();
  for (const MetricValue& value : *values) {
    samples_.Add(MetricSample{at, node.index, value.series, value.value});
  }
}

Snapshot StockObserver::Latest() const {
  Snapshot snapshot;
  const std::vector<NodeInfo> nodes = watched_.nodes();
  const std::lock_guard lock(mutex_);
  snapshot.at = watched_.now();
  for (const NodeInfo& node : nodes) {
    const NodeSample* latest = samples_.Latest(node.index);
    snapshot.nodes.push_back(latest != nullptr ? *latest : NodeSample{.node = node.index});
    snapshot.names.push_back(node.name);
  }
  return snapshot;
}

void StockObserver::Fill(RunRecord& record) {
  Stop();
  const std::lock_guard lock(mutex_);
  record.samples = samples_.AllSamples();
  record.metrics = samples_.AllMetrics();
}

}  // namespace gtestnet
