// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/sample.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gtestnet::chain {
namespace {

int64_t Whole(const NodeSample& sample, const char* name) {
  return static_cast<int64_t>(sample.numbers.Get(name));
}

}  // namespace

// In the order of the names, for which nothing has to make way.
void SetState(NodeSample& sample, const State& state) {
  sample.numbers.reserve(5);
  sample.numbers["finalised_height"] = static_cast<double>(state.finalised_height);
  sample.numbers["height"] = static_cast<double>(state.height);
  sample.numbers["mempool"] = static_cast<double>(state.mempool);
  sample.numbers["peers"] = static_cast<double>(state.peers);
  sample.numbers["slot"] = static_cast<double>(state.slot);
  sample.words.reserve(2);
  sample.words["finalised"] = state.finalised;
  sample.words["tip"] = state.tip;
}

State StateOf(const NodeSample& sample) {
  return {.tip = TipOf(sample),
          .slot = SlotOf(sample),
          .height = HeightOf(sample),
          .finalised = FinalisedOf(sample),
          .finalised_height = FinalisedHeightOf(sample),
          .peers = PeersOf(sample),
          .mempool = MempoolOf(sample)};
}

const std::string& TipOf(const NodeSample& sample) { return sample.words.Get("tip"); }
int64_t SlotOf(const NodeSample& sample) { return Whole(sample, "slot"); }
int64_t HeightOf(const NodeSample& sample) { return Whole(sample, "height"); }
const std::string& FinalisedOf(const NodeSample& sample) { return sample.words.Get("finalised"); }
int64_t FinalisedHeightOf(const NodeSample& sample) { return Whole(sample, "finalised_height"); }
int64_t PeersOf(const NodeSample& sample) { return Whole(sample, "peers"); }
int64_t MempoolOf(const NodeSample& sample) { return Whole(sample, "mempool"); }

std::string BelowTheHighest(const NodeSample& sample, const Snapshot& snapshot) {
  constexpr int64_t kLevel = 2;
  int64_t highest = 0;
  for (const NodeSample& one : snapshot.nodes) {
    if (one.reachable) highest = std::max(highest, HeightOf(one));
  }
  if (HeightOf(sample) + kLevel >= highest) return "";
  return absl::StrCat("the highest node is at ", highest);
}

}  // namespace gtestnet::chain
