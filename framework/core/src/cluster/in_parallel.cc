// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/in_parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "core/src/base/thread.h"

namespace gtestnet {
namespace {

constexpr size_t kMostThreads = 8;

}  // namespace

absl::Status InParallel(size_t count, const std::function<absl::Status(size_t)>& act) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status first;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      absl::Status status = act(i);
      const std::lock_guard lock(mutex);
      first.Update(std::move(status));
    }
  };
  const auto failed = [&](const absl::Status& status) {
    const std::lock_guard lock(mutex);
    first.Update(status);
  };
  // Fewer do it as well.
  std::vector<Thread> threads;
  for (size_t i = 1; i < std::min(count, kMostThreads); ++i) {
    threads.emplace_back([&](const std::stop_token&) { work(); }, failed);
  }
  work();
  threads.clear();  // waits for them
  return first;
}

}  // namespace gtestnet
