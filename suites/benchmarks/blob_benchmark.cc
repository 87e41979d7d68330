// SPDX-License-Identifier: Apache-2.0
// The path of blobs: time in the node's own code around c-kzg, divided by the time inside it, as
// the nodes of a cluster count both themselves; executors and validators apart.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>

#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/runner.h"
#include "gtestnet/scenario.h"

namespace gtestnet::benchmarks {
namespace {

using testing::Ge;

constexpr char kWork[] = "da_work_microseconds_total";
constexpr char kKzg[] = "da_kzg_microseconds_total";

absl::StatusOr<RunReport> RunWith(int64_t bytes, Timespan time) {
  absl::StatusOr<Scenario> scenario =
      ScenarioBuilder(
          Topology::Star().Validators(3).Executors(1).SecurityParameter(4).DataAvailability())
          .Named("blobs")
          .DataAvailability({.channel_rate = 0.5, .blob_rate = 1, .payload = {bytes, bytes}})
          .Expect(ConsensusIsLive())
          .Expect(IncludesBlobs(Ge(0.9)))
          .Expect(BlobsAreRetrievable())
          .Expect(HasNoUnexpectedExits())
          .RunFor(time)
          .Build();
  if (!scenario.ok()) return scenario.status();
  LocalDeployer deployer;
  absl::StatusOr<std::unique_ptr<Runner>> runner = deployer.Deploy(*scenario);
  if (!runner.ok()) return runner.status();
  (*runner)->KeepBundle(Preserve::kNever);
  return (*runner)->Run();
}

// Milliseconds around c-kzg and inside it.
struct Spent {
  double around = 0;
  double inside = 0;
  double ratio() const { return around / inside; }
};

// By role: what the nodes had counted when they were asked for the last time.
std::map<std::string, Spent> SpentByRole(const RunRecord& record) {
  std::map<NodeIndex, Spent> last;
  for (const MetricSample& sample : record.metrics) {
    if (sample.series == kWork) last[sample.node].around = sample.value / 1000;
    if (sample.series == kKzg) last[sample.node].inside = sample.value / 1000;
  }
  std::map<std::string, Spent> by_role;
  for (const auto& [node, spent] : last) {
    Spent& sum = by_role[record.nodes[static_cast<size_t>(node)].role];
    sum.around += spent.around;
    sum.inside += spent.inside;
  }
  return by_role;
}

// What went wrong, or "".
std::string Wrong(const RunRecord& record) {
  if (!record.broken.empty()) return record.broken;
  for (const VerdictRecord& verdict : record.verdicts) {
    if (!verdict.met) return verdict.expectation + ": " + verdict.observed;
  }
  return "";
}

void AroundKzg(benchmark::State& state) {
  for (auto _ : state) {
    absl::StatusOr<RunReport> report = RunWith(state.range(0), Blocks(state.range(1)));
    if (!report.ok()) return state.SkipWithError(report.status().ToString().c_str());
    const std::string wrong = Wrong(report->record);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
    state.counters["blobs"] = static_cast<double>(chain::ChainOf(report->record)->blobs.size());
    for (const auto& [role, spent] : SpentByRole(report->record)) {
      if (spent.inside <= 0) return state.SkipWithError((role + ": no time in c-kzg").c_str());
      state.counters[role + "_kzg_ms"] = spent.inside;
      state.counters[role + "_around_ms"] = spent.around;
      state.counters[role + "_ratio"] = spent.ratio();
    }
  }
}
// The smallest and the largest blob: c-kzg's work is the same for both, that around it is not.
BENCHMARK(AroundKzg)
    ->ArgNames({"bytes", "blocks"})
    ->ArgsProduct({{31, 126'976}, {30}})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
