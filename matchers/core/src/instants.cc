// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/instants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::matching {
namespace {

bool TakesDown(NodeEventKind kind) {
  return kind == NodeEventKind::kStopped || kind == NodeEventKind::kKilled ||
         kind == NodeEventKind::kPaused || kind == NodeEventKind::kExited;
}

// "(paused by pauses at 1.200 s)", of the last event before that time; empty if it was none that
// somebody made on purpose during the run.
std::string DoneBy(const NodeEvent* event) {
  if (event == nullptr || event->cause == "deployer") return "";
  const std::string by = event->cause.empty() ? "" : absl::StrCat(" by ", event->cause);
  return absl::StrCat(" (", View(ToString(event->kind)), by, " at ", InSeconds(event->at), ")");
}

}  // namespace

Instants::Instants(const RunRecord& record) : record_(record), now_(record.At(record.begun)) {
  next_ = static_cast<size_t>(
      std::upper_bound(record.samples.begin(), record.samples.end(), record.begun,
                       [](RunTime t, const NodeSample& s) { return t < s.at; }) -
      record.samples.begin());
  const Uptime uptime(record);
  const std::vector<NodeSample>& samples = record.samples;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const bool sampled =
        std::any_of(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(next_),
                    [=](const NodeSample& s) { return s.node == node; });
    if (!sampled && uptime.IsUp(node, record.begun)) awaited_.push_back(node);
  }
  while (!awaited_.empty() && Step()) {
  }
  TakeLines();
}

bool Instants::Advance() {
  now_.lines.clear();
  if (!Step()) return false;
  TakeLines();
  return true;
}

void Instants::TakeLines() {
  const bool last = next_ >= record_.samples.size();
  const std::vector<LogLine>& lines = record_.logs;
  while (next_line_ < lines.size() && (last || lines[next_line_].at <= now_.at)) {
    now_.lines.push_back(lines[next_line_++]);
  }
}

bool Instants::Step() {
  if (next_ >= record_.samples.size()) return false;
  now_.at = record_.samples[next_].at;
  Forget(now_.at);
  for (; next_ < record_.samples.size() && record_.samples[next_].at == now_.at; ++next_) {
    const NodeSample& sample = record_.samples[next_];
    now_.nodes[static_cast<size_t>(sample.node)] = sample;
    std::erase(now_.unseen, sample.node);
    awaited_.erase(std::remove(awaited_.begin(), awaited_.end(), sample.node), awaited_.end());
  }
  return true;
}

void Instants::Forget(RunTime until) {
  for (; next_event_ < record_.events.size(); ++next_event_) {
    const NodeEvent& event = record_.events[next_event_];
    if (event.at > until) return;
    NodeSample& known = now_.nodes[static_cast<size_t>(event.node)];
    if (event.cause == "deployer" || known.at >= event.at) continue;
    known = {.at = known.at, .node = event.node};
    if (std::ranges::find(now_.unseen, event.node) == now_.unseen.end()) {
      now_.unseen.push_back(event.node);
    }
  }
}

std::string Instants::Missing() const {
  if (awaited_.empty()) return "the record has no samples";
  return absl::StrCat("the record has no sample of ",
                      record_.nodes[static_cast<size_t>(awaited_.front())].name);
}

std::string Explanation(const Snapshot& snapshot, const testing::Matcher<const Snapshot&>& inner) {
  testing::StringMatchResultListener listener;
  JudgeBy(inner, snapshot, &listener);
  if (!listener.str().empty()) return absl::StrCat("one ", listener.str());
  return testing::PrintToString(snapshot);
}

Finding NothingToJudgeAt(const Snapshot& snapshot, const Judgement& judgement) {
  return {false, absl::StrCat("in the snapshot at ", InSeconds(snapshot.at), " ", judgement.why),
          false};
}

std::string FaultsAt(const RunRecord& record, RunTime at) {
  std::vector<const NodeEvent*> last(record.nodes.size(), nullptr);
  for (const NodeEvent& event : record.events) {
    if (event.at <= at) last[static_cast<size_t>(event.node)] = &event;
  }
  std::vector<std::string> active;
  for (size_t i = 0; i < last.size(); ++i) {
    if (last[i] == nullptr) continue;
    const std::string done_by = DoneBy(last[i]);
    if (done_by.empty()) continue;
    const bool down = TakesDown(last[i]->kind);
    // One that came up counts as long as its fault's workload saw it behind.
    const bool behind =
        !down && std::any_of(record.faults.begin(), record.faults.end(), [&](const FaultRecord& f) {
          return f.node == static_cast<NodeIndex>(i) && f.workload == last[i]->cause &&
                 f.at <= last[i]->at && at < last[i]->at + f.recovered_after.value_or(RunTime{0});
        });
    if (!down && !behind) continue;
    active.push_back(
        absl::StrCat(record.nodes[i].name, down ? " was down" : " was catching up", done_by));
  }
  return active.empty() ? "" : absl::StrCat("; at that moment ", Joined(active, ", "));
}

}  // namespace gtestnet::matching
