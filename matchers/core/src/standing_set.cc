// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/standing_set.h"

#include "gtestnet/life_matchers.h"
#include "gtestnet/log_matchers.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"

namespace gtestnet {

std::vector<StandingExpectation> StandingSet() {
  return {
      AsStanding("HasNoUnexpectedExits", HasNoUnexpectedExits()),
      AsStanding("StaysReachable", StaysReachable()),
      AsStanding("KeepsItsData", KeepsItsData()),
      AsStanding("StopsCleanly", StopsCleanly()),
      AsStanding("MetricsAreSound", MetricsAreSound()),
      AsStanding("LogsNoErrors", LogsNoErrors().ExceptDuringFaults()),
  };
}

}  // namespace gtestnet
