// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_RUNNER_RUN_ID_H_
#define GTESTNET_SRC_RUNNER_RUN_ID_H_

#include <string>

namespace gtestnet {

// Ten letters and digits that no other run has.
std::string MakeRunId();

}  // namespace gtestnet

#endif  // GTESTNET_SRC_RUNNER_RUN_ID_H_
