// SPDX-License-Identifier: Apache-2.0
#include "core/src/faults/fault_plan.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/run/tolerance.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

std::set<NodeIndex> SetOf(const std::vector<NodeIndex>& nodes) {
  return {nodes.begin(), nodes.end()};
}

}  // namespace

absl::Status ValidateRange(const std::string& who, const char* min_name, Timespan min,
                           const char* max_name, Timespan max, const Pace& pace, bool above_zero) {
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  if (min.IsNegative()) {
    return refuse(min_name, " (", min.ToString(), ") must not be negative");
  }
  if (max.IsNegative() || (above_zero && max.IsZero())) {
    return refuse(max_name, " (", max.ToString(), ") must be above zero");
  }
  if (min.At(pace) > max.At(pace)) {
    return refuse(min_name, " (", min.ToString(), ") is above ", max_name, " (", max.ToString(),
                  ")");
  }
  return absl::OkStatus();
}

absl::Status Validate(const FaultOptions& options, const TopologySpec& topology) {
  const std::string who = absl::StrCat(options.fault, "s \"", options.name, "\": ");
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  if (topology.kind == nullptr) return refuse("the topology has no kind of node");
  const Pace pace = topology.kind->PaceOf(topology);
  absl::Status delays =
      ValidateRange(who, "min_delay", options.min_delay, "max_delay", options.max_delay, pace);
  if (!delays.ok()) return delays;
  const bool pause = options.act == FaultOptions::Act::kPause;
  absl::Status down = ValidateRange(who, pause ? "min_pause" : "min_down", options.min_down,
                                    pause ? "max_pause" : "max_down", options.max_down, pace,
                                    /*above_zero=*/false);
  if (!down.ok()) return down;
  if (options.target_cooldown.IsNegative()) {
    return refuse("target_cooldown (", options.target_cooldown.ToString(),
                  ") must not be negative");
  }
  if (options.choose) {
    const char* also = !options.targets.empty() ? "targets"
                       : !options.roles.empty() ? "roles"
                       : options.at_once != 1   ? "at_once"
                                                : nullptr;
    if (also == nullptr) return absl::OkStatus();
    return refuse("choose and ", also, " are both set: choose says whom each fault hits");
  }
  for (NodeIndex node : options.targets) {
    if (node < 0 || node >= topology.node_count()) {
      return refuse("targets: there is no node ", node, "; nodes go from 0 to ",
                    topology.node_count() - 1);
    }
  }
  for (const std::string& role :
       std::set<std::string>(options.roles.begin(), options.roles.end())) {
    if (!topology.NodesOf(role).empty()) continue;
    std::vector<std::string> there;
    for (const Role& one : topology.roles) {
      if (one.count > 0) there.push_back(one.name);
    }
    return refuse("roles: there is no node of role \"", role, "\"; there are ",
                  absl::StrJoin(there, ", "));
  }
  if (options.at_once < 1) return refuse("at_once (", options.at_once, ") must be at least 1");
  const std::vector<NodeIndex> targets = FaultTargets(options, topology);
  if (targets.empty()) {
    return refuse("there is no node without which the rest would hold together; name targets");
  }
  const int most = Tolerance(topology).Most(targets, options.keep());
  if (options.at_once > most) {
    return refuse("at_once (", options.at_once, ") is more than the topology tolerates, which is ",
                  most, ": what remains must hang together and have more than half of the ",
                  std::string(topology.kind->WeightWord()), "; beyond_tolerance allows it");
  }
  return absl::OkStatus();
}

std::vector<NodeIndex> FaultTargets(const FaultOptions& options, const TopologySpec& topology) {
  const std::set<NodeIndex> cut = SetOf(CutNodes(topology.layout, topology.node_count()));
  const std::set<NodeIndex> named = SetOf(options.targets);
  const std::set<std::string> roles(options.roles.begin(), options.roles.end());
  std::vector<NodeIndex> targets;
  const int count = topology.node_count();
  for (NodeIndex node = 0; node < count; ++node) {
    const bool of_role = roles.empty() ? named.empty() : roles.contains(topology.RoleOf(node));
    if (named.contains(node) || (of_role && (options.beyond_tolerance || !cut.contains(node)))) {
      targets.push_back(node);
    }
  }
  return targets;
}

FaultPlan::FaultPlan(const FaultOptions& options, const Pace& pace, std::vector<NodeIndex> targets,
                     Random random)
    : min_delay_(options.min_delay.At(pace)),
      max_delay_(options.max_delay.At(pace)),
      min_down_(options.min_down.At(pace)),
      max_down_(options.max_down.At(pace)),
      cooldown_(options.target_cooldown.At(pace)),
      at_once_(static_cast<size_t>(options.at_once)),
      targets_(std::move(targets)),
      random_(random) {}

std::chrono::milliseconds FaultPlan::Between(std::chrono::milliseconds min,
                                             std::chrono::milliseconds max) {
  return min +
         std::chrono::milliseconds(random_.Below(static_cast<uint64_t>((max - min).count()) + 1));
}

std::vector<NodeIndex> FaultPlan::Choose(const std::vector<NodeIndex>& up, RunTime now) {
  const std::set<NodeIndex> running = SetOf(up);
  std::vector<double> draws;
  for (size_t i = 0; i < at_once_; ++i) draws.push_back(random_.Fraction());
  std::vector<NodeIndex> eligible;
  for (NodeIndex node : targets_) {
    auto last = last_.find(node);
    const bool cool = last == last_.end() || now - last->second >= cooldown_;
    if (cool && running.contains(node)) eligible.push_back(node);
  }
  if (eligible.size() < at_once_) return {};
  std::vector<NodeIndex> chosen;
  for (double draw : draws) {
    const auto at = static_cast<std::ptrdiff_t>(draw * static_cast<double>(eligible.size()));
    chosen.push_back(eligible[static_cast<size_t>(at)]);
    eligible.erase(eligible.begin() + at);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace gtestnet
