// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::RunView;

// Height of a sample's last finalised block in the block tree; −1 if that does not have it.
int64_t FinalHeight(const RunView& view, const NodeSample& sample) {
  return sample.reachable ? view.chains().HeightOf(FinalisedOf(sample)) : -1;
}

// Whether the node was down between two samples. The event may bear a time a little before or after
// that at which the samples show it.
bool WasDownBetween(const RunRecord& record, NodeIndex node, RunTime from, RunTime to) {
  constexpr RunTime kSlack{1000};
  return std::any_of(record.events.begin(), record.events.end(), [=](const NodeEvent& e) {
    const bool restart = e.kind != NodeEventKind::kPaused && e.kind != NodeEventKind::kResumed;
    return e.node == node && restart && from - kSlack <= e.at && e.at <= to;
  });
}

// What one node's samples say of its finality.
struct Course {
  int64_t first = -1;  // at the begin of the run
  int64_t last = -1;
  std::string went_back;  // "" or where
};

Course CourseOf(const RunView& view, NodeIndex node) {
  Course course;
  const NodeSample* before = nullptr;
  for (const NodeSample* sample : view.SamplesOf(node)) {
    const int64_t height = FinalHeight(view, *sample);
    if (height < 0) continue;
    // A sample from before the run counts only as its start.
    if (course.first < 0 || sample->at <= view.record().begun) course.first = height;
    if (height < course.last && course.went_back.empty() &&
        !WasDownBetween(view.record(), node, before->at, sample->at)) {
      course.went_back =
          absl::StrCat(view.NameOf(node), "'s finalised height went back from ", course.last,
                       " to ", height, " at ", matching::InSeconds(sample->at));
    }
    course.last = height;
    before = sample;
  }
  return course;
}

Finding Judge(const RunRecord& record, const testing::Matcher<int64_t>& inner) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const int64_t k = chain::ChainOf(record)->parameters.security_parameter;
  const std::optional<NodeIndex> highest = view.HighestAtEnd();
  if (!highest) return matching::NothingToJudge("no node that is up at the end shows a chain");
  if (view.HeightAtEnd(*highest) <= k) {
    return matching::NothingToJudge(absl::StrCat(
        "the highest chain has ", Counted(view.HeightAtEnd(*highest), "block"), " and k = ", k,
        ", so none needs to be final yet; a run of Blocks(", 2 * k + 4, ") would be enough"));
  }
  std::vector<std::string> wrong;
  std::string least_words;
  int64_t least = 0;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const Course course = CourseOf(view, node);
    if (!course.went_back.empty()) wrong.push_back(course.went_back);
    if (!record.nodes[i].up_at_end) continue;
    if (course.last < 0) {
      wrong.push_back(absl::StrCat(view.NameOf(node), " never told a finalised block"));
      continue;
    }
    const int64_t advance = course.last - course.first;
    const std::string words =
        absl::StrCat(view.NameOf(node), " finalised ", Counted(advance, "block"), ", from height ",
                     course.first, " to ", course.last);
    if (!inner.Matches(advance)) {
      wrong.push_back(absl::StrCat(words, " (its tip is at height ", view.HeightAtEnd(node), ")"));
    }
    if (least_words.empty() || advance < least) {
      least = advance;
      least_words = words;
    }
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  return {true, absl::StrCat("the slowest, ", least_words)};
}

}  // namespace

FinalityAdvancesMatcher::FinalityAdvancesMatcher(testing::Matcher<int64_t> inner)
    : inner_(std::move(inner)) {}

bool FinalityAdvancesMatcher::MatchAndExplain(const RunRecord& record,
                                              testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record, inner_), listener);
}

void FinalityAdvancesMatcher::DescribeTo(std::ostream* os) const {
  *os << "has finality that never goes back and advances, on each node that is up, by a number of "
         "blocks that "
      << matching::Description(inner_);
}

void FinalityAdvancesMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has finality that goes back, or advances, on a node that is up, by a number of blocks "
         "that "
      << matching::Negation(inner_);
}

FinalityAdvancesMatcher FinalityAdvances() { return FinalityAdvances(testing::Ge(1)); }

FinalityAdvancesMatcher FinalityAdvances(testing::Matcher<int64_t> inner) {
  return FinalityAdvancesMatcher(std::move(inner));
}

}  // namespace gtestnet::chain
