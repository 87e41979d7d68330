// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "gtestnet/nomos/node_values.h"
#include "matchers/chain/src/leaders.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/nomos/src/participation.h"
#include "matchers/nomos/src/statistics.h"

namespace gtestnet::nomos {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Participation;
using matching::RunView;
using matching::Stretch;
using matching::Trials;

// The chance that an honest run is called dishonest, over all leaders and both tails.
constexpr double kFalseAlarm = 1e-6;
// Of the slots that a leader wins alone, so many have its block in the chain: forks may cost some.
constexpr double kKept = 0.9;

// What one leader could do and did.
struct Leader {
  NodeIndex node = 0;
  int64_t blocks = 0;
  std::vector<Trials> alone;  // slots, with the chance that it alone wins
  std::vector<Trials> wins;   // the same slots, with the chance that it wins
};

// Whether all leaders that take part could see each other.
bool IsWhole(const Stretch& s) {
  int part = -1;
  for (size_t i = 0; i < s.part.size(); ++i) {
    if (!s.takes_part[i]) continue;
    if (part >= 0 && s.part[i] != part) return false;
    part = s.part[i];
  }
  return true;
}

void Add(const Participation& participation, const Stretch& s, int64_t slots, Leader& leader) {
  if (slots <= 0 || !s.takes_part[static_cast<size_t>(leader.node)]) return;
  const double win = participation.WinChance(participation.StakeOf(leader.node));
  // Nobody of the others wins: (1 - f) to the power of their stake.
  const double others =
      s.stake[static_cast<size_t>(leader.node)] - participation.StakeOf(leader.node);
  leader.wins.push_back({slots, win});
  leader.alone.push_back({slots, kKept * win * (1 - participation.WinChance(others))});
}

// Blocks of the chain by leaders that cannot be: not of the topology, or without stake.
std::vector<std::string> Impostors(const RunView& view) {
  std::vector<std::string> wrong;
  for (const chain::BlockRecord* block : view.chains().canonical()) {
    if (block->leader < 0) {
      wrong.push_back(absl::StrCat("block ", matching::Short(block->id), " at height ",
                                   block->height, " is by no node of the topology"));
    } else if (StakeOf(view.record().nodes[static_cast<size_t>(block->leader)]) == 0) {
      wrong.push_back(absl::StrCat("block ", matching::Short(block->id), " at height ",
                                   block->height, " is by ", view.NameOf(block->leader),
                                   ", which has no stake"));
    }
  }
  return wrong;
}

std::vector<Leader> Count(const RunView& view, const Participation& participation) {
  std::vector<Leader> leaders;
  std::vector<int> place(view.record().nodes.size(), -1);
  for (size_t i = 0; i < place.size(); ++i) {
    if (StakeOf(view.record().nodes[i]) == 0) continue;
    place[i] = static_cast<int>(leaders.size());
    leaders.push_back({static_cast<NodeIndex>(i), 0, {}, {}});
  }
  const auto& chain = view.chains().canonical();
  if (chain.empty()) return leaders;
  // Slots after the tip's say nothing: their blocks may not have been seen.
  const int64_t end = chain.back()->slot + 1;
  size_t next = 0;
  for (const Stretch& s : participation.stretches()) {
    while (next < chain.size() && chain[next]->slot < s.first_slot) ++next;
    if (!IsWhole(s)) continue;
    const int64_t slots = std::min(end, s.end_slot) - s.first_slot;
    for (Leader& leader : leaders) Add(participation, s, slots, leader);
    for (; next < chain.size() && chain[next]->slot < s.end_slot; ++next) {
      const NodeIndex node = chain[next]->leader;
      if (node < 0 || place[static_cast<size_t>(node)] < 0) continue;
      if (s.takes_part[static_cast<size_t>(node)]) {
        ++leaders[static_cast<size_t>(place[static_cast<size_t>(node)])].blocks;
      }
    }
  }
  return leaders;
}

// Even the leader that is most often alone in a slot may have made no block.
Finding TooShort(const Participation& participation, const std::vector<Leader>& leaders,
                 double alpha) {
  double most = 0;
  for (const Leader& leader : leaders) {
    const int64_t slots = matching::Count(leader.alone);
    if (slots > 0) most = std::max(most, matching::Mean(leader.alone) / static_cast<double>(slots));
  }
  std::string words = absl::StrCat("the run is too short: in ",
                                   Counted(matching::Count(leaders.front().wins), "slot"),
                                   " any leader may have made no block");
  if (most > 0 && most < 1) {
    // Two more, as only whole slots count.
    const double needed = std::ceil(std::log(alpha) / std::log1p(-most)) + 2;
    const int64_t blocks = matching::RoundedUp(needed * participation.active_slot_coefficient());
    absl::StrAppend(&words, "; Blocks(", blocks, ") would be enough");
  }
  return matching::NothingToJudge(words);
}

Finding Judge(const RunRecord& record) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const Participation participation(view);
  const std::vector<Leader> leaders = Count(view, participation);
  if (leaders.size() < 2) {
    return matching::NothingToJudge(absl::StrCat(
        Counted(static_cast<int64_t>(leaders.size()), "node"), " with stake, and it takes two"));
  }
  const double alpha = kFalseAlarm / 2 / static_cast<double>(leaders.size());
  std::vector<std::string> wrong = matching::TwoBlocksInASlot(view);
  for (std::string& led : matching::LedWhileDown(view)) wrong.push_back(std::move(led));
  for (std::string& impostor : Impostors(view)) wrong.push_back(std::move(impostor));
  std::vector<std::string> words;
  std::vector<std::string> explained;
  bool telling = false;
  for (const Leader& leader : leaders) {
    const int64_t least = matching::LowerQuantile(leader.alone, alpha);
    const int64_t most = matching::UpperQuantile(leader.wins, alpha);
    telling = telling || least > 0;
    words.push_back(absl::StrCat(
        view.NameOf(leader.node), " (", matching::Rounded(100 * participation.StakeOf(leader.node)),
        " % of the stake) made ", Counted(leader.blocks, "block"), " in ",
        Counted(matching::Count(leader.wins), "slot"), " (explained: ", least, " to ", most, ")"));
    const bool is_explained = least <= leader.blocks && leader.blocks <= most;
    (is_explained ? explained : wrong).push_back(words.back());
  }
  if (!wrong.empty()) {
    // What one leader has too much, another lacks.
    const bool tells_others = !explained.empty() && explained.size() < leaders.size();
    return {false, absl::StrCat(matching::Joined(wrong), tells_others ? "; of the others, " : "",
                                tells_others ? matching::Joined(explained) : "")};
  }
  if (!telling) return TooShort(participation, leaders, alpha);
  return {true, matching::Joined(words)};
}

}  // namespace

bool LeadsByStakeMatcher::MatchAndExplain(const RunRecord& record,
                                          testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void LeadsByStakeMatcher::DescribeTo(std::ostream* os) const {
  *os << "leads by stake: each leader made a number of blocks that its stake explains, but for a "
         "chance of 1e-6";
}

void LeadsByStakeMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't lead by stake: a leader made a number of blocks that its stake doesn't explain, "
         "but for a chance of 1e-6";
}

LeadsByStakeMatcher LeadsByStake() { return {}; }

}  // namespace gtestnet::nomos
