// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/leaders.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/judging.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::InSeconds;
using matching::RunView;
using matching::Short;

// A tip that no node showed: an answer or two may be of a node that ended before it could be asked
// for the block.
constexpr int64_t kUnshownTips = 3;
constexpr RunTime kUnshownFor{1000};

// Something that a node told again and again.
class Repeated {
 public:
  void Add(std::string words, RunTime at) {
    if (times_++ == 0) {
      words_ = std::move(words);
      first_ = at;
    }
    last_ = at;
  }
  int64_t times() const { return times_; }
  RunTime lasted() const { return last_ - first_; }
  std::string Words(const std::string& node) const {
    return absl::StrCat(node, " told ", words_, ", at ", InSeconds(first_), " (",
                        Counted(times_, "answer"), " like that)");
  }

 private:
  std::string words_;
  RunTime first_{0};
  RunTime last_{0};
  int64_t times_ = 0;
};

// When a node came up, asked or not, as the run noted it; in order.
std::vector<RunTime> ComingsUp(const RunRecord& record, NodeIndex node) {
  std::vector<RunTime> times;
  for (const NodeEvent& event : record.events) {
    if (event.node == node &&
        (event.kind == NodeEventKind::kStarted || event.kind == NodeEventKind::kAdded ||
         event.kind == NodeEventKind::kRestarted)) {
      times.push_back(event.at);
    }
  }
  return times;
}

// The heights that one node told of blocks, in order.
//
// A node may count from another block than genesis, as the real one does after a restart: from its
// last final block. Then all that it tells is lower by the same number, until it comes up again;
// and one that told the height of its first block right, or whose first block is genesis, does not.
class Heights {
 public:
  Heights(const RunView& view, NodeIndex node) : came_up_(ComingsUp(view.record(), node)) {}

  // What cannot be in that; "" if it can. −1: the height of the block is not known.
  std::string Judge(const char* what, int64_t told, const char* of, const std::string& block,
                    int64_t height, RunTime at) {
    if (height < 0) return "";
    if (!offset_ || IsAnother(at)) {
      offset_ = height > 0 && told < height ? height - told : 0;
    }
    at_ = at;
    // Below the block from which it counts there is nothing, and it may say 0.
    if (told == std::max<int64_t>(height - *offset_, 0)) return "";
    return absl::StrCat(what, " ", told, " with the ", of, " ", Short(block),
                        ", which is at height ", height, " in the blocks that nodes showed",
                        *offset_ == 0 ? "" : absl::StrCat(", counted from ", *offset_));
  }

 private:
  // Whether the node came up since it told the last. The run notes it a while after it was so.
  bool IsAnother(RunTime at) const {
    constexpr RunTime kNotedAfter{5000};
    const auto next = std::upper_bound(came_up_.begin(), came_up_.end(), at_);
    return next != came_up_.end() && *next <= at + kNotedAfter;
  }

  const std::vector<RunTime> came_up_;
  std::optional<int64_t> offset_;
  RunTime at_{0};
};

void JudgeHeights(const RunView& view, NodeIndex node, std::vector<std::string>& lies) {
  Repeated tips;
  Repeated finals;
  Repeated unshown;
  Heights heights(view, node);
  for (const NodeSample* sample : view.SamplesOf(node)) {
    std::string words = heights.Judge("height", HeightOf(*sample), "tip", TipOf(*sample),
                                      view.HeightOf(*sample), sample->at);
    if (!words.empty()) tips.Add(std::move(words), sample->at);
    const std::string& finalised = FinalisedOf(*sample);
    if (finalised.empty()) continue;
    const int64_t height = view.chains().HeightOf(finalised);
    if (height < 0) {
      unshown.Add(absl::StrCat("the final block ", Short(finalised), ", which no node showed"),
                  sample->at);
      continue;
    }
    words = heights.Judge("finalised height", FinalisedHeightOf(*sample), "final block", finalised,
                          height, sample->at);
    if (!words.empty()) finals.Add(std::move(words), sample->at);
  }
  for (const Repeated* each : {&tips, &finals, &unshown}) {
    if (each->times() > 0) lies.push_back(each->Words(view.NameOf(node)));
  }
}

void JudgeTips(const RunView& view, std::vector<std::string>& lies) {
  const RunRecord& record = view.record();
  std::vector<Repeated> unshown(record.nodes.size());
  for (const NodeSample& sample : record.samples) {
    if (!sample.reachable || view.HeightOf(sample) >= 0 || TipOf(sample).empty()) continue;
    unshown[static_cast<size_t>(sample.node)].Add(
        absl::StrCat("the tip ", Short(TipOf(sample)), ", which no node showed"), sample.at);
  }
  for (size_t i = 0; i < unshown.size(); ++i) {
    if (unshown[i].times() < kUnshownTips || unshown[i].lasted() < kUnshownFor) continue;
    lies.push_back(unshown[i].Words(record.nodes[i].name));
  }
}

void TakeContradictions(const RunView& view, std::vector<std::string>& lies) {
  for (const ContradictionRecord& one : ChainOf(view.record())->contradictions) {
    lies.push_back(absl::StrCat(view.NameOf(one.node), " told ", one.told, ", but ", one.against,
                                ", at ", InSeconds(one.since), " (looks that show it: ", one.looks,
                                ")"));
  }
}

Finding Judge(const RunRecord& record) {
  if (ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto view = Derived<RunView>(record);
  std::vector<std::string> lies;
  int64_t told = 0;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    told += static_cast<int64_t>(view->SamplesOf(static_cast<NodeIndex>(i)).size());
    JudgeHeights(*view, static_cast<NodeIndex>(i), lies);
  }
  JudgeTips(*view, lies);
  TakeContradictions(*view, lies);
  using AboutLeaders = std::vector<std::string> (*)(const RunView&);
  for (const AboutLeaders leaders :
       {&matching::TwoBlocksInASlot, &matching::LedWhileDown, &matching::SlotsOutOfOrder}) {
    for (std::string& words : leaders(*view)) lies.push_back(std::move(words));
  }
  if (!lies.empty()) return {false, matching::Joined(lies)};
  if (told == 0) return matching::NothingToJudge("no node that answers shows a chain");
  return {true,
          absl::StrCat("all of ", Counted(told, "answer"), " fit the blocks, and each other")};
}

}  // namespace

RunMatcher NodesAreTruthful() {
  return matching::Judging(
      Judge, "has nodes that tell what their blocks, their other answers and their peers bear out",
      "has a node that tells what its blocks, its other answers or its peers do not bear out");
}

}  // namespace gtestnet::chain
