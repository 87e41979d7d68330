// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_TRACE_H_
#define GTESTNET_CORE_SRC_CLUSTER_TRACE_H_

#include <string>

#include "core/src/cluster/process_mark.h"

namespace gtestnet {

// What a backend (a Docker Engine, a Kubernetes cluster) has of a run.
struct BackendTrace {
  std::string run_id;
  std::string test;
  std::string what;        // "containers a, b; 1 network", "namespace gtestnet-3f…"
  bool lives = false;      // its guardian does, or nobody here can tell
  bool preserved = false;  // and was let go
};

// `mark` names its guardian, as of MarkOf.
inline BackendTrace TraceOf(std::string run_id, std::string test, std::string what,
                            const std::string& mark) {
  const ProcessLife life = LifeOf(mark);
  return {.run_id = std::move(run_id),
          .test = std::move(test),
          .what = std::move(what),
          .lives = life == ProcessLife::kLives || life == ProcessLife::kUnknown,
          .preserved = life == ProcessLife::kKept};
}

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_TRACE_H_
