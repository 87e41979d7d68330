// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/sample_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kLongestRepeat = std::chrono::minutes(10);

bool SaySame(const NodeSample& a, NodeSample b) {
  b.at = a.at;
  return a == b;
}

// Keeps every second of those for which `spare` holds.
template <class T, class Spare>
void DropEverySecond(std::vector<T>& all, Spare spare) {
  bool keep = true;  // the first one too
  std::erase_if(all, [&](const T& one) { return spare(one) && !std::exchange(keep, !keep); });
}

template <class T>
void AddInOrder(std::vector<T>& all, T one) {
  auto place = std::upper_bound(all.begin(), all.end(), one,
                                [](const T& a, const T& b) { return a.at < b.at; });
  all.insert(place, std::move(one));
}

}  // namespace

void SampleStore::Add(NodeSample sample) {
  auto [it, first] = nodes_.try_emplace(sample.node);
  Node& node = it->second;
  const bool old = first || sample.at - node.kept_at >= limits_.repeat_sample;
  // How long a silence was is known by the answers before and after it.
  const bool falls_silent = !first && node.latest.reachable && !sample.reachable;
  if (falls_silent && !node.latest_kept) AddInOrder(samples_, node.latest);
  node.latest_kept = old || !SaySame(node.latest, sample);
  node.latest = sample;
  if (!node.latest_kept) return;
  node.kept_at = sample.at;
  if (samples_.size() >= limits_.samples) ThinSamples();
  samples_.push_back(std::move(sample));
}

void SampleStore::Add(MetricSample metric) {
  auto [it, first] = series_[metric.node].try_emplace(metric.series);
  Series& series = it->second;
  const bool old = first || metric.at - series.kept_at >= limits_.repeat_metric;
  series.latest_kept = old || series.latest.value != metric.value;
  series.latest = metric;
  if (!series.latest_kept) return;
  series.kept_at = metric.at;
  if (metrics_.size() >= limits_.metrics) ThinMetrics();
  metrics_.push_back(std::move(metric));
}

void SampleStore::ThinSamples() {
  // First those that tell nothing new in words, which is the tip of a chain or who leads.
  struct Told {
    std::string status;
    Words words;
    bool operator==(const Told&) const = default;
  };
  std::vector<bool> before_silence(samples_.size(), false);
  std::map<NodeIndex, bool> silent;  // in the next sample
  for (size_t i = samples_.size(); i-- > 0;) {
    before_silence[i] = std::exchange(silent[samples_[i].node], !samples_[i].reachable);
  }
  std::map<NodeIndex, Told> last;
  size_t i = 0;
  std::erase_if(samples_, [&](const NodeSample& sample) {
    Told told{sample.status, sample.words};
    auto [it, first] = last.try_emplace(sample.node, told);
    const bool says_same = !first && std::exchange(it->second, told) == told;
    return !before_silence[i++] && says_same && sample.reachable;
  });
  limits_.repeat_sample = std::min(limits_.repeat_sample * 2, kLongestRepeat);
  if (samples_.size() <= limits_.samples / 4 * 3) return;
  DropEverySecond(samples_, [](const NodeSample&) { return true; });
}

void SampleStore::ThinMetrics() {
  DropEverySecond(metrics_, [](const MetricSample&) { return true; });
  limits_.repeat_metric = std::min(limits_.repeat_metric * 2, kLongestRepeat);
}

const NodeSample* SampleStore::Latest(NodeIndex node) const {
  auto it = nodes_.find(node);
  return it == nodes_.end() ? nullptr : &it->second.latest;
}

std::vector<NodeSample> SampleStore::AllSamples() const {
  std::vector<NodeSample> all = samples_;
  for (const auto& [index, node] : nodes_) {
    if (!node.latest_kept) AddInOrder(all, node.latest);
  }
  return all;
}

std::vector<MetricSample> SampleStore::AllMetrics() const {
  std::vector<MetricSample> all = metrics_;
  std::vector<MetricSample> rest;
  for (const auto& [index, node] : series_) {
    for (const auto& [name, series] : node) {
      if (!series.latest_kept) rest.push_back(series.latest);
    }
  }
  std::sort(rest.begin(), rest.end(), [](const MetricSample& a, const MetricSample& b) {
    return std::tie(a.at, a.node, a.series) < std::tie(b.at, b.node, b.series);
  });
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  all.insert(all.end(), rest.begin(), rest.end());
  std::inplace_merge(all.begin(), all.begin() + middle, all.end(),
                     [](const MetricSample& a, const MetricSample& b) { return a.at < b.at; });
  return all;
}

}  // namespace gtestnet
