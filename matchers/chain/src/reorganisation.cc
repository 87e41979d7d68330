// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::RunView;
using matching::Short;

std::string Words(const RunView& view, const chain::Reorganisation& r) {
  return absl::StrCat(view.NameOf(r.node), " gave up ", Counted(r.depth, "block"), " at ",
                      matching::InSeconds(r.at), " (from ", Short(r.from), " at height ",
                      view.chains().HeightOf(r.from), " to ", Short(r.to), " at height ",
                      view.chains().HeightOf(r.to), ")");
}

// Of the reorganisations in a record: the deepest that is (or is not) accepted.
struct Survey {
  int64_t blocks = 0;
  std::vector<chain::Reorganisation> all;
  const chain::Reorganisation* deepest = nullptr;
};

Survey Look(const RunView& view) {
  Survey survey;
  survey.blocks = static_cast<int64_t>(view.chains().canonical().size());
  survey.all = view.chains().Reorganisations();
  for (const chain::Reorganisation& r : survey.all) {
    if (survey.deepest == nullptr || r.depth > survey.deepest->depth) survey.deepest = &r;
  }
  return survey;
}

Finding JudgeReorganises(const RunRecord& record, const testing::Matcher<int64_t>& inner) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const Survey survey = Look(view);
  if (survey.all.empty()) {
    return {false, absl::StrCat("there was no reorganisation in a chain of ",
                                Counted(survey.blocks, "block"))};
  }
  for (const chain::Reorganisation& r : survey.all) {
    if (inner.Matches(r.depth)) return {true, Words(view, r)};
  }
  return {false, absl::StrCat("none of the ",
                              Counted(static_cast<int64_t>(survey.all.size()), "reorganisation"),
                              " has such a depth; in the deepest, ", Words(view, *survey.deepest))};
}

Finding JudgeForks(const RunRecord& record, int64_t depth) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  if (depth < 0) return {false, "the depth of a fork is not negative"};
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const Survey survey = Look(view);
  if (survey.blocks == 0) return matching::NothingToJudge("no block was made");
  if (survey.deepest == nullptr) {
    return {true, absl::StrCat("there was no reorganisation in a chain of ",
                               Counted(survey.blocks, "block"))};
  }
  if (survey.deepest->depth <= depth) {
    return {true, absl::StrCat("the deepest reorganisation of ", survey.all.size(), " gave up ",
                               Counted(survey.deepest->depth, "block"))};
  }
  std::vector<std::string> wrong;
  for (const chain::Reorganisation& r : survey.all) {
    if (r.depth > depth) wrong.push_back(Words(view, r));
  }
  return {false, matching::Joined(wrong)};
}

}  // namespace

ReorganisesMatcher::ReorganisesMatcher(testing::Matcher<int64_t> inner)
    : inner_(std::move(inner)) {}

bool ReorganisesMatcher::MatchAndExplain(const RunRecord& record,
                                         testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeReorganises(record, inner_), listener);
}

void ReorganisesMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a reorganisation with a depth that " << matching::Description(inner_);
}

void ReorganisesMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has no reorganisation with a depth that " << matching::Description(inner_);
}

ReorganisesMatcher Reorganises(testing::Matcher<int64_t> inner) {
  return ReorganisesMatcher(std::move(inner));
}

ForksAtMostMatcher::ForksAtMostMatcher(int64_t depth) : depth_(depth) {}

bool ForksAtMostMatcher::MatchAndExplain(const RunRecord& record,
                                         testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeForks(record, depth_), listener);
}

void ForksAtMostMatcher::DescribeTo(std::ostream* os) const {
  *os << "forks at most " << Counted(depth_, "block")
      << " deep: no node ever gave up more of its chain at once";
}

void ForksAtMostMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "forks more than " << Counted(depth_, "block")
      << " deep: a node gave up more of its chain at once";
}

ForksAtMostMatcher ForksAtMost(int64_t depth) { return ForksAtMostMatcher(depth); }

}  // namespace gtestnet::chain
