// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/sweep.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/deployer/compose/labels.h"
#include "gtestnet/clock.h"

namespace gtestnet::compose {
namespace {

constexpr std::chrono::milliseconds kRetry{50};

std::string Counted(size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace

std::string Remains::ToString() const {
  std::vector<std::string> parts;
  if (!containers.empty()) {
    std::vector<std::string> names;
    for (const docker::Container& container : containers) names.push_back(container.name);
    parts.push_back("containers " + absl::StrJoin(names, ", "));
  }
  if (!networks.empty()) parts.push_back(Counted(networks.size(), "network"));
  if (!volumes.empty()) parts.push_back(Counted(volumes.size(), "volume"));
  return absl::StrJoin(parts, "; ");
}

absl::StatusOr<Remains> FindRemains(const docker::Engine& engine, const std::string& run_id) {
  // Without a value, a label would stand for all runs.
  if (run_id.empty()) return InvalidArgument("the run has no id");
  const docker::Labels of_run = {{kRunLabel, run_id}};
  Remains remains;
  GTESTNET_ASSIGN_OR_RETURN(remains.containers, engine.List(of_run));
  GTESTNET_ASSIGN_OR_RETURN(remains.networks, engine.Networks(of_run));
  GTESTNET_ASSIGN_OR_RETURN(remains.volumes, engine.Volumes(of_run));
  return remains;
}

absl::StatusOr<std::map<std::string, Remains>> FindAllRemains(const docker::Engine& engine) {
  const docker::Labels of_any = {{kRunLabel, ""}};
  GTESTNET_ASSIGN_OR_RETURN(std::vector<docker::Container> containers, engine.List(of_any));
  GTESTNET_ASSIGN_OR_RETURN(std::vector<docker::Resource> networks, engine.Networks(of_any));
  GTESTNET_ASSIGN_OR_RETURN(std::vector<docker::Resource> volumes, engine.Volumes(of_any));
  std::erase_if(containers, [](const auto& one) { return one.labels.contains(kPodLabel); });
  std::map<std::string, Remains> all;
  for (auto& one : containers) all[one.labels[kRunLabel]].containers.push_back(std::move(one));
  for (auto& one : networks) all[one.labels[kRunLabel]].networks.push_back(std::move(one));
  for (auto& one : volumes) all[one.labels[kRunLabel]].volumes.push_back(std::move(one));
  all.erase("");
  return all;
}

absl::Status Remove(const docker::Engine& engine, const Remains& remains) {
  absl::Status first = InParallel(
      remains.containers.size(), [&](size_t i) { return engine.Remove(remains.containers[i].id); });
  first.Update(InParallel(remains.networks.size(),
                          [&](size_t i) { return engine.RemoveNetwork(remains.networks[i].id); }));
  first.Update(InParallel(remains.volumes.size(),
                          [&](size_t i) { return engine.RemoveVolume(remains.volumes[i].id); }));
  return first;
}

absl::Status Sweep(const docker::Engine& engine, const std::string& run_id,
                   const SweepOptions& options) {
  if (run_id.empty()) return InvalidArgument("the run has no id");
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + options.timeout;
  Clock::TimePoint answered = clock.Now();
  absl::Status last;
  for (int empty = 0; empty < 2;) {
    const absl::StatusOr<Remains> remains = FindRemains(engine, run_id);
    if (remains.ok() && remains->empty()) {
      if (++empty < 2) clock.SleepFor(options.settle);
      continue;
    }
    empty = 0;
    if (remains.ok()) {
      answered = clock.Now();
      last = Remove(engine, *remains);
      if (last.ok()) last = Unavailable("still there: " + remains->ToString());
    } else {
      last = remains.status();
    }
    if (!remains.ok() && clock.Now() - answered >= options.patience) {
      return Unavailable("run " + run_id + ": not removed, as for " +
                         FormatDuration(options.patience) + " there was: " + MessageOf(last));
    }
    if (clock.Now() >= deadline) {
      return DeadlineExceeded("run " + run_id + ": not removed in " +
                              FormatDuration(options.timeout) + "; last: " + MessageOf(last));
    }
    if (!remains.ok()) clock.SleepFor(kRetry);
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::compose
