// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/readiness.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/src/base/status.h"
#include "core/src/base/thread.h"
#include "core/src/base/wait.h"

namespace gtestnet {
namespace {

constexpr size_t kMostThreads = 4;
// A connection that is made before its way is there may be swallowed, and would be waited for.
constexpr std::chrono::milliseconds kFirstPatience{250};

class Readiness {
 public:
  Readiness(const TopologySpec& topology, const std::vector<AwaitedNode>& nodes,
            const ReadinessOptions& options)
      : topology_(topology), nodes_(nodes), options_(options), seen_(nodes.size()) {}

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
      options_.clock->SleepFor(options_.poll_interval);
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
    std::string tip;
  };

  struct Answer {
    absl::Status status;
    std::string tip;
    std::string lacks;  // "" if nothing
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
        const Answer answer = AskOne(nodes_[i], patience);
        const std::lock_guard lock(mutex_);
        Note(seen_[i], answer);
        // Not the node's.
        if (absl::IsResourceExhausted(answer.status)) exhausted_ = answer.status;
      }
      options_.clock->SleepFor(options_.poll_interval, stop);
    }
  }

  Answer AskOne(const AwaitedNode& node, std::chrono::milliseconds patience) const {
    const absl::StatusOr<NodeSample> sample = topology_.kind->Probe(node.info, patience);
    Answer answer;
    answer.status = sample.status();
    if (!sample.ok()) return answer;
    answer.tip = sample->tip;
    if (sample->peers != node.degree) {
      answer.lacks =
          std::to_string(sample->peers) + " peers connected, of " + std::to_string(node.degree);
      return answer;
    }
    absl::StatusOr<std::string> lacks = topology_.kind->Lacks(topology_, node.info, patience);
    answer.status = lacks.status();
    if (lacks.ok()) answer.lacks = *std::move(lacks);
    return answer;
  }

  static void Note(Seen& seen, const Answer& answer) {
    ++seen.polls;
    if (!answer.status.ok()) {
      seen.last = MessageOf(answer.status);
      // Or it is a busy one.
      if (absl::IsDeadlineExceeded(answer.status)) seen.patience *= 2;
      return;
    }
    seen.tip = answer.tip;
    seen.ready = answer.lacks.empty();
    seen.last = answer.lacks;
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

  const TopologySpec& topology_;
  const std::vector<AwaitedNode>& nodes_;
  const ReadinessOptions& options_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::string disagreement_;
  absl::Status exhausted_;  // what this process had too little of
};

}  // namespace

absl::Status AwaitReady(const TopologySpec& topology, const std::vector<AwaitedNode>& nodes,
                        const std::function<absl::Status()>& broken,
                        const ReadinessOptions& options) {
  return Readiness(topology, nodes, options).Await(broken);
}

}  // namespace gtestnet
