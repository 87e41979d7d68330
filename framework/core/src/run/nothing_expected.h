// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_NOTHING_EXPECTED_H_
#define GTESTNET_CORE_SRC_RUN_NOTHING_EXPECTED_H_

#include "absl/status/status.h"
#include "gtestnet/scenario.h"

namespace gtestnet {

// kInvalidArgument for a scenario without an expectation, which would pass whatever its nodes did.
absl::Status CheckThatSomethingIsExpected(const Scenario& scenario);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_NOTHING_EXPECTED_H_
