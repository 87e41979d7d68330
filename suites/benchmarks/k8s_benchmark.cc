// SPDX-License-Identifier: Apache-2.0
// The k8s deployer against what it is made of, turn by turn; medians are shown:
//
//   Up/n           a cluster of n nodes, from SetUp to ready, against `helm install --wait` of the
//                  same chart with the same values
//   Down/n         from the beginning of the teardown: until no container of it runs, where the
//                  cluster runs on this machine's engine, and until its namespace is gone
//   DownTogether/k the same for k clusters of four nodes at once, the last of them
//   Verbs          pause, resume, kill, stop and start of a node; start is until its API answers
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/deployer/container/engine.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/sweep.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/nomos/default_kind.h"
#include "timed.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;
using k8s::K8sCluster;
using SteadyClock = std::chrono::steady_clock;

constexpr int kTurns = 5;

std::unique_ptr<K8sCluster> Provision(int nodes, const std::string& run_id) {
  auto cluster = Must(K8sDeployer().Provision(
      {.topology = Topology::Star().Validators(nodes), .seed = 1, .run_id = run_id}));
  return std::unique_ptr<K8sCluster>(static_cast<K8sCluster*>(cluster.release()));
}

// What a run told Helm, to be told once more by hand, in a namespace that is there.
class SameRelease {
 public:
  SameRelease(const K8sCluster& cluster, const std::string& run_id)
      : directory_(std::filesystem::temp_directory_path() / ("k8s-benchmark." + run_id)),
        tools_(Must(k8s::FindTools())),
        run_id_(run_id + "-plain"),
        name_space_(k8s::NamespaceOf(run_id_)) {
    Must(cluster.Collect(directory_.string()));
    const std::string label = std::string(k8s::kRunLabel) + "=" + run_id_;
    Must(k8s::Kubectl(tools_, "namespace", {"create", "namespace", name_space_}, 20s));
    Must(k8s::Kubectl(tools_, "label", {"label", "namespace", name_space_, label}, 20s));
  }
  ~SameRelease() {
    std::filesystem::remove_all(directory_);
    Must(k8s::Sweep({tools_, run_id_, name_space_}, {}));
  }
  SameRelease(const SameRelease&) = delete;
  SameRelease& operator=(const SameRelease&) = delete;

  void Install() const {
    const std::string chart =
        std::filesystem::path(Must(FindAsset("helm/Chart.yaml"))).parent_path();
    const CommandResult result = Must(
        RunCommand(k8s::HelmCommand(
                       tools_, {"install", k8s::kRelease, chart, "--namespace", name_space_,
                                "--values", (directory_ / "k8s/values.json").string(), "--set-file",
                                "cfgsync.plan=" + (directory_ / "k8s/plan.json").string(), "--wait",
                                "--timeout", "120s"}),
                   150s));
    if (result.status != 0) Must(absl::InternalError(result.output));
  }
  // Whether Helm has waited for the pods, which it does not for each kind of object.
  absl::Status CheckReady() const {
    return k8s::Kubectl(tools_, "pods after helm install --wait",
                        {"wait", "pod", "--all", "--for=condition=ready", "--timeout=0s",
                         "--namespace", name_space_},
                        20s)
        .status();
  }

 private:
  const std::filesystem::path directory_;
  const k8s::Tools tools_;
  const std::string run_id_;
  const std::string name_space_;
};

void Up(benchmark::State& state) {
  const int nodes = static_cast<int>(state.range(0));
  std::vector<double> ours, plain;
  for (auto _ : state) {
    for (int turn = 0; turn < kTurns; ++turn) {
      const std::string run_id = MakeRunId();
      std::unique_ptr<K8sCluster> cluster;
      ours.push_back(Timed([&] { cluster = Provision(nodes, run_id); }));
      const SameRelease release(*cluster, run_id);
      Must(cluster->TearDown(false));
      plain.push_back(Timed([&] { release.Install(); }));
      if (const absl::Status ready = release.CheckReady(); !ready.ok()) {
        return state.SkipWithError(std::string(ready.message()).c_str());
      }
    }
  }
  state.counters["up"] = Median(ours);
  state.counters["up_plain"] = Median(plain);
  state.counters["up_ratio"] = Median(ours) / Median(plain);
}
BENCHMARK(Up)->Arg(4)->Iterations(1)->Unit(benchmark::kSecond);

