// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/parse_expectation.h"

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/consensus_matchers.h"
#include "gtestnet/data_availability_matchers.h"
#include "gtestnet/expectation_from.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/operation_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/transaction_matchers.h"
#include "src/expectation_arguments.h"
#include "src/expectation_grammar.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using matching::Arguments;
using matching::ErrorAt;
using matching::Expression;
using Kind = Expression::Kind;

// Something that can be written as an expectation of a run.
struct RunForm {
  ExpectationForm form;
  std::function<RunExpectation(Arguments&)> make;

  std::string Name() const { return std::string(form.form.substr(0, form.form.find('('))); }
};

template <class M>
RunExpectation From(M matcher) {
  return ExpectationFrom<M>::Make(std::move(matcher), SourceLocation{});
}

const std::vector<RunForm>& RunForms() {
  using A = Arguments&;
  static const std::vector<RunForm> kForms = {
      {{"ConsensusIsLive", "every node grows as its leaders' stake lets expect, and ends level"},
       [](A) { return From(ConsensusIsLive()); }},
      {{"AgreesOnChain", "no two nodes finalise different blocks, and at the end chains agree"},
       [](A) { return From(AgreesOnChain()); }},
      {{"FinalityAdvances(blocks)",
        "every node finalises that many blocks; at least one by default"},
       [](A a) {
         return a.more() ? From(FinalityAdvances(a.NumberMatcher<int64_t>()))
                         : From(FinalityAdvances());
       }},
      {{"Reorganises(depth)", "a node gives up that many blocks of its chain"},
       [](A a) { return From(Reorganises(a.NumberMatcher<int64_t>())); }},
      {{"ForksAtMost(2)", "no node ever gives up more blocks than that at once"},
       [](A a) { return From(ForksAtMost(a.Count())); }},
      {{"LeadsByStake", "each leader makes a share of the blocks that its stake explains"},
       [](A) { return From(LeadsByStake()); }},
      {{"RecoversWithin(\"10s\")", "each node that comes up is level with the highest by then"},
       [](A a) { return From(RecoversWithin(a.Duration())); }},
      {{"IncludesTransactions(fraction)", "the chain has that fraction of what was submitted"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesTransactions(std::move(inner), a.OfWorkload()));
       }},
      {{"FinalisesTransactions(fraction)", "that fraction is final at the end"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(FinalisesTransactions(std::move(inner), a.OfWorkload()));
       }},
      {{"InclusionLatency(95, blocks)",
        "that percentile of the latency, in block intervals; or Seconds(number)"},
       [](A a) {
         const double percentile = a.Number();
         bool in_seconds = false;
         testing::Matcher<double> inner = a.NumberMatcherOrIn("Seconds", in_seconds);
         const Of of = a.OfWorkload();
         return in_seconds ? From(InclusionLatency(percentile, Seconds(std::move(inner)), of))
                           : From(InclusionLatency(percentile, std::move(inner), of));
       }},
      {{"ReachesEveryMempool(fraction)",
        "that fraction reached the mempools of all nodes; all of them by default"},
       [](A a) {
         if (!a.more() || a.NextIs("Of")) return From(ReachesEveryMempool(a.OfWorkload()));
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(ReachesEveryMempool(std::move(inner), a.OfWorkload()));
       }},
      {{"SpendsEachNoteOnce", "no chain spends a note twice"},
       [](A a) { return From(SpendsEachNoteOnce(a.OfWorkload())); }},
      {{"ConservesSupply", "each included transaction makes what it spends"},
       [](A a) { return From(ConservesSupply(a.OfWorkload())); }},
      {{"RefusesInvalidTransactions", "no transaction that is wrong on purpose is in a block"},
       [](A a) { return From(RefusesInvalidTransactions(a.OfWorkload())); }},
      {{"MempoolDrains", "at the end no transaction waits in a mempool"},
       [](A) { return From(MempoolDrains()); }},
      {{"IncludesInscriptions(fraction)", "the chain has that fraction of the channels' messages"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesInscriptions(std::move(inner), a.OfWorkload()));
       }},
      {{"IncludesBlobs(fraction)", "the chain has that fraction of the blobs"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesBlobs(std::move(inner), a.OfWorkload()));
       }},
      {{"BlobsAreRetrievable", "every blob comes back byte for byte"},
       [](A a) { return From(BlobsAreRetrievable(a.OfWorkload())); }},
      {{"SamplingSucceeds(fraction)", "on each node, of the columns that it asked others for"},
       [](A a) { return From(SamplingSucceeds(a.NumberMatcher<double>())); }},
      {{"OperationsSucceed(\"put\", fraction)",
        "that fraction of a kind of operations was ok; of all kinds: \"\""},
       [](A a) {
         std::string kind = a.String();
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(OperationsSucceed(std::move(kind), std::move(inner), a.OfWorkload()));
       }},
      {{"OperationLatency(\"put\", 95, Le(\"200ms\"))",
        "that percentile of the latency of operations that were ok"},
       [](A a) {
         std::string kind = a.String();
         const double percentile = a.Number();
         testing::Matcher<RunTime> inner = a.TimeMatcher();
         return From(
             OperationLatency(std::move(kind), percentile, std::move(inner), a.OfWorkload()));
       }},
      {{"NoAcknowledgedWriteIsLost(\"put\", \"get\")",
        "no read shows that a write was lost which was ok"},
       [](A a) {
         std::string write = a.String();
         return From(NoAcknowledgedWriteIsLost(std::move(write), a.String()));
       }},
      {{"HasNoUnexpectedExits", "no node exits without being asked to"},
       [](A) { return From(HasNoUnexpectedExits()); }},
      {{"MetricIs(\"consensus_tip_height\", number)", "the last value of a metric, on every node"},
       [](A a) {
         std::string selector = a.String();
         return From(MetricIs(std::move(selector), a.NumberMatcher<double>()));
       }},
      {{"AtEnd(snapshot)", "the last snapshot of all nodes"},
       [](A a) { return From(AtEnd(a.SnapshotMatcher())); }},
      {{"Eventually(snapshot, Within(duration))", "a snapshot, not later than that"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return From(Eventually(std::move(inner), Within(a.DurationIn("Within"))));
       }},
      {{"Always(snapshot, For(duration))",
        "each snapshot for that time; for the whole run by default"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return a.more() ? From(Always(std::move(inner), For(a.DurationIn("For"))))
                         : From(Always(std::move(inner)));
       }},
      {{"Never(snapshot, For(duration))",
        "no snapshot for that time; for the whole run by default"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return a.more() ? From(Never(std::move(inner), For(a.DurationIn("For"))))
                         : From(Never(std::move(inner)));
       }},
      {{"StaysTrueFor(snapshot, For(duration))", "each snapshot, at some time for that long"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return From(StaysTrueFor(std::move(inner), For(a.DurationIn("For"))));
       }},
      {{"LeadsTo(snapshot, snapshot, Within(duration))",
        "after each that is like the first, not later than that, one that is like the second"},
       [](A a) {
         testing::Matcher<const Snapshot&> cause = a.SnapshotMatcher();
         testing::Matcher<const Snapshot&> effect = a.SnapshotMatcher();
         return From(LeadsTo(std::move(cause), std::move(effect), Within(a.DurationIn("Within"))));
       }},
  };
  return kForms;
}

}  // namespace

