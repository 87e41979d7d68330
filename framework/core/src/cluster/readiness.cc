// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/readiness.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/thread.h"
#include "core/src/base/wait.h"

namespace gtestnet {
namespace {

constexpr size_t kMostThreads = 4;
// A connection that is made before its way is there may be swallowed, and would be waited for.
constexpr std::chrono::milliseconds kFirstPatience{250};
// Which a node that is about to be ready needs at most.
constexpr int64_t kQuickPolls = 20;

class Readiness {
 public:
  Readiness(const ClusterSpec& spec, const std::vector<NodeInfo>& nodes,
            const ReadinessOptions& options)
      : spec_(spec), nodes_(nodes), options_(options), seen_(nodes.size()) {}

  absl::Status Await(const std::function<absl::Status()>& broken) {
    const Clock::TimePoint deadline = options_.clock->Now() + options_.timeout;
    std::vector<Thread> threads;
    const size_t count = std::min(kMostThreads, nodes_.size());
    absl::Status status;
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, i, count](const std::stop_token& stop) { Ask(i, count, stop); },
                           [this](const absl::Status& why) {
                             const std::lock_guard lock(mutex_);
                             exhausted_ = why;
                           });
      status.Update(threads.back().status());
    }
    while (status.ok() && (status = broken()).ok() && (status = Exhausted()).ok() && !AllReady()) {
      if (options_.clock->Now() >= deadline) {
        status = Complaint();
        break;
      }
      Doze();
    }
    for (Thread& thread : threads) thread.request_stop();
    return status;
  }

 private:
  struct Seen {
    bool ready = false;
    int64_t polls = 0;
    std::chrono::milliseconds patience = kFirstPatience;
    std::string last = "was not asked yet";
    // How often in a row it said that, and when it is asked again.
    int64_t same = 0;
    std::chrono::milliseconds interval{0};
    Clock::TimePoint next{};
  };

  // One thread asks every `step`th node, over and over, until all are ready.
  void Ask(size_t first, size_t step, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (size_t i = first; i < nodes_.size() && !stop.stop_requested(); i += step) {
        std::chrono::milliseconds patience{0};
        {
          const std::lock_guard lock(mutex_);
          if (seen_[i].ready || options_.clock->Now() < seen_[i].next) continue;
          patience = std::min(seen_[i].patience, options_.probe_timeout);
        }
        const absl::StatusOr<std::string> lacks = AskOne(nodes_[i], patience);
        const std::lock_guard lock(mutex_);
        Note(seen_[i], lacks);
        // Not the node's.
        if (absl::IsResourceExhausted(lacks.status())) exhausted_ = lacks.status();
      }
      WakeIfAllReady();
      options_.clock->SleepFor(options_.poll_interval, stop);
    }
  }

  absl::StatusOr<std::string> AskOne(const NodeInfo& node,
                                     std::chrono::milliseconds patience) const {
    const NodeKind& kind = *spec_.topology.kind;
    const absl::StatusOr<NodeSample> sample = kind.Probe(node, patience);
    if (!sample.ok()) return sample.status();
    if (options_.on_answer) options_.on_answer(node, *sample);
    return kind.Lacks(spec_, node, *sample, patience);
  }

  void Note(Seen& seen, const absl::StatusOr<std::string>& lacks) const {
    ++seen.polls;
    std::string said = lacks.ok() ? *lacks : MessageOf(lacks.status());
    seen.ready = lacks.ok() && said.empty();
    // Or it is a busy one.
    if (absl::IsDeadlineExceeded(lacks.status())) seen.patience *= 2;
    if (said != std::exchange(seen.last, said)) {
      seen.same = 0;
      seen.interval = options_.poll_interval;
    } else if (++seen.same > kQuickPolls) {
      seen.interval = std::min(seen.interval * 3 / 2, options_.longest_interval);
    }
    seen.next = options_.clock->Now() + seen.interval;
  }

  bool AllReady() {
    const std::lock_guard lock(mutex_);
    return std::all_of(seen_.begin(), seen_.end(), [](const Seen& s) { return s.ready; });
  }

  // The answer that was missing last ends it.
  void Doze() {
    std::stop_token woken;
    {
      const std::lock_guard lock(mutex_);
      if (!std::ranges::all_of(seen_, &Seen::ready)) wake_ = std::stop_source();
      woken = wake_.get_token();
    }
    options_.clock->SleepFor(options_.poll_interval, woken);
  }
  void WakeIfAllReady() {
    const std::lock_guard lock(mutex_);
    if (std::ranges::all_of(seen_, &Seen::ready)) wake_.request_stop();
  }

  absl::Status Exhausted() {
    const std::lock_guard lock(mutex_);
    return exhausted_;
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
        others += ", " + nodes_[i].name;
      }
    }
    if (!first) return absl::OkStatus();
    const Seen& seen = seen_[*first];
    const NodeInfo& node = nodes_[*first];
    std::string message = node.name + ": not ready in " + FormatDuration(options_.timeout) + " (" +
                          std::to_string(seen.polls) + " polls); last: " + seen.last;
    if (!others.empty()) message += "; nor are " + others.substr(2);
    if (!options_.end_of_log) return DeadlineExceeded(message);
    return DeadlineExceeded(message + "; the end of its log:\n" + options_.end_of_log(node));
  }

  const ClusterSpec& spec_;
  const std::vector<NodeInfo>& nodes_;
  const ReadinessOptions& options_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::stop_source wake_;
  absl::Status exhausted_;  // what this process had too little of
};

}  // namespace

absl::Status AwaitReady(const ClusterSpec& spec, const std::vector<NodeInfo>& nodes,
                        const std::function<absl::Status()>& broken,
                        const ReadinessOptions& options) {
  return Readiness(spec, nodes, options).Await(broken);
}

}  // namespace gtestnet
