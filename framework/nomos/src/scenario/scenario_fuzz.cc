// SPDX-License-Identifier: Apache-2.0
// Scenario files.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/nomos/scenario_file.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  return {
      R"({"name": "a", "duration": "90s", "topology": {"layout": "star", "validators": 3,
"executors": 2, "wallets": 50, "notes_per_wallet": 4, "security_parameter": 5, "min_peers": 1,
"active_slot_coefficient": 0.9, "slot": "200ms", "name": "x", "seed": 7, "late": ["validator-2"],
"stake": {"validator-0": 5}, "misbehave": {"validator-1": "stall"}, "arguments": {"validator-0": "-v"},
"data_availability": {"replication": 1, "samples": 4, "check_slots": 20, "retention_slots": 1000}},
"transactions": {"rate_per_block": 5, "users": 20, "spread": "random", "change": true},
"invalid_transactions": {"rate_per_block": 1, "flaws": ["double spend"], "users": 4},
"data_availability": {"channel_rate": 1, "blob_rate": 0.5, "payload": {"min": 31, "max": 62}},
"restarts": {"min_delay": "4 blocks", "max_delay": "8 blocks", "kill": true},
"kills": {"min_down": "1s", "max_down": "2s", "targets": ["validator-0"], "at_once": 1},
"pauses": [{"roles": ["executor"], "beyond_tolerance": true}],
"churn": {"role": "validator", "min_stay": "1 epoch", "max_stay": "2 epochs"},
"expect": ["ConsensusIsLive"], "require": ["node_control"]})",
      R"({"topology": {"layout": {"edges": [[0, 1], [1, 2], [2, 0]]}, "validators": 3},
"duration": "40 blocks"})",
      R"({"topology": {"layout": "mesh", "validators": 180}, "kills": {}, "duration": "1s"})",
      R"({"topology": {"validators": 10000}, "duration": "1s"})",
      R"({"topology": {"validators": 2, "active_slot_coefficient": 1e-320}, "duration": "1s"})",
      R"({"topology": {"validators": 2, "wallets": 2}, "transactions": {"rate_per_block": 1e-320},
"duration": "1s"})",
      R"({"name": "a\u0000b", "topology": {"validators": 1}, "duration": "1s"})",
      R"({"topology": {"validators": 1, "validators": 2}, "duration": "1s"})",
      "[[[[[[[["};
}

void Try(std::string_view input) {
  const nomos::ExpectationParser anything =
      [](std::string_view text) -> absl::StatusOr<RunExpectation> {
    RunExpectation expectation;
    expectation.name = std::string(text);
    expectation.judge = [](const RunRecord&) { return Verdict{}; };
    return expectation;
  };
  const absl::StatusOr<Scenario> scenario = nomos::ParseScenario(input, anything);
  if (!scenario.ok()) return;
  Demand(scenario->topology.Validate().ok(), "the topology of a scenario is sound");
  Demand(scenario->name.find('\0') == std::string::npos, "a name has no NUL");
}

}  // namespace gtestnet::fuzz
