// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <optional>

#include "gtestnet/diagnosis.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/variables.h"
#include "runner/commands.h"

namespace gtestnet::command {
namespace {

void DescribeMachine() {
  // Of one core, for a build of all from nothing, without a compiler's cache; measured.
  constexpr long kMinutesOfBuild = 26;
  const long cores = std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
  const double gib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  std::cout << "Machine\n  " << cores << (cores == 1 ? " core, " : " cores, ") << std::fixed
            << std::setprecision(0) << gib << " GiB of memory; a build of gtestnet from nothing "
            << "takes about " << std::max(2L, (kMinutesOfBuild + cores - 1) / cores)
            << " minutes here\n";
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
  DescribeMachine();
  std::cout << "Deployers\n" << DescribeDeployers({Topology::Star().Validators(1).Executors(1)});
  const bool programs = DescribePrograms();
  DescribeVariables();
  const absl::Status variables = CheckVariables();
  if (!variables.ok()) std::cout << "Wrong: " << variables.message() << '\n';
  return programs && variables.ok() ? kPassed : kFailed;
}

}  // namespace gtestnet::command
