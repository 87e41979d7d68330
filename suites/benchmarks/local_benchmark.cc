// SPDX-License-Identifier: Apache-2.0
// What a start and an end on the local deployer cost beside the bare processes: the same programs,
// arguments and files, forked and awaited until each answers once, then killed and reaped.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "core/src/base/environment.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/local/local_cluster.h"
#include "core/src/node/setup.h"
#include "gtestnet/nomos/default_kind.h"
#include "timed.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;

// The nodes of a cluster, to be run by hand once it is gone.
class BareNodes {
 public:
  BareNodes(const LocalCluster& cluster)
      : spec_(cluster.spec()), directory_(RunDirectory(spec_.run_id)), nodes_(cluster.nodes()) {
    Placement placement;
    for (const NodeInfo& node : nodes_) placement.addresses.push_back(node.address);
    placement.start_file = directory_ + "/start";
    for (const NodeInfo& node : nodes_) {
      placement.directory = directory_ + "/" + node.name;
      setups_.push_back(Must(SetupOf(spec_, placement, node.index)));
      setups_.back().program = Must(spec_.topology.kind->Program(node.role));
    }
  }
  ~BareNodes() { std::filesystem::remove_all(directory_); }
  BareNodes(const BareNodes&) = delete;
  BareNodes& operator=(const BareNodes&) = delete;

  void WriteFiles() const {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      for (const NodeFile& file : setups_[i].files) {
        const auto path = std::filesystem::path(directory_) / nodes_[i].name / file.path;
        std::filesystem::create_directories(path.parent_path());
        Must(WriteFileAtomically(path, file.content));
      }
    }
  }

  // Until the last has answered.
  void Start() {
    for (size_t i = 0; i < nodes_.size(); ++i) Spawn(nodes_[i], setups_[i]);
    for (const NodeInfo& node : nodes_) {
      while (!spec_.topology.kind->Probe(node, 1s).ok()) usleep(1000);
    }
  }

  void KillAndReap() {
    for (const pid_t pid : pids_) kill(pid, SIGKILL);
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
    pids_.clear();
  }

 private:
  void Spawn(const NodeInfo& node, const NodeSetup& setup) {
    std::vector<std::string> words = {setup.program};
    words.insert(words.end(), setup.arguments.begin(), setup.arguments.end());
    Environment environment = NodeEnvironment({"NOMOS_*"});
    for (const auto& [name, value] : setup.environment) environment[name] = value;
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string directory = directory_ + "/" + node.name;
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    posix_spawn_file_actions_addopen(&actions, 1, "log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, setup.program.c_str(), &actions, nullptr,
                                  Pointers(words).data(), Pointers(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) Must(absl::InternalError("posix_spawn: " + std::to_string(error)));
    pids_.push_back(pid);
  }
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  const ClusterSpec spec_;
  const std::string directory_;
  const std::vector<NodeInfo> nodes_;
  std::vector<NodeSetup> setups_;
  std::vector<pid_t> pids_;
};

void Compare(benchmark::State& state, const std::string& name, const std::vector<double>& ours,
             const std::vector<double>& plain) {
  state.counters[name + "_ms"] = 1000 * Median(ours);
  state.counters[name + "_plain_ms"] = 1000 * Median(plain);
  state.counters[name + "_ratio"] = Median(ours) / Median(plain);
  // Beside other work on the machine, the least that each took says more.
  state.counters[name + "_best_ratio"] = std::ranges::min(ours) / std::ranges::min(plain);
}

void StartAndEnd(benchmark::State& state) {
  const auto nodes = static_cast<int>(state.range(0));
  const int turns = std::max(9, 160 / nodes);
  std::vector<double> up, down, plain_up, plain_down;
  for (auto _ : state) {
    for (int turn = 0; turn < turns; ++turn) {
      ClusterSpec spec{.topology = Topology::Star().Validators(nodes), .seed = 1};
      spec.run_id = MakeRunId();
      std::unique_ptr<LocalCluster> cluster;
      up.push_back(Timed([&] { cluster = Must(LocalCluster::Provision(spec, {})); }));
      BareNodes bare(*cluster);
      down.push_back(Timed([&] { Must(cluster->TearDown(false)); }));
      bare.WriteFiles();
      plain_up.push_back(Timed([&] { bare.Start(); }));
      plain_down.push_back(Timed([&] { bare.KillAndReap(); }));
    }
  }
  Compare(state, "up", up, plain_up);
  Compare(state, "down", down, plain_down);
}
BENCHMARK(StartAndEnd)->Arg(4)->Arg(16)->Arg(64)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
