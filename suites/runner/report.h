// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_REPORT_H_
#define GTESTNET_SUITES_RUNNER_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/deployer.h"
#include "gtestnet/record.h"
#include "gtestnet/runner.h"
#include "gtestnet/scenario.h"
#include "runner/commands.h"

namespace gtestnet::command {

// "gtestnet: <message>" on standard error; returns kNotRun.
int Refuse(const absl::Status& why);
// Who was to do what to the nodes, and what was done to whom when.
void PrintFaults(const RunRecord& record);
// One block for each verdict: met or not, required, observed.
void PrintVerdicts(const std::vector<VerdictRecord>& verdicts);
// Whether WriteFile will be able to write there. Changes nothing.
absl::Status CheckOutput(const std::string& path);
// In place of what was there, all of it or nothing.
absl::Status WriteFile(const std::string& path, std::string_view content);

struct RunOutput {
  std::string record_file = {};            // where to write the record; empty: nowhere
  Preserve bundle = Preserve::kOnFailure;  // when to keep record, logs and configs
};

// Deploys the scenario, runs it with live progress, prints verdicts and where things are. The exit
// status.
int DeployAndRun(const std::string& deployer, Scenario scenario, const RunOutput& output);

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_REPORT_H_
