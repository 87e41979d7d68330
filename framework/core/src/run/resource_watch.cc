// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/resource_watch.h"

#include <algorithm>
#include <utility>

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{1000};
// A round that takes long is not made as often: up to a tenth of the time goes to it, if it may.
constexpr int kRest = 10;
constexpr milliseconds kLongestInterval{3000};

}  // namespace

absl::StatusOr<std::unique_ptr<ResourceWatch>> ResourceWatch::Start(const BackendCluster& cluster,
                                                                    const Clock& clock,
                                                                    Hooks hooks) {
  const std::vector<NodeInfo> nodes = cluster.nodes();
  std::unique_ptr<ResourceWatch> watch(new ResourceWatch(cluster, clock, std::move(hooks)));
  ResourceWatch& self = *watch;
  if (nodes.empty() || absl::IsUnimplemented(self.LookAt(nodes.front().index))) return nullptr;
  self.thread_ = Thread([&self](const std::stop_token& stop) { self.Run(stop); },
                        [&self](const absl::Status& why) { self.hooks_.give_up(why); });
  if (!self.thread_.status().ok()) return self.thread_.status();
  return watch;
}

void ResourceWatch::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void ResourceWatch::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Clock::TimePoint begun = clock_.Now();
    LookAtAll(stop);
    const Clock::TimePoint now = clock_.Now();
    const auto interval =
        std::clamp<Clock::TimePoint::duration>((now - begun) * kRest, kInterval, kLongestInterval);
    clock_.SleepUntil(begun + interval, stop);
  }
  LookAtAll({});
}

void ResourceWatch::LookAtAll(const std::stop_token& stop) {
  for (const NodeInfo& node : cluster_.nodes()) {
    if (stop.stop_requested()) return;
    if (!cluster_.IsUp(node.index)) continue;
    // At the end nobody waits for what does not answer.
    if (!LookAt(node.index).ok() && !stop.stop_possible()) return;
  }
}

absl::Status ResourceWatch::LookAt(NodeIndex node) {
  const std::optional<int64_t> verbs = hooks_.verbs(node);
  const bool was_up = cluster_.IsUp(node);
  const absl::StatusOr<NodeUsage> usage = cluster_.Usage(node);
  // One that is not there may have ended, of which its cluster tells.
  const bool counts = verbs && was_up && cluster_.IsUp(node) && hooks_.verbs(node) == verbs;
  if (!usage.ok() || !counts) return usage.status();
  std::optional<RunTime> since;
  if (usage->since) since = std::chrono::floor<RunTime>(*usage->since - cluster_.chain_start());
  std::optional<NodeEvent> restart = log_.Take(node, hooks_.now(), *verbs, *usage, since);
  if (restart) hooks_.record(*std::move(restart));
  return absl::OkStatus();
}

}  // namespace gtestnet
