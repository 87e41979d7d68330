// SPDX-License-Identifier: Apache-2.0
// What the command `gtestnet` can do: one function a subcommand. Each returns the exit status:
// 0 done (a run: passed), 1 the run failed, 2 it could not be held, or the arguments are wrong.
#ifndef GTESTNET_SUITES_RUNNER_COMMANDS_H_
#define GTESTNET_SUITES_RUNNER_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

namespace gtestnet::command {

inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;
inline constexpr int kNotRun = 2;

// A cluster by flags.
struct ClusterArguments {
  std::string deployer = "local";
  std::string layout = "star";
  int validators = 3;
  int executors = 0;
  int wallets = 0;
  std::string slot;        // "200ms"; empty: the topology's default
  std::string seed;        // empty: GTESTNET_SEED, else random
  bool telemetry = false;  // a Prometheus beside the nodes
};

// Faults by flags.
struct FaultArguments {
  bool restarts = false;
  bool kills = false;
  bool pauses = false;
  bool churn = false;
  std::string min_delay;  // "2s"; empty: the workloads' default
  std::string max_delay;
  int at_once = 1;

  bool any() const { return restarts || kills || pauses || churn; }
};

struct RunArguments {
  std::string scenario_file;  // empty: by flags
  ClusterArguments cluster;
  std::optional<double> rate;  // transactions per block; neither: no transactions
  int users = 0;
  std::optional<double> channel_rate;  // channels opened per block; neither: no blobs
  std::optional<double> blob_rate;     // blobs per block
  FaultArguments faults;
  std::string duration = "30s";
  std::vector<std::string> expectations;  // text form; empty: what the help says
  std::vector<std::string> allowed;       // of the standing set
  std::string record_file;                // where to write the record; empty: nowhere
  std::string command_line;               // as a shell takes it, for who wants to run it again
};

int Run(const RunArguments& arguments);
// The main scenario: a cluster under transactions, one of whose nodes is killed and started again.
int Demo(const std::string& deployer);
// A devnet until Ctrl-C.
int Up(const ClusterArguments& arguments);
int Doctor();
// Removes what earlier runs left; with `run_id`, that run alone.
int Clean(const std::string& run_id);
// Judges a record again; with no expectations named, those the verdicts of which are in it, and
// says which of these could not be judged again and which came out otherwise.
int Judge(const std::string& record_file, const std::vector<std::string>& expectations);

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_COMMANDS_H_
