// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/standing_set.h"

#include "gtestnet/nomos/consensus_matchers.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {

std::vector<StandingExpectation> StandingSet() {
  std::vector<StandingExpectation> set = chain::StandingSet();
  set.push_back(AsStanding("ConsensusIsLive", ConsensusIsLive()));
  return set;
}

std::vector<StandingExpectation> StandingSetOf(const TopologySpec& topology) {
  return topology.kind == &NomosKind() ? StandingSet() : gtestnet::StandingSet();
}

}  // namespace gtestnet::nomos
