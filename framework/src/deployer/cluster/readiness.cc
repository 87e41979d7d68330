// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/cluster/readiness.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "src/base/status.h"
#include "src/base/wait.h"

namespace gtestnet {
namespace {

constexpr size_t kMostThreads = 4;
// A connection that is made before its way is there may be swallowed, and would be waited for.
constexpr std::chrono::milliseconds kFirstPatience{250};

class Readiness {
 public:
  Readiness(const NodeKind& kind, const std::vector<AwaitedNode>& nodes,
            const ReadinessOptions& options)
      : kind_(kind), nodes_(nodes), options_(options), seen_(nodes.size()) {}

  absl::Status Await(const std::function<absl::Status()>& broken) {
    const Clock::TimePoint deadline = options_.clock->Now() + options_.timeout;
    std::vector<std::jthread> threads;
    const size_t count = std::min(kMostThreads, nodes_.size());
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, i, count](std::stop_token stop) { Ask(i, count, stop); });
    }
    absl::Status status;
    while ((status = broken()).ok() && !AllReady()) {
      if (options_.clock->Now() >= deadline) {
        status = Complaint();
        break;
      }
      options_.clock->SleepFor(options_.poll_interval);
    }
    for (std::jthread& thread : threads) thread.request_stop();
    return status;
  }

 private:
  struct Seen {
    bool ready = false;
    int64_t polls = 0;
    std::chrono::milliseconds patience = kFirstPatience;
    std::string last = "was not asked yet";
    std::string tip;
  };

  // One thread asks every `step`th node, over and over, until all are ready.
  void Ask(size_t first, size_t step, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (size_t i = first; i < nodes_.size() && !stop.stop_requested(); i += step) {
        std::chrono::milliseconds patience{0};
        {
          const std::lock_guard lock(mutex_);
          if (seen_[i].ready) continue;
          patience = std::min(seen_[i].patience, options_.probe_timeout);
        }
        const absl::StatusOr<NodeSample> sample = kind_.Probe(nodes_[i].info, patience);
        const std::lock_guard lock(mutex_);
        Note(seen_[i], nodes_[i], sample);
      }
      options_.clock->SleepFor(options_.poll_interval, stop);
    }
  }

  static void Note(Seen& seen, const AwaitedNode& node, const absl::StatusOr<NodeSample>& sample) {
    ++seen.polls;
    if (!sample.ok()) {
      seen.last = MessageOf(sample.status());
      // Or it is a busy one.
      if (absl::IsDeadlineExceeded(sample.status())) seen.patience *= 2;
      return;
    }
    seen.tip = sample->tip;
    seen.ready = sample->peers == node.degree;
    seen.last =
        std::to_string(sample->peers) + " peers connected, of " + std::to_string(node.degree);
  }

  // When all are ready but of different minds, all are asked again: one may have been ahead.
  bool AllReady() {
    const std::lock_guard lock(mutex_);
    if (!std::all_of(seen_.begin(), seen_.end(), [](const Seen& s) { return s.ready; })) {
      return false;
    }
    const auto other = std::find_if(seen_.begin(), seen_.end(),
                                    [this](const Seen& s) { return s.tip != seen_[0].tip; });
    if (other == seen_.end()) return true;
    const auto& name = nodes_[static_cast<size_t>(other - seen_.begin())].info.name;
    disagreement_ = "the nodes have not one genesis: " + nodes_[0].info.name + " has tip " +
                    seen_[0].tip + ", " + name + " has tip " + other->tip;
    for (Seen& seen : seen_) seen.ready = false;
    return false;
  }

  absl::Status Complaint() {
    const std::lock_guard lock(mutex_);
    std::string others;
    std::optional<size_t> first;
    for (size_t i = 0; i < seen_.size(); ++i) {
      if (seen_[i].ready) continue;
      if (!first) {
        first = i;
      } else {
        others += ", " + nodes_[i].info.name;
      }
    }
    if (!disagreement_.empty() || !first) {
      return DeadlineExceeded(disagreement_ + ", still after " + FormatDuration(options_.timeout));
    }
    const Seen& seen = seen_[*first];
    const NodeInfo& node = nodes_[*first].info;
    std::string message = node.name + ": not ready in " + FormatDuration(options_.timeout) + " (" +
                          std::to_string(seen.polls) + " polls); last: " + seen.last;
    if (!others.empty()) message += "; nor are " + others.substr(2);
    if (!options_.end_of_log) return DeadlineExceeded(message);
    return DeadlineExceeded(message + "; the end of its log:\n" + options_.end_of_log(node));
  }

  const NodeKind& kind_;
  const std::vector<AwaitedNode>& nodes_;
  const ReadinessOptions& options_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::string disagreement_;
};

}  // namespace

absl::Status AwaitReady(const NodeKind& kind, const std::vector<AwaitedNode>& nodes,
                        const std::function<absl::Status()>& broken,
                        const ReadinessOptions& options) {
  return Readiness(kind, nodes, options).Await(broken);
}

}  // namespace gtestnet
