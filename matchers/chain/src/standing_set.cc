// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/standing_set.h"

#include "gtestnet/chain/consensus_matchers.h"

namespace gtestnet::chain {

std::vector<StandingExpectation> StandingSet() {
  std::vector<StandingExpectation> set = gtestnet::StandingSet();
  set.push_back(AsStanding("AgreesOnChain", AgreesOnChain()));
  set.push_back(AsStanding("FinalityAdvances", FinalityAdvances()));
  set.push_back(AsStanding("NodesAreTruthful", NodesAreTruthful()));
  return set;
}

}  // namespace gtestnet::chain
