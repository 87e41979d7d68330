// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/resource_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet {
namespace {

// Where a number is more than this, it is one that cannot have been meant.
constexpr double kMost = 9e15;

}  // namespace

std::optional<NodeEvent> ResourceLog::Take(NodeIndex index, RunTime at, int64_t verbs,
                                           const NodeUsage& usage, std::optional<RunTime> since) {
  Node& node = nodes_[index];
  std::optional<NodeEvent> restart;
  if (node.verbs != verbs) {
    node.verbs = verbs;
    node.process = usage.process;
    node.restarts = usage.restarts;
    ++node.life;
  } else {
    std::string detail;
    if (usage.restarts > node.restarts) {
      detail = absl::StrCat("it was restarted ", usage.restarts - node.restarts,
                            " times since it was last looked at");
    }
    if (!usage.process.empty() && !node.process.empty() && usage.process != node.process) {
      detail = absl::StrCat(usage.process, " runs instead of ", node.process);
    }
    if (!detail.empty()) {
      const RunTime begun = std::clamp(since.value_or(at), std::min(node.seen, at), at);
      restart = NodeEvent{begun, index, NodeEventKind::kRestarted, "", std::move(detail)};
      ++node.life;
    }
    if (!usage.process.empty()) node.process = usage.process;
    node.restarts = std::max(node.restarts, usage.restarts);
  }
  node.seen = at;
  Kept kept{{at, index, {}}, node.life};
  for (const auto& [name, value] : usage.values) {
    if (value >= 0 && value <= kMost) kept.sample.values[name] = value;
  }
  if (usage.frozen) kept.sample.values["frozen"] = 1;
  if (kept.sample.values.empty()) return restart;
  if (kept_.size() >= most_) Thin();
  kept_.push_back(std::move(kept));
  return restart;
}

void ResourceLog::Thin() {
  std::map<NodeIndex, size_t> open;  // the earlier one of a pair, by its place
  std::vector<bool> gone(kept_.size(), false);
  for (size_t i = 0; i < kept_.size(); ++i) {
    Kept& later = kept_[i];
    const auto [pair, first] = open.try_emplace(later.sample.node, i);
    if (first) continue;
    const Kept& earlier = kept_[pair->second];
    if (earlier.life != later.life) {
      pair->second = i;
      continue;
    }
    for (const auto& [name, value] : earlier.sample.values) {
      const double* const other = later.sample.values.Find(name);
      if (other == nullptr || *other < value) later.sample.values[name] = value;
    }
    gone[pair->second] = true;
    open.erase(pair);
  }
  size_t i = 0;
  std::erase_if(kept_, [&](const Kept&) { return gone[i++]; });
}

std::vector<ResourceSample> ResourceLog::Samples() const {
  std::vector<ResourceSample> samples;
  samples.reserve(kept_.size());
  for (const Kept& kept : kept_) samples.push_back(kept.sample);
  return samples;
}

}  // namespace gtestnet
