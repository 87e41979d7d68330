// SPDX-License-Identifier: Apache-2.0
// The matchers of this library that can be written as text.
#include "gtestnet/chain/expectations.h"

#include <utility>

#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/chain/transaction_matchers.h"

namespace gtestnet::chain {

void AddExpectations(ExpectationTable& table) {
  table.Add("AgreesOnChain", "no two nodes finalise different blocks, and at the end chains agree",
            [](ExpectationArguments&) { return ExpectationFromText(AgreesOnChain()); });
  table.Add("FinalityAdvances(blocks)",
            "every node finalises that many blocks, one by default, and stays k below its tip",
            [](ExpectationArguments& a) {
              return a.more() ? ExpectationFromText(FinalityAdvances(a.NumberMatcher<int64_t>()))
                              : ExpectationFromText(FinalityAdvances());
            });
  table.Add("NodesAreTruthful",
            "nothing that a node tells contradicts its blocks, its other answers or its peers",
            [](ExpectationArguments&) { return ExpectationFromText(NodesAreTruthful()); });
  table.Add("Reorganises(depth)", "a node gives up that many blocks of its chain",
            [](ExpectationArguments& a) {
              return ExpectationFromText(Reorganises(a.NumberMatcher<int64_t>()));
            });
  table.Add("ForksAtMost(2)", "no node ever gives up more blocks than that at once",
            [](ExpectationArguments& a) { return ExpectationFromText(ForksAtMost(a.Count())); });
  table.Add(
      "RecoversWithin(\"10s\")", "each node that comes up is level with the highest by then",
      [](ExpectationArguments& a) { return ExpectationFromText(RecoversWithin(a.Duration())); });
  table.Add("IncludesTransactions(fraction)", "the chain has that fraction of what was submitted",
            [](ExpectationArguments& a) {
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(IncludesTransactions(std::move(inner), a.OfWorkload()));
            });
  table.Add("FinalisesTransactions(fraction)", "that fraction is final at the end",
            [](ExpectationArguments& a) {
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(FinalisesTransactions(std::move(inner), a.OfWorkload()));
            });
  table.Add("InclusionLatency(95, blocks)",
            "that percentile of the latency, in block intervals; or Seconds(number)",
            [](ExpectationArguments& a) {
              const double percentile = a.Number();
              bool in_seconds = false;
              testing::Matcher<double> inner = a.NumberMatcherOrIn("Seconds", in_seconds);
              const Of of = a.OfWorkload();
              return in_seconds
                         ? ExpectationFromText(
                               InclusionLatency(percentile, Seconds(std::move(inner)), of))
                         : ExpectationFromText(InclusionLatency(percentile, std::move(inner), of));
            });
  table.Add("ReachesEveryMempool(fraction)",
            "that fraction reached the mempools of all nodes; all of them by default",
            [](ExpectationArguments& a) {
              if (!a.more() || a.NextIs("Of"))
                return ExpectationFromText(ReachesEveryMempool(a.OfWorkload()));
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(ReachesEveryMempool(std::move(inner), a.OfWorkload()));
            });
  table.Add("SpendsEachNoteOnce", "no chain spends a note twice", [](ExpectationArguments& a) {
    return ExpectationFromText(SpendsEachNoteOnce(a.OfWorkload()));
  });
  table.Add(
      "ConservesSupply", "each included transaction makes what it spends",
      [](ExpectationArguments& a) { return ExpectationFromText(ConservesSupply(a.OfWorkload())); });
  table.Add("RefusesInvalidTransactions", "no transaction that is wrong on purpose is in a block",
            [](ExpectationArguments& a) {
              return ExpectationFromText(RefusesInvalidTransactions(a.OfWorkload()));
            });
  table.Add("MempoolDrains", "at the end no transaction waits in a mempool",
            [](ExpectationArguments&) { return ExpectationFromText(MempoolDrains()); });

  table.AddSnapshotMatcher("NodesAreLevel(2)",
                           [](ExpectationArguments& a) { return NodesAreLevel(a.Count()); });
  using Number = NodeNumberMatcher (*)(testing::Matcher<int64_t>);
  for (const auto& [form, make] : {std::pair<const char*, Number>{"HasHeight(number)", HasHeight},
                                   {"HasFinalisedHeight", HasFinalisedHeight},
                                   {"HasSlot", HasSlot},
                                   {"HasPeers", HasPeers},
                                   {"HasMempool", HasMempool}}) {
    table.AddNodeMatcher(
        form, [make = make](ExpectationArguments& a) { return make(a.NumberMatcher<int64_t>()); });
  }
  table.AddNodeMatcher("HasMode(\"Online\")",
                       [](ExpectationArguments& a) { return HasMode(a.StringMatcher()); });
}

}  // namespace gtestnet::chain
