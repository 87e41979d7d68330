// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/standing_set.h"

#include "gtestnet/log_matchers.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {

std::vector<StandingExpectation> StandingSet() {
  std::vector<StandingExpectation> set = chain::StandingSet();
  set.push_back(AsStanding("ConsensusIsLive", ConsensusIsLive()));
  for (StandingExpectation& one : set) {
    // These nodes say nothing of the kind, whatever becomes of their peers.
    if (one.name == "LogsNoErrors") one = AsStanding(one.name, LogsNoErrors());
  }
  return set;
}

std::vector<StandingExpectation> StandingSetOf(const TopologySpec& topology) {
  return topology.kind == &NomosKind() ? StandingSet() : gtestnet::StandingSet();
}

}  // namespace gtestnet::nomos
