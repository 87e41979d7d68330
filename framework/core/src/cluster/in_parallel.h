// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_IN_PARALLEL_H_
#define GTESTNET_CORE_SRC_CLUSTER_IN_PARALLEL_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace gtestnet {

// Does act(0) … act(count - 1), up to eight at once (more make an engine no quicker), and returns
// when all are done: the first error.
absl::Status InParallel(size_t count, const std::function<absl::Status(size_t)>& act);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_IN_PARALLEL_H_