absl::StatusOr<RunExpectation> ParseExpectation(std::string_view text) {
  absl::StatusOr<Expression> parsed = matching::ParseExpression(text);
  if (!parsed.ok()) return parsed.status();
  if (parsed->kind != Kind::kCall) {
    return ErrorAt(parsed->column, "expected the name of an expectation");
  }
  std::vector<std::string> known;
  for (const RunForm& form : RunForms()) {
    known.push_back(form.Name());
    if (known.back() != parsed->text) continue;
    absl::Status error;
    Arguments arguments(*parsed, error);
    RunExpectation expectation = form.make(arguments);
    arguments.End();
    if (!error.ok()) return error;
    return expectation;
  }
  const std::string nearest = matching::Nearest(parsed->text, known);
  return ErrorAt(
      parsed->column,
      absl::StrCat(parsed->text.substr(0, 64), " is no expectation",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

const std::vector<ExpectationForm>& ExpectationForms() {
  static const std::vector<ExpectationForm>* const kAll = [] {
    auto* all = new std::vector<ExpectationForm>;
    for (const RunForm& form : RunForms()) all->push_back(form.form);
    all->insert(
        all->end(),
        {{"number, blocks, depth, fraction:", "3, Eq(3), Ne, Ge, Gt, Le, Lt, AllOf, AnyOf, Not"},
         {"snapshot:",
          "AllNodes(node), AnyNode(node), ReachableNodes(node), NodesAreLevel(2), "
          "NodeNamed(\"validator-0\", node), AllOf, AnyOf, Not"},
         {"node:",
          "HasHeight(number), HasFinalisedHeight, HasSlot, HasPeers, HasMempool, "
          "HasMode(\"Online\"), IsReachable, AllOf, AnyOf, Not"},
         {"duration:", "\"10s\", \"250ms\", Blocks(20), Slots(20), Epochs(1)"}});
    return all;
  }();
  return *kAll;
}

std::ostream& operator<<(std::ostream& os, const ExpectationForm& form) {
  return os << form.form << "  " << form.help;
}

}  // namespace gtestnet
