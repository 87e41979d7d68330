// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// What a sample's final block is in the block tree, which needs the sample's tip to be there.
struct Final {
  std::string_view tip;
  std::string_view id;
  int64_t height = -1;       // −1: the tree does not have it
  bool is_in_chain = false;  // to the tip
};

// Looks final blocks up. Most nodes show the same ones, so the last answer is kept for each height
// of the tip.
class FinalBlocks {
 public:
  explicit FinalBlocks(const RunView& view) : view_(view) {}

  const Final& Of(const NodeSample& sample) {
    const auto height = static_cast<size_t>(view_.HeightOf(sample));
    if (height >= known_.size()) known_.resize(height + 1);
    Final& one = known_[height];
    const std::string& tip = TipOf(sample);
    const std::string& id = FinalisedOf(sample);
    if (one.tip == tip && one.id == id && !one.tip.empty()) return one;
    one = {tip, id, view_.chains().HeightOf(id), false};
    if (one.height > 0) {
      const BlockRecord* const own = view_.chains().AncestorAt(tip, one.height);
      one.is_in_chain = own != nullptr && own->id == id;
    } else {
      one.is_in_chain = one.height == 0;
    }
    return one;
  }

 private:
  const RunView& view_;
  std::vector<Final> known_;
};

// Whether the node was down between two samples. The event may bear a time a little before or after
// that at which the samples show it.
bool WasDownBetween(const RunRecord& record, NodeIndex node, RunTime from, RunTime to) {
  constexpr RunTime kSlack{1000};
  return std::any_of(record.events.begin(), record.events.end(), [=](const NodeEvent& e) {
    const bool restart = e.kind != NodeEventKind::kPaused && e.kind != NodeEventKind::kResumed;
    return e.node == node && restart && from - kSlack <= e.at && e.at <= to;
  });
}

// How far a final block may be below the tip beyond k: an answer may come between two blocks.
constexpr int64_t kSlack = RunView::kLevel;

