// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_END_JUDGE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_END_JUDGE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/src/deployer/container/engine.h"

namespace gtestnet::compose {

// Tells the end of a container from the end of its engine: an engine that is stopped ends its
// containers first, as if somebody had stopped each, and tells of that by events like any other.
// But it takes no new connections by then. So after each end that nobody asked for, the engine is
// asked whether it is there, on a thread of this.
class EndJudge {
 public:
  struct End {
    docker::ContainerEvent event;
    int exit_code = 0;
  };
  // `engine` says what became of it: "was stopped", "does not answer"; empty: it is there, and the
  // container ended by itself.
  using Tell = std::function<void(const End& end, const std::string& engine)>;

  // `is_away` says whether the stream of events has ended. The engine must live longer.
  EndJudge(const docker::Engine& engine, std::function<bool()> is_away, Tell tell);
  // Waits until nothing is told; what was not told by then is lost.
  ~EndJudge();
  EndJudge(const EndJudge&) = delete;
  EndJudge& operator=(const EndJudge&) = delete;

  void Take(End end);

 private:
  void Run(const std::stop_token& stop);
  std::string WhatBecameOfIt(const std::stop_token& stop) const;

  const docker::Engine& engine_;
  const std::function<bool()> is_away_;
  const Tell tell_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<End> waiting_;
  std::jthread thread_;
};

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_END_JUDGE_H_
