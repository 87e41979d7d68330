// SPDX-License-Identifier: Apache-2.0
// What it costs to watch a cluster, in cores: of this program, and what the nodes need more as they
// are asked; and how long the standing set takes for what was seen.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <thread>

#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/preparation.h"
#include "gtestnet/runner.h"
#include "timed.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kTime(20);

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double NodesCpuSeconds(const BackendCluster& cluster) {
  double ms = 0;
  for (const NodeInfo& node : cluster.nodes()) {
    ms += Must(cluster.Usage(node.index)).values.Get("cpu");
  }
  return ms / 1000;
}

void Watch(benchmark::State& state) {
  LocalDeployer deployer;
  RunRequest request;
  request.name = "watching_benchmark";
  request.topology =
      Topology::Star().Validators(static_cast<int>(state.range(0))).Slot(1s).Seed(1).spec();
  for (auto _ : state) {
    PreparedRun run = Must(PrepareRun(deployer, request));
    std::unique_ptr<BackendCluster> owned = Must(deployer.Provision(run.cluster));
    BackendCluster& cluster = *owned;
    const double nodes_begun = NodesCpuSeconds(cluster);
    const double idle_begun = OwnCpuSeconds();
    std::this_thread::sleep_for(kTime);
    const double nodes_alone = NodesCpuSeconds(cluster) - nodes_begun;
    const double idle = OwnCpuSeconds() - idle_begun;

    Runner runner(std::move(owned), run.options);
    runner.SetStanding(nomos::StandingSet());
    Must(runner.Begin());
    const double nodes_watched_from = NodesCpuSeconds(cluster);
    const double own_from = OwnCpuSeconds();
    Must(runner.RunFor(kTime));
    const double own = OwnCpuSeconds() - own_from;
    const double nodes_watched = NodesCpuSeconds(cluster) - nodes_watched_from;
    Must(runner.Finish());
    const double judging = Timed([&] { benchmark::DoNotOptimize(runner.Judge()); });
    const double seconds = std::chrono::duration<double>(kTime).count();
    state.counters["watching_cores"] = (own - idle) / seconds;
    state.counters["nodes_more_cores"] = (nodes_watched - nodes_alone) / seconds;
    state.counters["nodes_cores"] = nodes_alone / seconds;
    state.counters["standing_set_s"] = judging;
  }
}
BENCHMARK(Watch)->Arg(4)->Arg(16)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
