// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/run_view.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/derived.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

RunView::RunView(const RunRecord& record)
    : record_(record),
      chains_(Derived<chain::ChainIndex>(record)),
      uptime_(record),
      at_end_(record.AtEnd()),
      of_node_(record.nodes.size()) {
  height_.reserve(record.samples.size());
  highest_.reserve(record.samples.size());
  int64_t highest = 0;
  // Many nodes in a row have the same tip.
  std::string_view tip;
  int64_t tip_height = chains_->HeightOf(tip);
  for (const NodeSample& sample : record.samples) {
    has_online_ = has_online_ || sample.status == "Online";
    if (sample.reachable && chain::TipOf(sample) != tip) {
      tip = chain::TipOf(sample);
      tip_height = chains_->HeightOf(tip);
    }
    const int64_t height = sample.reachable ? tip_height : -1;
    highest = std::max(highest, height);
    height_.push_back(height);
    highest_.push_back(highest);
    const auto node = static_cast<size_t>(sample.node);
    if (height >= 0 && node < of_node_.size()) of_node_[node].push_back(&sample);
  }
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const NodeSample& last = at_end_.nodes[i];
    end_height_.push_back(last.reachable ? chains_->HeightOf(chain::TipOf(last)) : -1);
    if (record.nodes[i].up_at_end) up_at_end_.push_back(static_cast<NodeIndex>(i));
  }
}

bool RunView::IsSynced(const NodeSample& sample) const {
  const int64_t height = HeightOf(sample);
  const bool takes_part =
      has_online_ ? sample.status == "Online" : sample.status != "Bootstrapping";
  return takes_part && height >= 0 && height >= HighestBy(sample) - kLevel;
}

std::optional<int64_t> RunView::HeightAt(NodeIndex node, RunTime at) const {
  const std::vector<const NodeSample*>& samples = SamplesOf(node);
  const auto later = std::upper_bound(samples.begin(), samples.end(), at,
                                      [](RunTime t, const NodeSample* s) { return t < s->at; });
  if (later == samples.begin()) return std::nullopt;
  return HeightOf(**(later - 1));
}

std::optional<NodeIndex> RunView::HighestAtEnd() const {
  std::optional<NodeIndex> highest;
  for (NodeIndex node : up_at_end_) {
    if (HeightAtEnd(node) < 0) continue;
    if (!highest || HeightAtEnd(node) > HeightAtEnd(*highest)) highest = node;
  }
  return highest;
}

std::vector<std::string> RunView::DownOnPurpose() const {
  std::vector<std::string> down;
  for (size_t i = 0; i < record_.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    if (record_.nodes[i].up_at_end) continue;
    const NodeEvent* event = uptime_.TakenDownBy(node);
    if (event == nullptr || event->at <= record_.begun) {
      down.push_back(absl::StrCat(NameOf(node), " (never started)"));
    } else if (event->kind != NodeEventKind::kExited) {
      down.push_back(absl::StrCat(NameOf(node), " (", View(ToString(event->kind)),
                                  event->cause.empty() ? "" : " by ", event->cause, " at ",
                                  InSeconds(event->at), ")"));
    }
  }
  return down;
}

std::vector<std::string> RunView::DownUnasked() const {
  std::vector<std::string> down;
  for (size_t i = 0; i < record_.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const NodeEvent* event = uptime_.TakenDownBy(node);
    if (record_.nodes[i].up_at_end || event == nullptr) continue;
    if (event->kind != NodeEventKind::kExited) continue;
    down.push_back(absl::StrCat(NameOf(node), " exited at ", InSeconds(event->at),
                                " unasked: ", FirstLine(event->detail)));
  }
  return down;
}

std::string RunView::Silence(NodeIndex node) const {
  const auto& samples = record_.samples;
  const auto answered = std::find_if(samples.rbegin(), samples.rend(), [node](const NodeSample& s) {
    return s.node == node && s.reachable;
  });
  if (answered == samples.rend()) return absl::StrCat(NameOf(node), " never answered");
  if (at_end_.nodes[static_cast<size_t>(node)].reachable) {
    return absl::StrCat(NameOf(node), " tells a tip that is in no chain from genesis, ",
                        Short(chain::TipOf(*answered)));
  }
  return absl::StrCat(NameOf(node), " is up but has not answered since ", InSeconds(answered->at));
}

}  // namespace gtestnet::matching
