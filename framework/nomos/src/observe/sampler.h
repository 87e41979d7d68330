// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_SAMPLER_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_SAMPLER_H_

#include <chrono>
#include <vector>

#include "core/src/base/thread.h"
#include "gtestnet/run_context.h"
#include "nomos/src/observe/chain_watch.h"
#include "nomos/src/observe/mempool_watch.h"

namespace gtestnet::nomos {

// Asks each node for its state about twice per block interval, then for the transactions that it
// was not seen to have yet, and now and then, with its metrics, for what must be the same in
// several places. A few threads share the nodes, so that one that hangs does not blind the run to
// all the others.
class Sampler {
 public:
  Sampler(RunContext& context, ChainWatch& watch, MempoolWatch& mempools);
  ~Sampler() { Stop(); }

  // kResourceExhausted when it has not the threads that it needs.
  const absl::Status& status() const { return status_; }
  // Asks every node a last time, and ends. Idempotent.
  void Stop();

 private:
  struct Pace {
    std::chrono::milliseconds sample;
    std::chrono::milliseconds metrics;
    std::chrono::milliseconds timeout;
  };
  class Share;
  static Pace PaceOf(const RunContext& context);

  RunContext& context_;
  ChainWatch& watch_;
  MempoolWatch& mempools_;
  const Pace pace_;
  absl::Status status_;
  std::vector<Thread> threads_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_SAMPLER_H_
