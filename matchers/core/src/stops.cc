// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/life_matchers.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {
namespace {

using matching::Finding;

// What is told of an end that was asked for is how it should not be, where it is the node's: not
// that its pod was deleted, or lost.
bool IsOfTheNode(std::string_view detail) {
  constexpr std::string_view kNodes[] = {"exit status ", "signal ", "killed by the kernel"};
  for (const std::string_view words : kNodes) {
    if (detail.substr(0, words.size()) == words) return true;
  }
  return detail.find(" after SIGTERM") != detail.npos;
}

Finding Judge(const RunRecord& record) {
  int64_t ends = 0;
  std::vector<std::string> wrong;
  for (const NodeEvent& event : record.events) {
    const bool is_end =
        event.kind == NodeEventKind::kStopped || event.kind == NodeEventKind::kKilled;
    if (!is_end || event.cause == "deployer") continue;
    ++ends;
    const std::string detail = matching::FirstLine(event.detail);
    if (!IsOfTheNode(detail)) continue;
    wrong.push_back(absl::StrCat(record.nodes[static_cast<size_t>(event.node)].name, ", ",
                                 matching::View(ToString(event.kind)), " by ", event.cause, " at ",
                                 matching::InSeconds(event.at),
                                 ", did not end as it should: ", detail));
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (ends == 0) return matching::NothingToJudge("no node was asked to stop");
  return {true, absl::StrCat("each node that was asked to stop did as it should (",
                             matching::Counted(ends, "stop"), ")")};
}

}  // namespace

bool StopsCleanlyMatcher::MatchAndExplain(const RunRecord& record,
                                          testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void StopsCleanlyMatcher::DescribeTo(std::ostream* os) const {
  *os << "stops cleanly: each node that was asked to stop ended by exit status 0 or by the signal "
         "that it was sent, within its grace period";
}

void StopsCleanlyMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't stop cleanly: a node that was asked to stop ended by another exit status than 0, "
         "by another signal than it was sent, or not within its grace period";
}

StopsCleanlyMatcher StopsCleanly() { return {}; }

}  // namespace gtestnet
