// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_NOMOS_OBSERVER_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_NOMOS_OBSERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::nomos {

// Watches all nodes of a Nomos cluster; it is the run's BlockFeed too. The context must outlive it.
absl::StatusOr<std::unique_ptr<Observer>> MakeNomosObserver(RunContext& context);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_NOMOS_OBSERVER_H_
