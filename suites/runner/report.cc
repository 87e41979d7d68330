// SPDX-License-Identifier: Apache-2.0
#include "runner/report.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <system_error>
#include <utility>

#include "gtestnet/deployer.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/preparation.h"
#include "gtestnet/printable.h"
#include "gtestnet/rerun.h"
#include "gtestnet/variables.h"
#include "runner/interrupt.h"
#include "runner/progress.h"

namespace gtestnet::command {

namespace {

// A pipe or a device is written to as it is.
bool IsReplaced(const std::string& path) {
  std::error_code ignored;
  return !std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

int Refuse(const absl::Status& why) {
  std::cerr << "gtestnet: " << Printable(std::string(why.message())) << '\n';
  return kNotRun;
}

void PrintFaults(const RunRecord& record) {
  for (const WorkloadRecord& workload : record.workloads) {
    if (!workload.plan.empty()) std::cout << workload.name << ": " << workload.plan << '\n';
  }
  for (const FaultRecord& fault : record.faults) std::cout << "  " << fault << '\n';
}

namespace {

const char* OutcomeOf(const VerdictRecord& verdict) {
  if (!verdict.judged) return "NOT JUDGED";
  if (verdict.met) return "MET";
  if (verdict.standing && verdict.nothing) return "NOTHING TO JUDGE";
  return verdict.standing && verdict.allowed ? "NOT MET, ALLOWED" : "NOT MET";
}

void PrintVerdict(const VerdictRecord& verdict) {
  std::cout << "  " << OutcomeOf(verdict) << "  " << verdict.expectation << '\n';
  if (verdict.required != verdict.expectation && !verdict.required.empty()) {
    std::cout << "      required: " << Printable(verdict.required) << '\n';
  }
  if (!verdict.observed.empty()) {
    std::cout << "      observed: " << Printable(verdict.observed) << '\n';
  }
}

}  // namespace

void PrintVerdicts(const std::vector<VerdictRecord>& verdicts) {
  bool standing = false;
  for (const VerdictRecord& verdict : verdicts) {
    if (verdict.standing && !std::exchange(standing, true)) {
      std::cout << "What every run is judged by:\n";
    }
    PrintVerdict(verdict);
  }
}

absl::Status CheckOutput(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return absl::UnavailableError("cannot write " + path + ": it is a directory");
  }
  const bool replaced = IsReplaced(path);
  const std::string target = replaced ? path + ".new" : path;
  const int file = open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    return absl::UnavailableError("cannot write " + path + ": " + std::strerror(errno));
  }
  close(file);
  if (replaced) unlink(target.c_str());
  return absl::OkStatus();
}

absl::Status WriteFile(const std::string& path, std::string_view content) {
  const bool replaced = IsReplaced(path);
  const std::string target = replaced ? path + ".new" : path;
  errno = 0;
  std::ofstream file(target, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (file && (!replaced || std::rename(target.c_str(), path.c_str()) == 0)) {
    return absl::OkStatus();
  }
  const std::string why = std::strerror(errno == 0 ? EIO : errno);
  if (replaced) unlink(target.c_str());
  return absl::UnavailableError("cannot write " + path + ": " + why);
}

int DeployAndRun(const std::string& deployer_name, Scenario scenario, const RunOutput& output) {
  if (scenario.standing.empty()) scenario.standing = StandingSetOf(scenario.topology);
  if (!output.record_file.empty()) {
    if (absl::Status s = CheckOutput(output.record_file); !s.ok()) return Refuse(s);
  }
  absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(deployer_name);
  if (!deployer.ok()) return Refuse(deployer.status());
  for (const std::string& name : scenario.allowed) {
    if (absl::Status s = CheckAllowed(scenario.standing, name); !s.ok()) return Refuse(s);
  }
  if (absl::Status here = CheckDeployer(**deployer, scenario.required); !here.ok()) {
    return Refuse(here);
  }
  Interrupt interrupt;
  std::cout << "Deploying " << scenario.topology.Name() << " on " << deployer_name << std::endl;
  absl::StatusOr<std::unique_ptr<Runner>> runner = (*deployer)->Deploy(scenario);
  if (!runner.ok()) return Refuse(runner.status());

  std::cout << (*runner)->cluster().Endpoints() << "\nRunning for " << scenario.duration.ToString()
            << std::endl;
  (*runner)->KeepBundle(output.bundle);
  Progress progress = ProgressOnStandardOutput();
  (*runner)->OnProgress([&progress](const Snapshot& snapshot) { progress.Show(snapshot); });
  // Before anything is taken down, which can take a while.
  absl::Status recorded;
  size_t printed = 0;
  (*runner)->OnJudged([&](const RunRecord& record) {
    printed = record.verdicts.size();
    std::cout << '\n';
    if (!record.broken.empty()) {
      std::cout << "The run ended early: " << Printable(record.broken) << '\n';
    }
    for (const ClockEvent& event : record.clock) std::cout << "  " << event << '\n';
    PrintFaults(record);
    PrintVerdicts(record.verdicts);
    std::cout << "Seed: " << record.seed << std::endl;
    if (!output.record_file.empty()) recorded = WriteFile(output.record_file, record.ToJson());
  });
  absl::StatusOr<RunReport> report = absl::UnknownError("");
  {
    // What a run has recorded and can be judged of it is not lost to Ctrl-C.
    const Interrupt::Told told(interrupt, [&](const std::string& signal) {
      (*runner)->context().Break(absl::CancelledError("interrupted by " + signal));
    });
    report = (*runner)->Run();
  }
  if (!report.ok()) return Refuse(report.status());

  const std::vector<VerdictRecord>& verdicts = report->record.verdicts;
  PrintVerdicts({verdicts.begin() + static_cast<std::ptrdiff_t>(printed), verdicts.end()});
  if (!report->passed && !scenario.rerun.empty()) {
    std::cout << "Again: " << RerunCommand(report->record.seed, scenario.rerun) << '\n';
  }
  if (!report->bundle.empty()) {
    std::cout << "Record, logs and configs: " << report->bundle << '\n';
  }
  if (!recorded.ok()) return Refuse(recorded);
  if (!output.record_file.empty()) std::cout << "Record: " << output.record_file << '\n';
  std::cout << (report->passed ? "PASSED" : "FAILED") << '\n';
  return report->passed ? kPassed : kFailed;
}

}  // namespace gtestnet::command
