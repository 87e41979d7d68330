// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/standing_set.h"

#include "gtestnet/node_matchers.h"

namespace gtestnet {

std::vector<StandingExpectation> StandingSet() {
  return {
      AsStanding("HasNoUnexpectedExits", HasNoUnexpectedExits()),
  };
}

}  // namespace gtestnet