// So long after it came up, at most, a node's finality may be further behind.
RunTime TimeToComeBack(const Pace& pace) { return RunTime(10'000) + Timespan(Blocks(10)).At(pace); }

// Holds one sample after the other, of one node in order of time, to k.
class Depth {
 public:
  Depth(const RunView& view, NodeIndex node)
      : view_(view), node_(node), chain_(*ChainOf(view.record())), up_(view.uptime().Of(node)) {}

  void Take(const NodeSample& sample, const Final& final_block) {
    const int64_t tip = view_.HeightOf(sample);
    const int64_t final_height = final_block.height;
    if (final_block.id.empty()) return;
    const int64_t k = chain_.parameters.security_parameter;
    const bool is_behind = final_height >= 0 && tip - final_height > k + kSlack;
    const bool is_held = IsHeld(sample, !is_behind);
    if (!wrong_.empty()) return;
    if (final_height > 0 && !final_block.is_in_chain) {
      is_early_ = true;
      Tell(sample, tip, final_height, "is not in the chain to its tip");
    } else if (final_height < 0 || (final_height > 0 && tip - final_height < k)) {
      is_early_ = true;
      Tell(sample, tip, final_height, "is not k blocks below its tip");
    } else if (is_behind && is_held) {
      Tell(sample, tip, final_height,
           absl::StrCat("is more than k + ", kSlack, " blocks below its tip"));
    }
  }
  // "" or the first that is wrong.
  const std::string& wrong() const { return wrong_; }
  // Whether that is a block that was called final too early.
  bool is_early() const { return is_early_; }

 private:
  void Tell(const NodeSample& sample, int64_t tip, int64_t final_height, std::string_view what) {
    wrong_ = absl::StrCat(view_.NameOf(node_), "'s final block ", matching::View(what), " at ",
                          matching::InSeconds(sample.at), ": final height ",
                          final_height < 0 ? absl::StrCat("unknown, as no node showed block ",
                                                          matching::Short(FinalisedOf(sample)))
                                           : absl::StrCat(final_height),
                          ", tip height ", tip, ", k = ", chain_.parameters.security_parameter);
  }
  // Whether it was up, and not just back.
  bool IsHeld(const NodeSample& sample, bool is_level) {
    for (; next_ < up_.size() && up_[next_].to < sample.at; ++next_) is_back_ = false;
    if (next_ == up_.size() || sample.at < up_[next_].from) return false;
    is_back_ = is_back_ || is_level || up_[next_].begun_by == nullptr;
    return is_back_ || sample.at > up_[next_].from + TimeToComeBack(chain_.parameters.pace);
  }

  const RunView& view_;
  const NodeIndex node_;
  const ChainRecord& chain_;
  const std::vector<matching::Interval>& up_;
  size_t next_ = 0;       // the interval of `up_` in which the last sample was, or a later one
  bool is_back_ = false;  // it has caught up in that interval
  bool is_early_ = false;
  std::string wrong_;
};

// What one node's samples say of its finality.
struct Course {
  int64_t first = -1;  // at the begin of the run
  int64_t last = -1;
  std::string went_back;  // "" or where
  std::string depth;      // "" or what is wrong with how far it was below the tip
  bool is_early = false;
};

Course CourseOf(const RunView& view, NodeIndex node, FinalBlocks& final_blocks) {
  Course course;
  Depth depth(view, node);
  const NodeSample* before = nullptr;
  for (const NodeSample* sample : view.SamplesOf(node)) {
    const Final& final_block = final_blocks.Of(*sample);
    if (sample->at >= view.record().begun) depth.Take(*sample, final_block);
    const int64_t height = final_block.height;
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
  course.depth = depth.wrong();
  course.is_early = depth.is_early();
  return course;
}

Finding Judge(const RunRecord& record, const testing::Matcher<int64_t>& inner) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const int64_t k = chain::ChainOf(record)->parameters.security_parameter;
  const std::optional<NodeIndex> highest = view.HighestAtEnd();
  if (!highest) return matching::NothingToJudge("no node that is up at the end shows a chain");
  FinalBlocks final_blocks(view);
  std::vector<Course> courses;
  std::vector<std::string> wrong;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    courses.push_back(CourseOf(view, static_cast<NodeIndex>(i), final_blocks));
    if (courses.back().is_early) wrong.push_back(courses.back().depth);
  }
  if (wrong.empty() && view.HeightAtEnd(*highest) <= k) {
    return matching::NothingToJudge(absl::StrCat(
        "the highest chain has ", Counted(view.HeightAtEnd(*highest), "block"), " and k = ", k,
        ", so none needs to be final yet; a run of Blocks(", 2 * k + 4, ") would be enough"));
  }
  std::string least_words;
  int64_t least = 0;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const Course& course = courses[i];
    if (!course.went_back.empty()) wrong.push_back(course.went_back);
    const int64_t advance = course.last - course.first;
    const bool enough = course.last >= 0 && inner.Matches(advance);
    // One that does not advance is told as that.
    const bool is_told = record.nodes[i].up_at_end && !enough;
    if (!course.depth.empty() && !course.is_early && !is_told) wrong.push_back(course.depth);
    if (!record.nodes[i].up_at_end) continue;
    if (course.last < 0) {
      wrong.push_back(absl::StrCat(view.NameOf(node), " never told a finalised block"));
      continue;
    }
    const std::string words =
        absl::StrCat(view.NameOf(node), " finalised ", Counted(advance, "block"), ", from height ",
                     course.first, " to ", course.last);
    if (!enough) {
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
  *os << "has finality that never goes back, stays from k to k + " << kSlack
      << " blocks below the tip of each node, and advances, on each node that is up, by a number "
         "of blocks that "
      << matching::Description(inner_);
}

void FinalityAdvancesMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has finality that goes back, is less than k or more than k + " << kSlack
      << " blocks below the tip of a node, or advances, on a node that is up, by a number of "
         "blocks "
         "that "
      << matching::Negation(inner_);
}

FinalityAdvancesMatcher FinalityAdvances() { return FinalityAdvances(testing::Ge(1)); }

FinalityAdvancesMatcher FinalityAdvances(testing::Matcher<int64_t> inner) {
  return FinalityAdvancesMatcher(std::move(inner));
}

}  // namespace gtestnet::chain
