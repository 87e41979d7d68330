// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_VARIABLES_H_
#define GTESTNET_NOMOS_SRC_KIND_VARIABLES_H_

#include <vector>

#include "gtestnet/variables.h"

namespace gtestnet::nomos {

// The variables of the system that this reimplements, with its meanings, and of the bundled node.
std::vector<Variable> NomosVariables();

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_VARIABLES_H_
