// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/standing_set.h"

#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {

std::vector<StandingExpectation> StandingSet() { return chain::StandingSet(); }

std::vector<StandingExpectation> StandingSetOf(const TopologySpec& topology) {
  return topology.kind == &NomosKind() ? StandingSet() : gtestnet::StandingSet();
}

}  // namespace gtestnet::nomos
