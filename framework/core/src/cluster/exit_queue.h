// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_EXIT_QUEUE_H_
#define GTESTNET_CORE_SRC_CLUSTER_EXIT_QUEUE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "core/src/base/thread.h"
#include "gtestnet/deployer.h"

namespace gtestnet {

// Brings exits of nodes to a handler on a thread of its own, in order, also those that came before
// the handler was set. Any thread may call; the handler may call whatever it likes but SetHandler.
class ExitQueue {
 public:
  using Handler = std::function<void(const NodeExit&)>;

  // Once, before a handler can be called. kResourceExhausted: there is no thread to be had.
  absl::Status Start() {
    thread_ = Thread([this](const std::stop_token& stop) { Run(stop); });
    return thread_.status();
  }

  void Push(NodeExit exit) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(exit));
    changed_.notify_all();
  }
  // When this returns, no call of an earlier handler is under way.
  void SetHandler(Handler handler) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !calling_; });
    handler_ = std::move(handler);
    changed_.notify_all();
  }

 private:
  void Run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return handler_ && !waiting_.empty(); })) {
      const NodeExit exit = std::move(waiting_.front());
      waiting_.pop_front();
      const Handler handler = handler_;
      calling_ = true;
      lock.unlock();
      handler(exit);
      lock.lock();
      calling_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<NodeExit> waiting_;
  Handler handler_;
  bool calling_ = false;
  Thread thread_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_EXIT_QUEUE_H_
