// SPDX-License-Identifier: Apache-2.0
// How many transactions a second a cluster of four nodes carries to finality, none lost:
//
//   cluster_benchmark --benchmark_filter='Carry/per_s:500/.*'     the figure, for a minute
//   cluster_benchmark --benchmark_filter='Carry/.*/s:15/.*'       the way to the ceiling
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "gtestnet/chain/record.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/runner.h"
#include "gtestnet/scenario.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

constexpr int kWallets = 100;

absl::StatusOr<RunReport> RunAt(double rate, std::chrono::seconds time,
                                std::chrono::milliseconds slot) {
  absl::StatusOr<Scenario> scenario =
      ScenarioBuilder(
          Topology::FullMesh().Validators(4).Wallets(kWallets).SecurityParameter(10).Slot(slot))
          .Named("carry")
          .Transactions({.rate_per_second = rate})
          .Expect(ConsensusIsLive())
          .Expect(AgreesOnChain())
          .Expect(IncludesTransactions(1))
          .Expect(FinalisesTransactions(1))
          .Expect(SpendsEachNoteOnce())
          .Expect(ConservesSupply())
          .Expect(MempoolDrains())
          .RunFor(time)
          .Build();
  if (!scenario.ok()) return scenario.status();
  LocalDeployer deployer;
  absl::StatusOr<std::unique_ptr<Runner>> runner = deployer.Deploy(*scenario);
  if (!runner.ok()) return runner.status();
  (*runner)->KeepBundle(Preserve::kNever);
  return (*runner)->Run();
}

// Per second of the time in which they were submitted.
void Count(const RunRecord& record, benchmark::State& state) {
  const ChainIndex index(record);
  int64_t final = 0;
  double slowest_ms = 0;
  for (const chain::TransactionRecord& t : chain::ChainOf(record)->transactions) {
    const chain::Inclusion inclusion = index.Find(t);
    if (inclusion.block == nullptr) continue;
    final += inclusion.finalised ? 1 : 0;
    slowest_ms = std::max(
        slowest_ms, static_cast<double>((inclusion.block->first_seen - t.submitted_at).count()));
  }
  const double seconds = static_cast<double>((record.ended - record.begun).count()) / 1000;
  const auto submitted = static_cast<double>(chain::ChainOf(record)->transactions.size());
  state.counters["submitted_per_s"] = submitted / seconds;
  state.counters["final_per_s"] = static_cast<double>(final) / seconds;
  state.counters["missing"] = submitted - static_cast<double>(final);
  state.counters["slowest_inclusion_ms"] = slowest_ms;
}

void Carry(benchmark::State& state) {
  for (auto _ : state) {
    absl::StatusOr<RunReport> report =
        RunAt(static_cast<double>(state.range(0)), std::chrono::seconds(state.range(1)),
              std::chrono::milliseconds(state.range(2)));
    if (!report.ok()) return state.SkipWithError(report.status().ToString().c_str());
    Count(report->record, state);
    for (const WorkloadRecord& workload : report->record.workloads) {
      std::fprintf(stderr, "%s: %s\n", workload.name.c_str(), workload.plan.c_str());
    }
    if (!report->record.broken.empty()) state.SkipWithError(report->record.broken.c_str());
    for (const VerdictRecord& verdict : report->record.verdicts) {
      if (verdict.met) continue;
      const std::string words = verdict.expectation + ": " + verdict.observed;
      state.SkipWithError(words.c_str());
    }
  }
}
BENCHMARK(Carry)
    ->ArgNames({"per_s", "s", "slot_ms"})
    ->Args({500, 60, 500})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
// Blocks hold 1024 transactions: with shorter slots they are not what sets the ceiling.
BENCHMARK(Carry)
    ->ArgNames({"per_s", "s", "slot_ms"})
    ->ArgsProduct({{1000, 1500, 2000, 2500, 3000, 4000}, {15}, {200}})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
