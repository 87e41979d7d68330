// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SCENARIO_H_
#define GTESTNET_SCENARIO_H_

#include <string>
#include <vector>

#include "gtestnet/capabilities.h"
#include "gtestnet/expectation.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// The plan of a run as a value. Knows nothing of how it is deployed.
struct Scenario {
  std::string name = "scenario";
  TopologySpec topology = {};
  std::vector<WorkloadSpec> workloads = {};
  std::vector<RunExpectation> expectations = {};
  // What is judged without a word (StandingSet), and those of it that may be violated.
  std::vector<StandingExpectation> standing = {};
  std::vector<std::string> allowed = {};
  Timespan duration = {};
  Capabilities required = {};
  // A command line that runs it again, for the bundle: what RerunCommand takes.
  std::string rerun = {};
};

}  // namespace gtestnet

#endif  // GTESTNET_SCENARIO_H_
