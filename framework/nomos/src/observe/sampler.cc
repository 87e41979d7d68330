// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/sampler.h"

#include <algorithm>
#include <utility>

#include "gtestnet/nomos/node_client.h"
#include "nomos/src/observe/client_cache.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

constexpr int kMostThreads = 8;
constexpr milliseconds kShortestInterval{100};

}  // namespace

// The nodes whose index is `first`, `first` + `step`, …; used by one thread.
class Sampler::Share {
 public:
  Share(Sampler& sampler, int first, int step) : sampler_(sampler), first_(first), step_(step) {}

  void Run(std::stop_token stop) {
    const Clock& clock = sampler_.context_.clock();
    Clock::TimePoint next = clock.Now();
    Clock::TimePoint next_metrics = next;
    while (!stop.stop_requested()) {
      const bool metrics = clock.Now() >= next_metrics;
      if (metrics) next_metrics = clock.Now() + sampler_.pace_.metrics;
      AskAll(metrics);
      // A round that took too long is made good by leaving out some.
      next = std::max(next + sampler_.pace_.sample, clock.Now());
      clock.SleepUntil(next, stop);
    }
    AskAll(/*metrics=*/true);
  }

 private:
  void AskAll(bool metrics) {
    for (const NodeInfo& node : sampler_.context_.nodes()) {
      if (node.index % step_ == first_) AskOne(node, metrics);
    }
  }

  void AskOne(const NodeInfo& node, bool metrics) {
    RunContext& context = sampler_.context_;
    ChainWatch& watch = sampler_.watch_;
    if (!context.IsUp(node.index)) return watch.TakeSilence(node.index);
    const NodeClient client = clients_.For(node);
    const RunTime asked = context.now();
    absl::StatusOr<NodeSample> sample = client.GetSample(sampler_.pace_.timeout);
    if (absl::IsResourceExhausted(sample.status())) context.Break(sample.status());
    if (!sample.ok()) return watch.TakeSilence(node.index);
    watch.TakeSample(node.index, asked, *std::move(sample));
    sampler_.mempools_.AskAfter(node.index, asked, [&](const std::vector<std::string>& hashes) {
      return client.GetStatus(hashes, sampler_.pace_.timeout);
    });
    if (!metrics) return;
    absl::StatusOr<std::vector<MetricValue>> values = client.GetMetrics(sampler_.pace_.timeout);
    if (values.ok()) watch.TakeMetrics(node.index, *values);
  }

  Sampler& sampler_;
  const int first_;
  const int step_;
  ClientCache clients_;
};

Sampler::Pace Sampler::PaceOf(const RunContext& context) {
  const auto block = std::chrono::ceil<milliseconds>(context.pace().block_interval());
  return {.sample = std::max(block / 2, kShortestInterval),
          .metrics = std::max(block * 4, milliseconds(1000)),
          .timeout = std::clamp(block * 2, milliseconds(500), milliseconds(2000))};
}

Sampler::Sampler(RunContext& context, ChainWatch& watch, MempoolWatch& mempools)
    : context_(context), watch_(watch), mempools_(mempools), pace_(PaceOf(context)) {
  const int count = std::clamp(context.topology().node_count(), 1, kMostThreads);
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back(
        [this, i, count](const std::stop_token& stop) { Share(*this, i, count).Run(stop); },
        [this](const absl::Status& why) { context_.Break(why); });
    status_.Update(threads_.back().status());
  }
}

void Sampler::Stop() {
  for (Thread& thread : threads_) thread.request_stop();
  for (Thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace gtestnet::nomos
