// SPDX-License-Identifier: Apache-2.0
// How long it takes to judge a big record, by every matcher and by all together.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "big_record.h"
#include "gtestnet/expectation.h"
#include "gtestnet/nomos/default_matchers.h"

namespace gtestnet::benchmarks {
namespace {

constexpr RecordSize kBig{100, 10'000, 1'000'000};
constexpr RecordSize kTenth{100, 1'000, 100'000};
// So few nodes that each leads often enough to be judged.
constexpr RecordSize kSmall{10, 1'000, 10'000};

// Every one that there is; this record meets them all.
constexpr const char* kExpectations[] = {
    "ConsensusIsLive",
    "AgreesOnChain",
    "FinalityAdvances(Ge(100))",
    "ForksAtMost(0)",
    "LeadsByStake",
    "RecoversWithin(\"10s\")",
    "IncludesTransactions(1)",
    "FinalisesTransactions(Ge(0.9), Of(\"transactions\"))",
    "InclusionLatency(95, Le(4))",
    "InclusionLatency(100, Seconds(Le(4)))",
    "ReachesEveryMempool",
    "ReachesEveryMempool(Ge(0.9))",
    "SpendsEachNoteOnce",
    "ConservesSupply",
    "RefusesInvalidTransactions",
    "MempoolDrains",
    "IncludesInscriptions(1)",
    "IncludesBlobs(1)",
    "BlobsAreRetrievable",
    "SamplingSucceeds(Ge(0.95))",
    "HasNoUnexpectedExits",
    "MetricsAreSound",
    "MetricIs(\"consensus_tip_height\", Gt(0))",
    "AtEnd(NodesAreLevel(2))",
    "Eventually(AllNodes(HasHeight(Ge(100))), Within(Blocks(200)))",
    "Always(AllNodes(IsReachable))",
    "Never(AnyNode(HasPeers(0)))",
    "StaysTrueFor(NodesAreLevel(2), For(Blocks(500)))",
    "LeadsTo(AnyNode(HasHeight(Ge(10))), NodesAreLevel(2), Within(Blocks(20)))",
};

RunRecord& RecordOf(const RecordSize& size) {
  static std::map<int, RunRecord> records;
  const auto [at, made] = records.try_emplace(size.transactions);
  if (made) at->second = BigRecord(size);
  return at->second;
}

RunExpectation Parsed(const std::string& text) {
  absl::StatusOr<RunExpectation> expectation = ParseExpectation(text);
  if (!expectation.ok()) {
    std::fprintf(stderr, "%s: %s\n", text.c_str(), expectation.status().ToString().c_str());
    std::exit(2);
  }
  return *std::move(expectation);
}

double PeakGibibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

void JudgeThem(benchmark::State& state, const RecordSize& size,
               const std::vector<std::string>& texts) {
  RunRecord& record = RecordOf(size);
  std::vector<RunExpectation> expectations;
  for (const std::string& text : texts) expectations.push_back(Parsed(text));
  for (auto _ : state) {
    record.verdicts.clear();
    for (const VerdictRecord& verdict : Judge(record, expectations)) {
      if (!verdict.met) {
        std::string words = verdict.expectation + ": " + verdict.observed;
        state.SkipWithError(words.c_str());
      }
    }
  }
  state.counters["peak_GiB"] = PeakGibibytes();
}

void Load(benchmark::State& state) {
  const std::string json = RecordOf(kTenth).ToJson();
  for (auto _ : state) {
    absl::StatusOr<RunRecord> record = RunRecord::FromJson(json);
    if (!record.ok()) state.SkipWithError(record.status().ToString().c_str());
  }
  state.SetBytesProcessed(static_cast<int64_t>(json.size()) * state.iterations());
}

void Register() {
  std::vector<std::string> all(std::begin(kExpectations), std::end(kExpectations));
  // The one with a figure to meet comes first: what it says of memory is of this record alone.
  benchmark::RegisterBenchmark("Judge/all", JudgeThem, kBig, all)->Unit(benchmark::kMillisecond);
  for (const std::string& text : all) {
    benchmark::RegisterBenchmark(("Judge/" + text).c_str(), JudgeThem, kBig,
                                 std::vector<std::string>{text})
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("Judge/all_of_a_small_one", JudgeThem, kSmall, all)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("Load/a_tenth", Load)->Unit(benchmark::kMillisecond);
}

const bool kRegistered = (Register(), true);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
