// SPDX-License-Identifier: Apache-2.0
// The text form of expectations, and the selectors of metrics and patterns within them.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/nomos/parse_expectation.h"
#include "matchers/core/src/metric_selector.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  return {"ConsensusIsLive",
          "IncludesTransactions(AllOf(Ge(0.9), Le(1)), Of(\"transactions\"))",
          "ForksAtMost(-1)",
          "LeadsTo(AllNodes(HasHeight(Ge(5))), AnyNode(IsReachable), Within(\"10s\"))",
          "InclusionLatency(95, Seconds(Le(2)))",
          "Always(NodesAreLevel(2), For(Blocks(20)))",
          "MetricIs(\"m{e=~\\\"(a+)+b\\\"}\", Gt(1))",
          "{__name__=~\"da_.*\",node!=\"validator-0\"}",
          "height{node=~'validator-.*',path!=`/`}",
          "m{e=~\"(a{1000}){1000}\"}",
          "AtEnd(Not(Not(Not(Not(Not(NodesAreLevel(1)))))))"};
}

void Try(std::string_view input) {
  (void)nomos::ParseExpectation(input).ok();
  matching::MetricLabels labels;
  if (matching::ParseSeries(input, labels)) Demand(!labels.empty(), "a series has a name");
  const absl::StatusOr<matching::MetricSelector> selector = matching::MetricSelector::Parse(input);
  if (!selector.ok()) return;
  const matching::MetricLabels some = {{"__name__", "da_samples_failed_total"},
                                       {"node", "validator-0"},
                                       {"e", std::string(200, 'a')}};
  (void)selector->Selects(some, [](std::string_view) { return true; });
}

}  // namespace gtestnet::fuzz
