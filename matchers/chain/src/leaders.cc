// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/leaders.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {
namespace {

using chain::BlockRecord;
using chain::ChainRecord;

// The run's own program may stand still between the word to take a node down and its end.
constexpr RunTime kWindDown{5000};
constexpr RunTime kStop{15'000};
constexpr RunTime kStart{15'000};

const ChainRecord& ChainOf(const RunView& view) { return *chain::ChainOf(view.record()); }

RunTime SlotOf(const RunView& view) {
  return std::max(ChainOf(view).parameters.pace.slot, RunTime(1));
}

// Who showed a block as its tip before all others: most likely its maker. "nobody" if it was no
// tip.
std::string FirstToShow(const RunView& view, const std::string& block) {
  for (const NodeSample& sample : view.record().samples) {
    if (sample.reachable && chain::TipOf(sample) == block) return view.NameOf(sample.node);
  }
  return "nobody";
}

// Whether the leader was up in that slot, and had been for two.
bool WasUpIn(const RunView& view, const BlockRecord& block) {
  const RunTime slot = SlotOf(view);
  const std::vector<Interval>& up = view.uptime().Of(block.leader);
  return std::any_of(up.begin(), up.end(), [&](const Interval& i) {
    const int64_t first = i.begun_by == nullptr ? 0 : i.from / slot + 2;
    return first <= block.slot && block.slot < i.to / slot;
  });
}

// When a node was surely down: from, and not including, to.
struct Down {
  RunTime from{0};
  RunTime to{0};
  const NodeEvent* by = nullptr;
  RunTime up_at{0};  // as the run noted it
};

std::vector<Down> DownTimes(const RunView& view, NodeIndex node) {
  const RunRecord& record = view.record();
  std::vector<Down> down;
  bool is_down = false;
  for (const NodeEvent& event : record.events) {
    if (event.node != node) continue;
    switch (event.kind) {
      case NodeEventKind::kStopped:
      case NodeEventKind::kKilled:
      case NodeEventKind::kPaused:
      case NodeEventKind::kExited: {
        const RunTime after = event.kind == NodeEventKind::kStopped ? kStop : kWindDown;
        if (is_down) {
          down.back().from = std::max(down.back().from, event.at + after);
          continue;
        }
        is_down = true;
        down.push_back({event.at + after, record.closed, &event, record.closed});
        continue;
      }
      default:
        break;
    }
    if (is_down) {
      down.back().up_at = event.at;
      down.back().to = event.at - (event.kind == NodeEventKind::kResumed ? kWindDown : kStart);
    }
    is_down = false;
  }
  // What happened while the run's own program stood still, it cannot date.
  for (Down& one : down) {
    for (const ClockEvent& event : record.clock) {
      if (event.at >= one.by->at && event.since <= one.from) {
        one.from = std::max(one.from, event.at + kWindDown);
      }
      if (event.at >= one.to && event.since <= one.up_at && one.up_at < record.closed) {
        one.to = std::min(one.to, event.since - kWindDown);
      }
    }
  }
  return down;
}

}  // namespace

std::vector<std::string> TwoBlocksInASlot(const RunView& view) {
  std::vector<std::string> wrong;
  std::map<std::pair<NodeIndex, int64_t>, const BlockRecord*> first;
  std::vector<bool> told(view.record().nodes.size());
  for (const BlockRecord& block : ChainOf(view).blocks) {
    if (block.leader < 0 || told[static_cast<size_t>(block.leader)]) continue;
    const auto [it, is_new] = first.try_emplace({block.leader, block.slot}, &block);
    if (is_new || !WasUpIn(view, block)) continue;
    told[static_cast<size_t>(block.leader)] = true;
    wrong.push_back(absl::StrCat(
        "two blocks for slot ", block.slot, " are by the key of ", view.NameOf(block.leader), ": ",
        Short(it->second->id), ", which ", FirstToShow(view, it->second->id), " showed first, and ",
        Short(block.id), ", which ", FirstToShow(view, block.id), " showed first"));
  }
  return wrong;
}

std::vector<std::string> LedWhileDown(const RunView& view) {
  const RunTime slot = SlotOf(view);
  std::vector<std::string> wrong;
  for (size_t i = 0; i < view.record().nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const std::vector<Down> down = DownTimes(view, node);
    if (down.empty()) continue;
    int64_t blocks = 0;
    std::string first;
    std::map<std::string, int64_t> shown_by;
    for (const BlockRecord& block : ChainOf(view).blocks) {
      if (block.leader != node) continue;
      const auto during = std::find_if(down.begin(), down.end(), [&](const Down& one) {
        return one.from <= block.slot * slot && (block.slot + 1) * slot <= one.to;
      });
      if (during == down.end()) continue;
      ++shown_by[FirstToShow(view, block.id)];
      if (++blocks > 1) continue;
      first = absl::StrCat("block ", Short(block.id), " of slot ", block.slot, " is by the key of ",
                           view.NameOf(node), ", which was ", View(ToString(during->by->kind)),
                           " at ", InSeconds(during->by->at));
    }
    if (blocks == 0) continue;
    const auto most =
        std::max_element(shown_by.begin(), shown_by.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    wrong.push_back(absl::StrCat(first, " (", Counted(blocks, "block"), " like that, of which ",
                                 most->first, " showed ", most->second, " first)"));
  }
  return wrong;
}

std::vector<std::string> SlotsOutOfOrder(const RunView& view) {
  int64_t count = 0;
  std::string first;
  for (const BlockRecord& block : ChainOf(view).blocks) {
    const BlockRecord* parent = view.chains().Find(block.parent);
    const int64_t before = parent == nullptr ? -1 : parent->slot;
    if (block.slot > before || ++count > 1) continue;
    first = absl::StrCat("block ", Short(block.id), " of slot ", block.slot, ", which ",
                         FirstToShow(view, block.id), " showed first, is not after its parent ",
                         Short(block.parent), " of slot ", before);
  }
  if (count == 0) return {};
  if (count > 1) absl::StrAppend(&first, " (", count, " blocks like that)");
  return {first};
}

}  // namespace gtestnet::matching
