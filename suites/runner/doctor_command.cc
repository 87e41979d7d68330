// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>

#include "gtestnet/deployer.h"
#include "gtestnet/diagnosis.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos.h"
#include "gtestnet/variables.h"
#include "runner/commands.h"

namespace gtestnet::command {
namespace {

void DescribeDeployers() {
  std::cout << "Deployers\n";
  for (const std::string& name : DeployerNames()) {
    absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(name);
    if (!deployer.ok()) continue;
    const Availability here = (*deployer)->Probe();
    std::cout << "  " << std::left << std::setw(9) << name
              << (here.available ? "ready: " + (*deployer)->capabilities().ToString()
                                 : "not here: " + here.reason + "; " + here.remedy)
              << '\n';
    if (!here.available) continue;
    for (const std::string& line : Diagnose(name)) std::cout << "           " << line << '\n';
    // What can be had here, and is lacking.
    const std::string why = (*deployer)->WhyLacking(Capability::kTelemetry);
    if (!why.empty()) std::cout << "           without telemetry: " << why << '\n';
  }
}

bool DescribePrograms() {
  bool all = true;
  std::cout << "Programs\n";
  for (const char* role : {"validator", "executor"}) {
    absl::StatusOr<std::string> program = NomosKind().Program(role);
    all = all && program.ok();
    std::cout << "  " << std::left << std::setw(11) << role
              << (program.ok() ? *program : std::string(program.status().message())) << '\n';
  }
  return all;
}

void DescribeVariables() {
  std::cout << "Variables\n";
  for (const Variable& variable : Variables()) {
    const std::optional<std::string> value = VariableValue(variable.name);
    std::cout << "  " << std::left << std::setw(34) << variable.name
              << (value ? *value : "(" + std::string(variable.default_value) + ")") << '\n';
  }
}

}  // namespace

int Doctor() {
  DescribeDeployers();
  const bool programs = DescribePrograms();
  DescribeVariables();
  const absl::Status variables = CheckVariables();
  if (!variables.ok()) std::cout << "Wrong: " << variables.message() << '\n';
  return programs && variables.ok() ? kPassed : kFailed;
}

}  // namespace gtestnet::command
