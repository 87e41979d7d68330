// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_THREAD_H_
#define GTESTNET_CORE_SRC_BASE_THREAD_H_

#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include "absl/status/status.h"

namespace gtestnet {

// A thread of the library: a std::jthread whose making does not throw, and out of which no
// exception comes. Whoever makes one looks at status().
//
//   Thread thread([this](const std::stop_token& stop) { Run(stop); });
//   GTESTNET_RETURN_IF_ERROR(thread.status());
class Thread {
 public:
  using Run = std::function<void(const std::stop_token&)>;
  // Called on the thread, last, with what was thrown out of `run`: mostly that there is no memory.
  using OnFailure = std::function<void(const absl::Status&)>;

  Thread() = default;
  // What `run` throws ends the program with a sentence, unless there is an `on_failure`.
  explicit Thread(Run run, OnFailure on_failure = {});
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  // Stops and joins.
  ~Thread() = default;

  // kResourceExhausted, when the thread could not be made, says which limit stands in the way.
  const absl::Status& status() const { return status_; }
  bool joinable() const { return thread_.joinable(); }
  void join() { thread_.join(); }
  void detach() { thread_.detach(); }
  void request_stop() { thread_.request_stop(); }
  std::thread::id get_id() const { return thread_.get_id(); }

 private:
  absl::Status status_;
  std::jthread thread_;
};

namespace testing_support {

// As long as it lives, only so many threads more can be made. One at a time.
class ScopedThreadLimit {
 public:
  explicit ScopedThreadLimit(int most);
  ~ScopedThreadLimit();
  ScopedThreadLimit(const ScopedThreadLimit&) = delete;
  ScopedThreadLimit& operator=(const ScopedThreadLimit&) = delete;
};

}  // namespace testing_support
}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_THREAD_H_
