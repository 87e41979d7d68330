// SPDX-License-Identifier: Apache-2.0
// The command line of `gtestnet`: what it takes, and nothing of what it does.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/rerun.h"
#include "gtestnet/standard_descriptors.h"
#include "gtestnet/variables.h"
#include "runner/commands.h"
#include "runner/report.h"

namespace gtestnet::command {
namespace {

void AddClusterFlags(CLI::App& app, ClusterArguments& cluster) {
  app.add_option("--deployer", cluster.deployer, "local, compose or k8s")->capture_default_str();
  app.add_option("--layout", cluster.layout, "star, chain, ring or mesh")->capture_default_str();
  app.add_option("--validators", cluster.validators, "Number of validators")->capture_default_str();
  app.add_option("--executors", cluster.executors, "Number of executors")->capture_default_str();
  app.add_option("--wallets", cluster.wallets, "Number of funded wallets")->capture_default_str();
  app.add_option("--slot", cluster.slot, "Slot duration, e.g. 200ms");
  app.add_option("--seed", cluster.seed, "Source of every id, key and choice (default: random)");
  app.add_flag("--telemetry", cluster.telemetry, "Run a Prometheus that scrapes every node");
}

void AddFaultFlags(CLI::App& app, FaultArguments& faults) {
  app.add_flag("--restarts", faults.restarts, "Restart nodes, now and then");
  app.add_flag("--kills", faults.kills, "Kill nodes, and start them again after a while");
  app.add_flag("--pauses", faults.pauses, "Pause nodes for a while");
  app.add_flag("--churn", faults.churn, "Have nodes join and leave");
  app.add_option("--min-delay", faults.min_delay,
                 "Between two faults at least, e.g. 2s (default: 5 blocks)");
  app.add_option("--max-delay", faults.max_delay, "And at most (default: 10 blocks)");
  app.add_option("--at-once", faults.at_once, "Nodes to take down together")->capture_default_str();
}

// As a shell takes it in any directory.
std::string CommandLine(int argc, char** argv, const std::string& file) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string line = ShellQuoted(error ? "gtestnet" : program.string());
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool is_file = !file.empty() && argument == file;
    line += " " + ShellQuoted(is_file ? std::filesystem::absolute(file, error).string() : argument);
  }
  return line;
}

int Main(int argc, char** argv) {
  CLI::App app("GoogleTest for blockchain testnets: runs and judges clusters from the shell.",
               "gtestnet");
  app.require_subcommand(1);
  int status = kNotRun;

  RunArguments run;
  CLI::App* run_app = app.add_subcommand("run", "Runs a scenario and judges it");
  AddClusterFlags(*run_app, run.cluster);
  CLI::Option* file =
      run_app->add_option("scenario", run.scenario_file, "A scenario.json, instead of flags");
  run_app->add_option_function<double>(
      "--rate", [&](double rate) { run.rate = rate; }, "Transactions per block");
  run_app->add_option("--users", run.users, "Wallets that send transactions (default: all)");
  run_app->add_option_function<double>(
      "--channel-rate", [&](double rate) { run.channel_rate = rate; }, "Channels opened per block");
  run_app->add_option_function<double>(
      "--blob-rate", [&](double rate) { run.blob_rate = rate; },
      "Blobs per block, which need executors");
  AddFaultFlags(*run_app, run.faults);
  run_app->add_option("--duration", run.duration, "E.g. 90s or 2m")->capture_default_str();
  run_app->add_option("--expect", run.expectations,
                      "An expectation, e.g. 'IncludesTransactions(Ge(0.9))'; may be repeated");
  run_app->add_option("--allow", run.allowed,
                      "What may happen though every run is judged by it, e.g. KeepsItsData; may be "
                      "repeated");
  run_app->add_option("--record", run.record_file, "Write the record to this file");
  for (const char* flag :
       {"--layout",    "--validators", "--executors", "--wallets",  "--slot",
        "--seed",      "--telemetry",  "--rate",      "--users",    "--channel-rate",
        "--blob-rate", "--restarts",   "--kills",     "--pauses",   "--churn",
        "--min-delay", "--max-delay",  "--at-once",   "--duration", "--expect"}) {
    file->excludes(run_app->get_option(flag));
  }
  run_app->callback([&] {
    run.command_line = CommandLine(argc, argv, run.scenario_file);
    status = Run(run);
  });

  std::string demo_deployer = "local";
  CLI::App* demo = app.add_subcommand("demo", "Runs the main scenario, for half a minute");
  demo->add_option("--deployer", demo_deployer, "local, compose or k8s")->capture_default_str();
  demo->callback([&] { status = Demo(demo_deployer); });

  ClusterArguments up;
  CLI::App* up_app = app.add_subcommand("up", "Brings a cluster up, until Ctrl-C");
  AddClusterFlags(*up_app, up);
  up_app->callback([&] { status = Up(up); });

  app.add_subcommand("doctor", "Says what each deployer needs, and what is here")->callback([&] {
    status = Doctor();
  });

  std::string run_id;
  CLI::App* clean = app.add_subcommand("clean", "Removes what earlier runs left");
  clean->add_option("run-id", run_id, "That run alone");
  clean->callback([&] { status = Clean(run_id); });

  std::string record;
  std::vector<std::string> expectations;
  CLI::App* judge = app.add_subcommand("judge", "Judges a record again, without a cluster");
  judge->add_option("record", record, "A record.json")->required();
  judge->add_option("--expect", expectations,
                    "An expectation; without one, what the record has verdicts of");
  judge->callback([&] { status = Judge(record, expectations); });

  try {
    if (absl::Status s = CheckVariables(); !s.ok()) return Refuse(s);
    const std::vector<CLI::App*> commands = app.get_subcommands([](CLI::App*) { return true; });
    const auto is_named = [&](const CLI::App* command) { return command->check_name(argv[1]); };
    if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), is_named)) {
      return Refuse(absl::InvalidArgumentError(
          absl::StrCat("there is no command '", argv[1],
                       "'; there are run, demo, up, doctor, clean and judge")));
    }
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kPassed : kNotRun;
  } catch (const std::exception& error) {
    // Mostly that there is no memory; nothing of a run is left behind.
    return Refuse(absl::ResourceExhaustedError(
        absl::StrCat("what it needs is not to be had: ", error.what())));
  }
  return status;
}

}  // namespace
}  // namespace gtestnet::command

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  return gtestnet::command::Main(argc, argv);
}
