// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/judging.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::RunView;
using matching::Short;

// A height that the node told of a block, where the block is lower in the tree; else "".
std::string Above(const char* what, int64_t told, const char* of, const std::string& block,
                  int64_t height) {
  if (height < 0 || told <= height) return "";
  return absl::StrCat(what, " ", told, " with the ", of, " ", Short(block), ", which is at height ",
                      height, " in the blocks that nodes showed");
}

// What cannot be in what a node said of itself; "" if all can.
std::string Untruth(const RunView& view, const NodeSample& sample) {
  std::string words =
      Above("height", HeightOf(sample), "tip", TipOf(sample), view.HeightOf(sample));
  if (!words.empty()) return words;
  const std::string& finalised = FinalisedOf(sample);
  if (finalised.empty()) return "";
  const int64_t height = view.chains().HeightOf(finalised);
  if (height < 0)
    return absl::StrCat("the final block ", Short(finalised), ", which no node showed");
  return Above("finalised height", FinalisedHeightOf(sample), "final block", finalised, height);
}

Finding Judge(const RunRecord& record) {
  if (ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto view = Derived<RunView>(record);
  std::vector<std::string> lies;
  int64_t told = 0;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    std::string first;
    int64_t times = 0;
    for (const NodeSample* sample : view->SamplesOf(node)) {
      ++told;
      const std::string untruth = Untruth(*view, *sample);
      if (untruth.empty() || ++times > 1) continue;
      first = absl::StrCat(view->NameOf(node), " told ", untruth, ", at ",
                           matching::InSeconds(sample->at));
    }
    if (times > 0)
      lies.push_back(absl::StrCat(first, " (", Counted(times, "answer"), " like that)"));
  }
  if (told == 0) return matching::NothingToJudge("no node that answers shows a chain");
  if (!lies.empty()) return {false, matching::Joined(lies)};
  return {true, absl::StrCat("all of ", Counted(told, "answer"), " fit the blocks")};
}

}  // namespace

RunMatcher NodesAreTruthful() {
  return matching::Judging(Judge, "has nodes that tell of themselves what their blocks bear out",
                           "has a node that tells of itself what its blocks do not bear out");
}

}  // namespace gtestnet::chain
