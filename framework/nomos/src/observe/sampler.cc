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
  // All samples come first, so that they are of about the same time.
  void AskAll(bool metrics) {
    std::vector<NodeInfo> answering;
    for (const NodeInfo& node : sampler_.context_.nodes()) {
      if (node.index % step_ == first_ && AskOne(node, clients_.For(node))) {
        answering.push_back(node);
      }
    }
    for (const NodeInfo& node : answering) {
      if (metrics || sampler_.watch_.IsLookDue(node.index)) CrossExamine(node, clients_.For(node));
    }
  }

  // Whether it answered.
  bool AskOne(const NodeInfo& node, const NodeClient& client) {
    RunContext& context = sampler_.context_;
    ChainWatch& watch = sampler_.watch_;
    if (!context.IsUp(node.index)) {
      watch.TakeSilence(node.index);
      return false;
    }
    const RunTime asked = context.now();
    absl::StatusOr<NodeSample> sample = client.GetSample(sampler_.pace_.timeout);
    if (absl::IsResourceExhausted(sample.status())) context.Break(sample.status());
    if (!sample.ok()) {
      watch.TakeSilence(node.index);
      return false;
    }
    watch.TakeSample(node.index, asked, *std::move(sample));
    sampler_.mempools_.AskAfter(node.index, asked, [&](const std::vector<std::string>& hashes) {
      absl::StatusOr<std::vector<TransactionStatus>> statuses =
          client.GetStatus(hashes, sampler_.pace_.timeout);
      if (statuses.ok()) watch.TakeStatuses(node.index, asked, hashes, *statuses);
      return statuses;
    });
    return true;
  }

  // Asks for the same things in several places, in the order of Testimony. A route that it lacks is
  // left out; one that does not answer in time ends it.
  void CrossExamine(const NodeInfo& node, const NodeClient& client) {
    const RunContext& context = sampler_.context_;
    ChainWatch& watch = sampler_.watch_;
    const milliseconds timeout = sampler_.pace_.timeout;
    const RunTime asked = context.now();
    bool ended = false;
    const auto take = [&ended](auto answer, auto& to) {
      ended = ended || (!answer.ok() && !absl::IsNotFound(answer.status()));
      if (answer.ok()) to = *std::move(answer);
    };
    Testimony told;
    take(client.GetInfo(timeout), told.before);
    if (!ended) take(client.GetNetwork(timeout), told.network_before);
    if (!ended) take(client.GetMempool(timeout), told.mempool_before);
    if (!ended) take(client.GetMetrics(timeout), told.metrics);
    if (told.metrics) watch.TakeMetrics(node.index, *told.metrics);
    if (!ended) take(client.GetMempool(timeout), told.mempool_after);
    if (!ended) take(client.GetNetwork(timeout), told.network_after);
    if (!ended) take(client.GetHeaders("", "", timeout), told.headers);
    if (!ended) take(client.GetInfo(timeout), told.after);
    told.question = watch.QuestionOf(told.before.lib);
    if (const FinalQuestion& q = told.question; !q.block.empty()) {
      if (!ended) take(client.GetBlock(q.block, timeout), told.block);
      if (!ended) take(client.GetBlocks(q.slot_from, q.slot_to, timeout), told.blocks);
      if (!ended) take(client.GetStatus(q.transactions, timeout), told.statuses);
    }
    if (ended) return;
    CountNeighbours(node, told);
    watch.TakeTestimony(node.index, asked, told);
  }

  // Whom a node that was added is connected with, the layout does not say.
  void CountNeighbours(const NodeInfo& node, Testimony& told) const {
    const RunContext& context = sampler_.context_;
    const TopologySpec& topology = context.topology();
    const int count = topology.node_count();
    if (node.index >= count) return;
    const std::vector<NodeIndex> neighbours = topology.layout.Neighbours(node.index, count);
    told.least_peers =
        static_cast<int>(std::count_if(neighbours.begin(), neighbours.end(), [&](NodeIndex other) {
          return context.IsUp(other) && sampler_.watch_.Latest(other).reachable;
        }));
    told.most_peers = static_cast<int>(neighbours.size() + context.nodes().size()) - count;
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
