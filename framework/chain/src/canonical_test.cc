// SPDX-License-Identifier: Apache-2.0
// The canonical chain is the same while a run is under way and in its record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "chain/src/chain_tracker.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::chain {
namespace {

// g ─ r1 ─ r2 ─┬─ a3 ─ a4
//              ├─ b3
//              └─ c3 ─ c4 ─ c5
const std::vector<std::pair<std::string, std::string>>& Blocks() {
  static const std::vector<std::pair<std::string, std::string>> blocks = {
      {"r1", "g"},  {"r2", "r1"}, {"a3", "r2"}, {"a4", "a3"},
      {"b3", "r2"}, {"c3", "r2"}, {"c4", "c3"}, {"c5", "c4"}};
  return blocks;
}

// By the tips of the nodes; "" for one that is down.
std::string Live(const std::vector<std::string>& tips) {
  ChainTracker tracker("g");
  for (const auto& [id, parent] : Blocks()) tracker.AddBlock({.id = id, .parent = parent});
  for (size_t i = 0; i < tips.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    tips[i].empty() ? tracker.SetDown(node) : tracker.SetTip(node, tips[i], "genesis");
  }
  (void)tracker.Update(RunTime(1));
  return tracker.view().tip;
}

std::string Judged(const std::vector<std::string>& tips) {
  RunRecord record;
  ChainRecord& chain = MutableChainOf(record);
  chain.parameters.genesis = "g";
  for (const auto& [id, parent] : Blocks()) chain.blocks.push_back({.id = id, .parent = parent});
  for (size_t i = 0; i < tips.size(); ++i) {
    record.nodes.push_back({.up_at_end = !tips[i].empty()});
    NodeSample& sample = record.samples.emplace_back();
    sample.node = static_cast<NodeIndex>(i);
    sample.reachable = !tips[i].empty();
    SetState(sample, {.tip = tips[i]});
  }
  const ChainIndex index(record);
  return index.canonical().empty() ? "g" : index.canonical().back()->id;
}

TEST(CanonicalTest, IsOneForLiveAndJudged) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      // Split two, two and one: no branch has half of the nodes.
      {{"a4", "a4", "b3", "b3", "c5"}, "r2"},
      {{"a4", "a3", "c5", "c4", "b3"}, "r2"},
      // Three of five, of which one is ahead.
      {{"a4", "a3", "a3", "c5", "b3"}, "a3"},
      // Half and half: the longer branch, or that with the lower id.
      {{"a4", "a4", "c5", "c5"}, "c5"},
      {{"a3", "a3", "b3", "b3"}, "a3"},
      {{"a4", "r1"}, "a4"},
      {{"a4", "r1", "g"}, "r1"},
      {{"c5", "g", "g"}, "g"},
      // Who is down has no say.
      {{"a4", "", "", "", "b3"}, "a4"},
      {{"b3", "", "b3", "", "c5"}, "b3"},
      // Nor has a block that nobody showed, but its node counts.
      {{"a4", "z9", "z9"}, "g"},
      {{"a4", "a4", "z9"}, "a4"},
  };
  for (const auto& [tips, canonical] : cases) {
    EXPECT_EQ(Live(tips), canonical) << testing::PrintToString(tips);
    EXPECT_EQ(Judged(tips), canonical) << testing::PrintToString(tips);
  }
}

}  // namespace
}  // namespace gtestnet::chain
