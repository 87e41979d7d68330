// SPDX-License-Identifier: Apache-2.0
// Matchers of a record that concern its nodes.
#include "absl/strings/str_cat.h"
#include "gtestnet/derived.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/cover.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"

namespace gtestnet {
namespace {

using matching::Finding;

Finding JudgeEnd(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner) {
  if (record.samples.empty()) return matching::NothingToJudge("the record has no samples");
  const matching::NamesInView names(record);
  const Snapshot end = record.AtEnd();
  testing::StringMatchResultListener listener;
  const Judgement judgement = JudgeBy(inner, end, &listener);
  std::string words = absl::StrCat("the snapshot at ", matching::InSeconds(end.at));
  if (listener.str().empty()) {
    absl::StrAppend(&words, " is ", testing::PrintToString(end));
  } else {
    absl::StrAppend(&words, " is one ", listener.str());
  }
  if (judgement.outcome == Outcome::kNothingToJudge) {
    if (words.find(judgement.why) == std::string::npos)
      absl::StrAppend(&words, "; ", judgement.why);
    return {false, words, false};
  }
  if (const std::string lack = Derived<matching::Cover>(record)->LackAtEnd(); !lack.empty()) {
    if (judgement.met()) return matching::NothingToJudge(lack);
    return {false, absl::StrCat(words, "; ", lack), false};
  }
  return {judgement.met(), words};
}

Finding JudgeNodes(const RunRecord& record, const testing::Matcher<const NodeRecord&>& inner) {
  if (record.nodes.empty()) return matching::NothingToJudge("the record has no nodes");
  std::vector<std::string> wrong;
  for (const NodeRecord& node : record.nodes) {
    testing::StringMatchResultListener listener;
    if (inner.MatchAndExplain(node, &listener)) continue;
    wrong.push_back(absl::StrCat(node.name, " is ", testing::PrintToString(node),
                                 listener.str().empty() ? "" : ", ", listener.str()));
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  return {true, absl::StrCat("each of ",
                             matching::Counted(static_cast<int64_t>(record.nodes.size()), "node"),
                             " matches")};
}

Finding JudgeExits(const RunRecord& record) {
  if (record.nodes.empty()) return matching::NothingToJudge("the record has no nodes");
  std::vector<std::string> wrong;
  for (const NodeEvent& event : record.events) {
    const bool restarted = event.kind == NodeEventKind::kRestarted;
    if (!restarted && event.kind != NodeEventKind::kExited) continue;
    wrong.push_back(absl::StrCat(record.nodes[static_cast<size_t>(event.node)].name,
                                 restarted ? " was restarted, by itself, at " : " exited at ",
                                 matching::InSeconds(event.at), ": ",
                                 matching::FirstLine(event.detail)));
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (const std::string lack = Derived<matching::Cover>(record)->Lack(); !lack.empty()) {
    return matching::NothingToJudge(lack);
  }
  return {true, absl::StrCat("none of ",
                             matching::Counted(static_cast<int64_t>(record.nodes.size()), "node"),
                             " exited unasked")};
}

}  // namespace

AtEndMatcher::AtEndMatcher(testing::Matcher<const Snapshot&> inner) : inner_(std::move(inner)) {}

bool AtEndMatcher::MatchAndExplain(const RunRecord& record,
                                   testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeEnd(record, inner_), listener);
}

void AtEndMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a last snapshot that " << matching::Description(inner_);
}

void AtEndMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a last snapshot that " << matching::Negation(inner_);
}

AtEndMatcher AtEnd(testing::Matcher<const Snapshot&> inner) {
  return AtEndMatcher(std::move(inner));
}

NodesMatcher::NodesMatcher(testing::Matcher<const NodeRecord&> inner) : inner_(std::move(inner)) {}

bool NodesMatcher::MatchAndExplain(const RunRecord& record,
                                   testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeNodes(record, inner_), listener);
}

void NodesMatcher::DescribeTo(std::ostream* os) const {
  *os << "has only nodes each of which " << matching::Description(inner_);
}

void NodesMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a node that " << matching::Negation(inner_);
}

NodesMatcher Nodes(testing::Matcher<const NodeRecord&> inner) {
  return NodesMatcher(std::move(inner));
}

bool HasNoUnexpectedExitsMatcher::MatchAndExplain(const RunRecord& record,
                                                  testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeExits(record), listener);
}

void HasNoUnexpectedExitsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has no node that exited or restarted without being asked to";
}

void HasNoUnexpectedExitsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a node that exited or restarted without being asked to";
}

HasNoUnexpectedExitsMatcher HasNoUnexpectedExits() { return {}; }

}  // namespace gtestnet
