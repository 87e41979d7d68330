// SPDX-License-Identifier: Apache-2.0
// The matchers of this library that can be written as text.
#include <string>
#include <utility>

#include "gtestnet/expectation_table.h"
#include "gtestnet/life_matchers.h"
#include "gtestnet/log_matchers.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/operation_matchers.h"
#include "gtestnet/resource_matchers.h"
#include "gtestnet/sample_matchers.h"

namespace gtestnet {
namespace {

HasNoLogsAboveMatcher WithExceptions(HasNoLogsAboveMatcher matcher, ExpectationArguments& a) {
  while (a.more()) {
    matcher = a.TakeIf("ExceptDuringFaults") ? matcher.ExceptDuringFaults()
                                             : matcher.Except(a.StringIn("Except"));
  }
  return matcher;
}

LogsMatcher LogsLike(ExpectationArguments& a) {
  Of node = a.OfWorkload();
  return LogLines(std::move(node), testing::Contains(HasTextLike(a.String())));
}

}  // namespace

void AddExpectations(ExpectationTable& table) {
  table.Add("OperationsSucceed(\"put\", fraction)",
            "that fraction of a kind of operations was ok; of all kinds: \"\"",
            [](ExpectationArguments& a) {
              std::string kind = a.String();
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(
                  OperationsSucceed(std::move(kind), std::move(inner), a.OfWorkload()));
            });
  table.Add("OperationLatency(\"put\", 95, Le(\"200ms\"))",
            "that percentile of the latency of operations that were ok",
            [](ExpectationArguments& a) {
              std::string kind = a.String();
              const double percentile = a.Number();
              testing::Matcher<RunTime> inner = a.TimeMatcher();
              return ExpectationFromText(
                  OperationLatency(std::move(kind), percentile, std::move(inner), a.OfWorkload()));
            });
  table.Add("NoAcknowledgedWriteIsLost(\"put\", \"get\")",
            "no read shows that a write was lost which was ok", [](ExpectationArguments& a) {
              std::string write = a.String();
              return ExpectationFromText(NoAcknowledgedWriteIsLost(std::move(write), a.String()));
            });
  table.Add("HasNoUnexpectedExits", "no node exits, or restarts, without being asked to",
            [](ExpectationArguments&) { return ExpectationFromText(HasNoUnexpectedExits()); });
  table.Add("KeepsItsData", "each node that comes back has what it had told before",
            [](ExpectationArguments&) { return ExpectationFromText(KeepsItsData()); });
  table.Add("StaysReachable(Le(\"500ms\"))",
            "the longest silence of each node; by default at most 8 s, and a quarter of its time",
            [](ExpectationArguments& a) {
              return a.more() ? ExpectationFromText(StaysReachable(a.TimeMatcher()))
                              : ExpectationFromText(StaysReachable());
            });
  table.Add("StopsCleanly", "each node that is asked to stop ends as it should",
            [](ExpectationArguments&) { return ExpectationFromText(StopsCleanly()); });
  table.Add("ResourceIs(\"memory\", number)", "the largest value of a resource, on every node",
            [](ExpectationArguments& a) {
              std::string name = a.String();
              return ExpectationFromText(ResourceIs(std::move(name), a.NumberMatcher<double>()));
            });
  table.Add(
      "GrowsAtMost(\"memory\", PerHour(1e8))", "how fast a resource grows, on every node",
      [](ExpectationArguments& a) {
        std::string name = a.String();
        return ExpectationFromText(GrowsAtMost(std::move(name), PerHour(a.NumberIn("PerHour"))));
      });
  table.Add("HasNoLogsAbove(\"warn\", Except(\"regex\"), ExceptDuringFaults)",
            "no node logs above that level; but for such lines, or during faults",
            [](ExpectationArguments& a) {
              std::string level = a.String();
              return ExpectationFromText(WithExceptions(HasNoLogsAbove(std::move(level)), a));
            });
  table.Add("LogsNoErrors(Except(\"regex\"), ExceptDuringFaults)", "no node logs at error or fatal",
            [](ExpectationArguments& a) {
              return ExpectationFromText(WithExceptions(LogsNoErrors(), a));
            });
  table.Add("LogLines(Of(\"node-0\"), \"regex\")", "that node, or any, logs a line like that",
            [](ExpectationArguments& a) { return ExpectationFromText(LogsLike(a)); });
  table.Add("LogsAtMost(bytes)", "no node logs more than that in a second, on average of ten",
            [](ExpectationArguments& a) { return ExpectationFromText(LogsAtMost(a.Number())); });
  table.Add("MetricIs(\"consensus_tip_height\", number)",
            "the last value of a metric, on every node", [](ExpectationArguments& a) {
              std::string selector = a.String();
              return ExpectationFromText(MetricIs(std::move(selector), a.NumberMatcher<double>()));
            });
  table.Add("MetricsAreSound", "metrics come until the end, and no counter falls",
            [](ExpectationArguments&) { return ExpectationFromText(MetricsAreSound()); });
  table.Add("AtEnd(snapshot)", "the last snapshot of all nodes", [](ExpectationArguments& a) {
    return ExpectationFromText(AtEnd(a.SnapshotMatcher()));
  });
  table.Add(
      "Eventually(snapshot, Within(duration))", "a snapshot, not later than that",
      [](ExpectationArguments& a) {
        testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
        return ExpectationFromText(Eventually(std::move(inner), Within(a.DurationIn("Within"))));
      });
  table.Add(
      "Always(snapshot, For(duration))",
      "each snapshot for that time; for the whole run by default", [](ExpectationArguments& a) {
        testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
        return a.more() ? ExpectationFromText(Always(std::move(inner), For(a.DurationIn("For"))))
                        : ExpectationFromText(Always(std::move(inner)));
      });
  table.Add("Never(snapshot, For(duration))",
            "no snapshot for that time; for the whole run by default", [](ExpectationArguments& a) {
              testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
              return a.more()
                         ? ExpectationFromText(Never(std::move(inner), For(a.DurationIn("For"))))
                         : ExpectationFromText(Never(std::move(inner)));
            });
  table.Add("StaysTrueFor(snapshot, For(duration))", "each snapshot, at some time for that long",
            [](ExpectationArguments& a) {
              testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
              return ExpectationFromText(StaysTrueFor(std::move(inner), For(a.DurationIn("For"))));
            });
  table.Add("LeadsTo(snapshot, snapshot, Within(duration))",
            "after each that is like the first, not later than that, one that is like the second",
            [](ExpectationArguments& a) {
              testing::Matcher<const Snapshot&> cause = a.SnapshotMatcher();
              testing::Matcher<const Snapshot&> effect = a.SnapshotMatcher();
              return ExpectationFromText(
                  LeadsTo(std::move(cause), std::move(effect), Within(a.DurationIn("Within"))));
            });

  table.AddSnapshotMatcher("AllNodes(node)",
                           [](ExpectationArguments& a) { return AllNodes(a.NodeMatcher()); });
  table.AddSnapshotMatcher("AnyNode(node)",
                           [](ExpectationArguments& a) { return AnyNode(a.NodeMatcher()); });
  table.AddSnapshotMatcher("ReachableNodes(node)",
                           [](ExpectationArguments& a) { return ReachableNodes(a.NodeMatcher()); });
  table.AddSnapshotMatcher("NodeNamed(\"node-0\", node)", [](ExpectationArguments& a) {
    std::string name = a.String();
    return NodeNamed(std::move(name), a.NodeMatcher());
  });
  table.AddSnapshotMatcher("LogLines(Of(\"node-0\"), \"regex\")",
                           [](ExpectationArguments& a) { return LogsLike(a); });
  table.AddNodeMatcher("HasValue(\"term\", number)", [](ExpectationArguments& a) {
    std::string name = a.String();
    return HasValue(std::move(name), a.NumberMatcher<double>());
  });
  table.AddNodeMatcher("HasWord(\"leader\", \"node-1\")", [](ExpectationArguments& a) {
    std::string name = a.String();
    return HasWord(std::move(name), a.StringMatcher());
  });
  table.AddNodeMatcher("HasStatus(\"follower\")",
                       [](ExpectationArguments& a) { return HasStatus(a.StringMatcher()); });
  table.AddNodeMatcher("IsReachable", [](ExpectationArguments&) { return IsReachable(); });
}

}  // namespace gtestnet
