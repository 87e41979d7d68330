// SPDX-License-Identifier: Apache-2.0
// Expectations judge whatever can be read as a record.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/expectation.h"
#include "gtestnet/parse_expectation.h"
#include "src/testing/record_builder.h"

namespace gtestnet::fuzz {
namespace {

const std::vector<RunExpectation>& All() {
  static const std::vector<RunExpectation> all = [] {
    std::vector<RunExpectation> parsed;
    for (const char* text :
         {"ConsensusIsLive",
          "AgreesOnChain",
          "FinalityAdvances",
          "Reorganises(Ge(1))",
          "ForksAtMost(2)",
          "LeadsByStake",
          "RecoversWithin(Blocks(20))",
          "IncludesTransactions(Ge(0.9))",
          "FinalisesTransactions(Ge(0.5))",
          "InclusionLatency(95, Le(4))",
          "InclusionLatency(50, Seconds(Le(4)))",
          "ReachesEveryMempool",
          "SpendsEachNoteOnce",
          "ConservesSupply",
          "RefusesInvalidTransactions",
          "MempoolDrains",
          "IncludesInscriptions(Ge(0.5))",
          "IncludesBlobs(Ge(0.5))",
          "BlobsAreRetrievable",
          "SamplingSucceeds(Ge(0.5))",
          "HasNoUnexpectedExits",
          "MetricIs(\"a{b=~\\\"c.*\\\"}\", Ge(0))",
          "AtEnd(NodesAreLevel(2))",
          "Eventually(AllNodes(HasHeight(Ge(1))), Within(\"10s\"))",
          "Always(AnyNode(IsReachable))",
          "Never(AnyNode(HasPeers(Ge(9))))",
          "StaysTrueFor(NodesAreLevel(1), For(Slots(3)))",
          "LeadsTo(AnyNode(HasHeight(Ge(1))), AllNodes(HasHeight(Ge(1))), Within(Blocks(9)))"}) {
      absl::StatusOr<RunExpectation> one = ParseExpectation(text);
      Demand(one.ok(), text);
      parsed.push_back(*std::move(one));
    }
    return parsed;
  }();
  return all;
}

}  // namespace

std::vector<std::string> Seeds() {
  using std::chrono::milliseconds;
  std::vector<std::string> seeds;
  matching::RecordBuilder builder(3);
  builder.Metric(0, "a{b=\"c\"}", 1).Grow(6);
  builder.Transaction("t1", {{"n1", 5}}, {{"n2", 5}}).Block(0, {"t1"}).Grow(3);
  builder.Kill(2).Grow(3).Start(2).Fork(1, 2).Adopt(1).Grow(3);
  RunRecord record = builder.Build();
  seeds.push_back(record.ToJson());
  record.ended = record.closed = milliseconds(999'999'999);
  seeds.push_back(record.ToJson());
  return seeds;
}

void Try(std::string_view input) {
  absl::StatusOr<RunRecord> record = RunRecord::FromJson(input);
  if (!record.ok()) return;
  for (const VerdictRecord& verdict : Judge(*record, All())) {
    Demand(!verdict.expectation.empty(), "a verdict says what was expected");
  }
}

}  // namespace gtestnet::fuzz
