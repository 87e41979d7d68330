// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/block_keeper.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{100};
constexpr milliseconds kResubscribe{100};
constexpr milliseconds kFetchTimeout{1000};
// So that streams, stops and subscribers get their turn while a long chain is fetched.
constexpr int kFetchesInARow = 200;
// A block that nobody has yet is asked for again, in about a minute for the last time.
constexpr milliseconds kRetry{20};
constexpr milliseconds kLongestRetry{2000};
constexpr int kMostAttempts = 35;

bool SameAddress(const NodeAddress& a, const NodeAddress& b) {
  return a.host == b.host && a.ports == b.ports;
}

}  // namespace

// The streams of one node.
struct BlockKeeper::Subscription {
  struct Stream {
    std::atomic<bool> ended = true;
    std::atomic<bool> absent = false;  // the node has no such route
    Clock::TimePoint retry_at{};
    NodeStream stream;  // goes first
  };

  Subscription(const NodeInfo& node_info, RunContext& run, ChainWatch& chain_watch)
      : info(node_info), client(node_info), context(run), watch(chain_watch) {}

  // Opens what is not open.
  void Open(Clock::TimePoint now) {
    OpenOne<StreamedBlock>(StreamKind::kBlocks, blocks, now, [this](auto handlers) {
      handlers.on_item = [this](const StreamedBlock& block) { watch.TakeLine(info.index, block); };
      return client.StreamBlocks(std::move(handlers));
    });
    OpenOne<FinalisedBlock>(StreamKind::kFinality, finality, now, [this](auto handlers) {
      handlers.on_item = [this](const FinalisedBlock& block) {
        watch.TakeFinality(info.index, block);
      };
      return client.StreamFinality(std::move(handlers));
    });
  }

  template <class Item, class Make>
  void OpenOne(StreamKind kind, Stream& to, Clock::TimePoint now, Make make) {
    const bool silent = watch.MustReopen(info.index, kind);
    if (to.absent || (!silent && (!to.ended || now < to.retry_at))) return;
    to.stream = NodeStream();
    to.ended = false;
    to.retry_at = now + kResubscribe;
    StreamHandlers<Item> handlers;
    handlers.on_open = [this, kind] { watch.StreamOpened(info.index, kind); };
    handlers.on_end = [this, kind, &to](const absl::Status& end) {
      if (absl::IsResourceExhausted(end)) context.Break(end);
      to.absent = absl::IsNotFound(end);
      watch.StreamEnded(info.index, kind);
      to.ended = true;
      watch.bell().Ring();
    };
    to.stream = make(std::move(handlers));
  }

  const NodeInfo info;
  const NodeClient client;
  RunContext& context;
  ChainWatch& watch;
  Stream blocks;
  Stream finality;
};

BlockKeeper::BlockKeeper(RunContext& context, ChainWatch& watch)
    : context_(context),
      watch_(watch),
      thread_([this](const std::stop_token& stop) { Run(stop); },
              [this](const absl::Status& why) { context_.Break(why); }) {}

BlockKeeper::~BlockKeeper() { Stop(); }

void BlockKeeper::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void BlockKeeper::Run(std::stop_token stop) {
  bool last = false;
  while (!last) {
    last = stop.stop_requested();
    const std::vector<NodeInfo> nodes = context_.nodes();
    if (!last) Subscribe(nodes);
    FetchWanted(nodes);
    watch_.Deliver();
    if (!last) watch_.bell().Wait(context_.clock(), context_.clock().Now() + kIdle, stop);
  }
  subscriptions_.clear();
  watch_.Deliver();
}

void BlockKeeper::Subscribe(const std::vector<NodeInfo>& nodes) {
  const Clock::TimePoint now = context_.clock().Now();
  for (const NodeInfo& node : nodes) {
    if (!context_.IsUp(node.index)) continue;
    std::unique_ptr<Subscription>& subscription = subscriptions_[node.index];
    if (subscription == nullptr || !SameAddress(subscription->info.address, node.address)) {
      subscription.reset();
      subscription = std::make_unique<Subscription>(node, context_, watch_);
    }
    subscription->Open(now);
  }
}

void BlockKeeper::FetchWanted(const std::vector<NodeInfo>& nodes) {
  for (int fetched = 0; fetched < kFetchesInARow;) {
    const int now = FetchDue(nodes);
    if (now == 0) return;
    fetched += now;
  }
  watch_.bell().Ring();
}

int BlockKeeper::FetchDue(const std::vector<NodeInfo>& nodes) {
  int fetched = 0;
  for (const std::string& id : watch_.Wanted()) {
    const Clock::TimePoint now = context_.clock().Now();
    Attempts& attempts = attempts_[id];
    if (now < attempts.next) continue;
    if (Fetch(id, nodes)) {
      ++fetched;
    } else if (++attempts.count < kMostAttempts) {
      attempts.next = now + std::min(kRetry * (1 << std::min(attempts.count, 10)), kLongestRetry);
      continue;
    } else {
      watch_.GiveUp(id);
    }
    attempts_.erase(id);
  }
  return fetched;
}

bool BlockKeeper::Fetch(const std::string& id, const std::vector<NodeInfo>& nodes) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    const NodeInfo& node = nodes[(next_to_ask_ + i) % nodes.size()];
    auto subscription = subscriptions_.find(node.index);
    if (subscription == subscriptions_.end() || subscription->second == nullptr) continue;
    if (!context_.IsUp(node.index)) continue;
    absl::StatusOr<std::optional<Block>> block =
        subscription->second->client.GetBlock(id, kFetchTimeout);
    if (!block.ok() || !block->has_value()) continue;
    watch_.TakeBlock(node.index, **block);
    if (!(*block)->untrue.empty()) continue;
    next_to_ask_ = (next_to_ask_ + i) % nodes.size();  // the one that knew goes on answering
    return true;
  }
  return false;
}

}  // namespace gtestnet::nomos
