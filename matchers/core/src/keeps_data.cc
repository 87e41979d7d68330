// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/life_matchers.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {
namespace {

using matching::Finding;

// What a node told of its number, when.
struct Told {
  RunTime at{0};
  double value = 0;
};

std::vector<Told> ToldBy(const RunRecord& record, NodeIndex node, const std::string& name) {
  std::vector<Told> told;
  for (const NodeSample& sample : record.samples) {
    if (sample.node != node || !sample.reachable) continue;
    const double* const value = sample.numbers.Find(name);
    if (value != nullptr) told.push_back({sample.at, *value});
  }
  return told;
}

bool TakesDown(NodeEventKind kind) {
  return kind == NodeEventKind::kStopped || kind == NodeEventKind::kKilled ||
         kind == NodeEventKind::kExited;
}

// Of a pod that was deleted without a claim to keep it.
bool StorageIsGone(const NodeEvent& event) {
  return event.detail.find("what it had stored with it") != std::string::npos;
}

// One node that came back again and again.
class Returns {
 public:
  Returns(const RunRecord& record, NodeIndex node)
      : node_(record.nodes[static_cast<size_t>(node)]),
        told_(ToldBy(record, node, node_.persists)) {
    const NodeEvent* down = nullptr;
    for (const NodeEvent& event : record.events) {
      if (event.node != node) continue;
      if (TakesDown(event.kind)) {
        if (down == nullptr) down = &event;
      } else if (event.kind == NodeEventKind::kStarted && down != nullptr) {
        if (!StorageIsGone(*down)) Take(*down, event);
        down = nullptr;
      } else if (event.kind == NodeEventKind::kRestarted) {
        Take(event, event);
      }
    }
  }

  int came_back() const { return came_back_; }
  int judged() const { return judged_; }
  const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  void Take(const NodeEvent& down, const NodeEvent& up) {
    ++came_back_;
    const auto after = std::lower_bound(told_.begin(), told_.end(), up.at,
                                        [](const Told& t, RunTime at) { return t.at < at; });
    auto before = std::upper_bound(told_.begin(), told_.end(), down.at,
                                   [](RunTime at, const Told& t) { return at < t.at; });
    // Of one that restarted by itself, what it told at that instant is of the new life.
    while (before != told_.begin() && &down == &up && (before - 1)->at == down.at) --before;
    if (after == told_.end() || before == told_.begin()) return;
    const Told& last = *(before - 1);
    ++judged_;
    if (after->value >= last.value) return;
    wrong_.push_back(absl::StrCat(node_.name, ", ", matching::View(ToString(up.kind)), " at ",
                                  matching::InSeconds(up.at), ", answered first with ",
                                  node_.persists, " ", FormatNumber(after->value), " (at ",
                                  matching::InSeconds(after->at), "), and had told ",
                                  FormatNumber(last.value), " at ", matching::InSeconds(last.at)));
    if (&down != &up) {
      absl::StrAppend(&wrong_.back(), ", before it was ", matching::View(ToString(down.kind)),
                      " at ", matching::InSeconds(down.at));
    }
  }

  const NodeRecord& node_;
  const std::vector<Told> told_;
  int came_back_ = 0;
  int judged_ = 0;
  std::vector<std::string> wrong_;
};

Finding Judge(const RunRecord& record) {
  bool any_number = false;
  int came_back = 0;
  int judged = 0;
  std::vector<std::string> wrong;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (record.nodes[i].persists.empty()) continue;
    any_number = true;
    const Returns returns(record, static_cast<NodeIndex>(i));
    came_back += returns.came_back();
    judged += returns.judged();
    wrong.insert(wrong.end(), returns.wrong().begin(), returns.wrong().end());
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (!any_number) {
    return matching::NothingToJudge("of no node is a number known that outlives a restart");
  }
  if (came_back == 0) return matching::NothingToJudge("no node came back");
  if (judged == 0) {
    return matching::NothingToJudge(
        "no node that came back told before and after what it must keep");
  }
  return {true, absl::StrCat("each node that came back had what it had told before (",
                             matching::Counted(judged, "return"), ")")};
}

}  // namespace

bool KeepsItsDataMatcher::MatchAndExplain(const RunRecord& record,
                                          testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void KeepsItsDataMatcher::DescribeTo(std::ostream* os) const {
  *os << "keeps its data: each node that came back answered first with at least what it had told "
         "last of the number that outlives a restart";
}

void KeepsItsDataMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "loses data: a node that came back answered first with less than what it had told last of "
         "the number that outlives a restart";
}

KeepsItsDataMatcher KeepsItsData() { return {}; }

}  // namespace gtestnet
