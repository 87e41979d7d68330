// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_TELEMETRY_SPAN_QUEUE_H_
#define GTESTNET_NODE_TELEMETRY_SPAN_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "telemetry/span.h"

namespace gtestnet::node {

// Spans on their way from the node, which never waits, to the sender. What finds no room is dropped
// and counted. Any thread may call.
class SpanQueue {
 public:
  struct Limits {
    std::size_t waiting = 8192;  // about 5 MB
    std::size_t of_batch = 512;  // about 300 KB of JSON
  };
  explicit SpanQueue(Limits limits) : limits_(limits) {}

  void Add(std::vector<Span> spans) {
    if (spans.empty()) return;
    const std::lock_guard lock(mutex_);
    const std::size_t taken = std::min(limits_.waiting - waiting_.size(), spans.size());
    std::move(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(waiting_));
    dropped_ += spans.size() - taken;
  }
  // The oldest, as many as a batch may have.
  std::vector<Span> Take() {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(limits_.of_batch, waiting_.size()));
    std::vector<Span> taken(std::make_move_iterator(waiting_.begin()),
                            std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    return taken;
  }
  [[nodiscard]] std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Span> waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_SPAN_QUEUE_H_
