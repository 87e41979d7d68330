// SPDX-License-Identifier: Apache-2.0
// The compose deployer against what it is made of, turn by turn; medians are shown:
//
//   UpAndDown/n   a cluster of n nodes, from SetUp to ready and from there to nothing, against
//                 `docker compose up --wait` and `docker compose down -v` of the same file
//   Verbs         pause, kill and restart of a node against the Engine's own calls and the node's
//                 start
//   AskAll/n      the state of all nodes
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/compose/compose_cluster.h"
#include "core/src/deployer/compose/labels.h"
#include "gtestnet/compose_deployer.h"
#include "gtestnet/nomos/default_kind.h"
#include "timed.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr int kTurns = 5;

std::unique_ptr<ComposeCluster> Provision(int nodes, const std::string& run_id) {
  ComposeDeployer deployer;
  auto cluster = Must(deployer.Provision(
      {.topology = Topology::Star().Validators(nodes), .seed = 1, .run_id = run_id}));
  return std::unique_ptr<ComposeCluster>(static_cast<ComposeCluster*>(cluster.release()));
}

// What a run told Compose, to be told once more by hand: with the checks that `up --wait` waits for
// as often as they are by default.
class SameFile {
 public:
  SameFile(const ComposeCluster& cluster, const std::string& run_id)
      : directory_(std::filesystem::temp_directory_path() / ("compose-benchmark." + run_id)) {
    Must(cluster.Collect(directory_.string()));
    std::ostringstream text;
    text << std::ifstream(directory_ / "stack/compose.yaml").rdbuf();
    std::string file = text.str();
    Replace(file, RunDirectory(run_id) + "/stack", (directory_ / "stack").string());
    Replace(file, "\"30s\"", "\"1s\"");
    std::ofstream(directory_ / "stack/by-hand.yaml") << file;
  }
  ~SameFile() { std::filesystem::remove_all(directory_); }
  SameFile(const SameFile&) = delete;
  SameFile& operator=(const SameFile&) = delete;

  void Compose(const std::vector<std::string>& words) const {
    std::vector<std::string> command = {"docker", "compose", "-f",
                                        (directory_ / "stack/by-hand.yaml").string()};
    command.insert(command.end(), words.begin(), words.end());
    const CommandResult result = Must(RunCommand(command, 300s));
    if (result.status != 0) Must(absl::InternalError(result.output));
  }

 private:
  static void Replace(std::string& text, const std::string& what, const std::string& by) {
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
      text.replace(at, what.size(), by);
    }
  }
  const std::filesystem::path directory_;
};

void Compare(benchmark::State& state, const std::string& name, const std::vector<double>& ours,
             const std::vector<double>& plain) {
  state.counters[name] = Median(ours);
  state.counters[name + "_plain"] = Median(plain);
  state.counters[name + "_ratio"] = Median(ours) / Median(plain);
}

void UpAndDown(benchmark::State& state) {
  const int nodes = static_cast<int>(state.range(0));
  std::vector<double> up, down, plain_up, plain_down;
  for (auto _ : state) {
    for (int turn = 0; turn < kTurns; ++turn) {
      const std::string run_id = MakeRunId();
      std::unique_ptr<ComposeCluster> cluster;
      up.push_back(Timed([&] { cluster = Provision(nodes, run_id); }));
      const SameFile file(*cluster, run_id);
      down.push_back(Timed([&] { Must(cluster->TearDown(false)); }));
      plain_up.push_back(Timed([&] { file.Compose({"up", "--wait"}); }));
      plain_down.push_back(Timed([&] { file.Compose({"down", "-v"}); }));
    }
  }
  Compare(state, "up", up, plain_up);
  Compare(state, "down", down, plain_down);
}
BENCHMARK(UpAndDown)->Arg(4)->Arg(16)->Iterations(1)->Unit(benchmark::kSecond);

// The bare call, and what it takes until the node answers.
void AwaitAnswer(const ComposeCluster& cluster, NodeIndex node) {
  NodeInfo info = cluster.nodes()[static_cast<size_t>(node)];
  const docker::ContainerState state = Must(cluster.engine().Inspect(cluster.ContainerOf(node)));
  info.whereabouts = nullptr;
  info.address.ports["api"] = state.ports.at(18080);
  Must(
      WaitFor("an answer", [&] { return NomosKind().Probe(info, 1s).status(); }, {.timeout = 20s}));
}

void Verbs(benchmark::State& state) {
  std::vector<double> pause, kill, restart, plain_pause, plain_kill, plain_restart;
  for (auto _ : state) {
    const std::unique_ptr<ComposeCluster> cluster = Provision(4, MakeRunId());
    // Bare calls go to a node whose exits are expected by nobody; they are not reported.
    const docker::Engine& engine = cluster->engine();
    NodeControl& control = cluster->control();
    const std::string bare = cluster->ContainerOf(2);
    // Apart from the rest: an engine has something to do after a start.
    for (int turn = 0; turn < 4 * kTurns; ++turn) {
      pause.push_back(Timed([&] { Must(control.Pause(1)); }));
      Must(control.Resume(1));
      plain_pause.push_back(Timed([&] { Must(engine.Pause(bare)); }));
      Must(engine.Unpause(bare));
    }
    for (int turn = 0; turn < 2 * kTurns; ++turn) {
      double killed = Timed([&] { Must(control.Kill(1)); });
      kill.push_back(killed);
      restart.push_back(killed + Timed([&] { Must(control.Start(1)); }));
      killed = Timed([&] {
        Must(engine.Kill(bare, "SIGKILL"));
        Must(engine.Wait(bare, 20s));
      });
      plain_kill.push_back(killed);
      plain_restart.push_back(killed + Timed([&] {
                                Must(engine.Start(bare));
                                AwaitAnswer(*cluster, 2);
                              }));
    }
  }
  Compare(state, "pause", pause, plain_pause);
  Compare(state, "kill", kill, plain_kill);
  Compare(state, "restart", restart, plain_restart);
}
BENCHMARK(Verbs)->Iterations(1)->Unit(benchmark::kSecond);

void AskAll(benchmark::State& state) {
  const std::string run_id = MakeRunId();
  const std::unique_ptr<ComposeCluster> cluster =
      Provision(static_cast<int>(state.range(0)), run_id);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(cluster->engine().List({{compose::kRunLabel, run_id}})));
  }
}
BENCHMARK(AskAll)->Arg(4)->Arg(16)->Iterations(50)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