// When this machine's engine, on which the cluster runs, has no running container of a namespace
// any more, those that only hold its network among them.
class EndOfContainers {
 public:
  explicit EndOfContainers(std::string name_space) : name_space_(std::move(name_space)) {
    const auto host = docker::FindEngineHost();
    if (!host.ok()) return;
    engine_ = std::make_unique<docker::Engine>(*host);
    if (!engine_->Negotiate(2s).ok() || Running() == 0) engine_.reset();
  }
  // Nothing where it cannot be seen.
  std::optional<double> Await(SteadyClock::time_point begun) const {
    if (!engine_) return {};
    while (Running() > 0 && Since(begun) < 120) std::this_thread::sleep_for(50ms);
    return Since(begun);
  }

 private:
  int64_t Running() const {
    const auto all = engine_->List({{"io.kubernetes.pod.namespace", name_space_}});
    if (!all.ok()) return 1;
    return std::count_if(all->begin(), all->end(), [](const docker::Container& container) {
      return container.state == "running" || container.state == "paused";
    });
  }
  const std::string name_space_;
  std::unique_ptr<docker::Engine> engine_;
};

// Ends clusters together, and waits until all is gone: the latest of each.
void TakeDown(std::vector<std::unique_ptr<K8sCluster>>& clusters, std::vector<double>* containers,
              std::vector<double>* namespaces) {
  std::vector<double> ended(clusters.size(), 0), gone(clusters.size(), 0);
  std::vector<std::unique_ptr<EndOfContainers>> ends;
  for (const auto& cluster : clusters) {
    ends.push_back(std::make_unique<EndOfContainers>(cluster->name_space()));
  }
  const auto begun = SteadyClock::now();
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < clusters.size(); ++i) {
    threads.emplace_back([&, i] { ended[i] = ends[i]->Await(begun).value_or(-1); });
    threads.emplace_back([&, i] {
      Must(clusters[i]->TearDown(false));
      gone[i] = Since(begun);
    });
  }
  threads.clear();
  containers->push_back(*std::max_element(ended.begin(), ended.end()));
  namespaces->push_back(*std::max_element(gone.begin(), gone.end()));
}

void MeasureDown(benchmark::State& state, size_t count, int nodes, int turns) {
  std::vector<double> containers, namespaces;
  for (auto _ : state) {
    for (int turn = 0; turn < turns; ++turn) {
      std::vector<std::unique_ptr<K8sCluster>> clusters;
      while (clusters.size() < count) clusters.push_back(Provision(nodes, MakeRunId()));
      TakeDown(clusters, &containers, &namespaces);
    }
  }
  state.counters["no_container"] = Median(containers);
  state.counters["no_namespace"] = Median(namespaces);
  state.counters["no_container_worst"] = *std::max_element(containers.begin(), containers.end());
  state.counters["no_namespace_worst"] = *std::max_element(namespaces.begin(), namespaces.end());
}

void Down(benchmark::State& state) { MeasureDown(state, 1, static_cast<int>(state.range(0)), 3); }
BENCHMARK(Down)->Arg(4)->Arg(16)->Iterations(1)->Unit(benchmark::kSecond);

void DownTogether(benchmark::State& state) {
  MeasureDown(state, static_cast<size_t>(state.range(0)), 4, 2);
}
BENCHMARK(DownTogether)->Arg(3)->Iterations(1)->Unit(benchmark::kSecond);

void Verbs(benchmark::State& state) {
  std::vector<double> pause, resume, kill, stop, start;
  for (auto _ : state) {
    const std::unique_ptr<K8sCluster> cluster = Provision(4, MakeRunId());
    NodeControl& control = cluster->control();
    for (int turn = 0; turn < 4 * kTurns; ++turn) {
      pause.push_back(Timed([&] { Must(control.Pause(1)); }));
      resume.push_back(Timed([&] { Must(control.Resume(1)); }));
    }
    for (int turn = 0; turn < kTurns; ++turn) {
      kill.push_back(Timed([&] { Must(control.Kill(1)); }));
      start.push_back(Timed([&] { Must(control.Start(1)); }));
      stop.push_back(Timed([&] { Must(control.Stop(1)); }));
      start.push_back(Timed([&] { Must(control.Start(1)); }));
    }
  }
  for (const auto& [name, values] :
       {std::pair("pause_ms", &pause), std::pair("resume_ms", &resume), std::pair("kill_ms", &kill),
        std::pair("stop_ms", &stop), std::pair("start_ms", &start)}) {
    state.counters[name] = Median(*values) * 1000;
  }
}
BENCHMARK(Verbs)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
