// SPDX-License-Identifier: Apache-2.0
// ComposeCluster: what happens to its containers by itself.
#include <spdlog/logger.h>

#include <algorithm>
#include <charconv>
#include <csignal>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/compose/compose_cluster.h"
#include "core/src/deployer/compose/labels.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"

namespace gtestnet {
namespace {

// An engine learns of it after the end itself: on a busy machine, long after. Only an end by
// SIGKILL that nobody asked for is told this much later.
constexpr std::chrono::milliseconds kOomPatience{2000};

}  // namespace

void ComposeCluster::OnEvent(const docker::ContainerEvent& event) {
  if (event.action != "die") return;
  const auto number = [&](const char* name) {
    const auto found = event.attributes.find(name);
    int value = -1;
    if (found == event.attributes.end()) return value;
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const absl::StatusOr<ManagedNode*> node = Find(number(compose::kNodeLabel));
  if (node.ok() && StateOf(**node) == NodeState::kStopping) {
    return NoteEnd(**node, HowItEnded(number("exitCode")));
  }
  judge_->Take({.event = event, .exit_code = number("exitCode")});
}

void ComposeCluster::TakeEnd(const compose::EndJudge::End& end, const std::string& engine) {
  const auto label = end.event.attributes.find(compose::kNodeLabel);
  int index = -1;
  if (label != end.event.attributes.end()) {
    std::from_chars(label->second.data(), label->second.data() + label->second.size(), index);
  }
  const absl::StatusOr<ManagedNode*> node = Find(index);
  const std::string how =
      engine.empty() ? HowItEnded(end.event.id, end.exit_code) : HowItEnded(end.exit_code);
  const std::string by = engine.empty() ? std::string() : EngineThat(engine);
  if (!node.ok()) return NoteOtherEnd(end.event.id, by.empty() ? how : by + " (" + how + ")");
  log().debug("{}: ended, exit code {}", (*node)->info.name, end.exit_code);
  NoteEnd(**node, how, by);
}

std::string ComposeCluster::EngineThat(const std::string& did) const {
  return "the " + product_ + " at " + engine_.host().text + " " + did;
}

bool ComposeCluster::IsEngineAway() const {
  const std::lock_guard lock(mutex());
  return away_since_.has_value();
}

absl::Status ComposeCluster::Health() const {
  const std::lock_guard lock(mutex());
  if (!away_since_) return absl::OkStatus();
  const auto away = std::chrono::floor<std::chrono::milliseconds>(clock().Now() - *away_since_);
  return Unavailable(
      EngineThat("has not answered for " + FormatDuration(away) + " (" + why_away_ + ")"));
}

// Of a container that is no node.
void ComposeCluster::NoteOtherEnd(const std::string& container, const std::string& how) {
  if (closing()) return;
  if (prometheus_ && prometheus_->IsIn(container)) {
    prometheus_->NoteEnd(how);
    log().warn("Prometheus ended: {}", how);
  } else if (!provisioned_) {
    const std::lock_guard lock(mutex());
    cfgsync_ended_ = how;
  } else {
    // Nodes that run need it no more, and one that starts finds it again.
    log().warn("cfgsync ended: {}", how);
  }
}

absl::Status ComposeCluster::OtherFailure() const {
  {
    const std::lock_guard lock(mutex());
    if (cfgsync_ended_.empty()) return absl::OkStatus();
  }
  const absl::StatusOr<std::string> text = engine_.Logs(cfgsync_, 10);
  return Aborted("cfgsync exited, which gives the nodes their config: " + cfgsync_ended_ +
                 "; the end of its log:\n" + LastLinesOf(text.value_or("")));
}

std::string ComposeCluster::HowItEnded(const std::string& container, int exit_code) const {
  if (exit_code == 128 + SIGKILL && engine_.AwaitOomKilled(container, kOomPatience)) {
    return "killed by the kernel, as its memory was full (OOMKilled)";
  }
  return HowItEnded(exit_code);
}

std::string ComposeCluster::HowItEnded(int exit_code) {
  // An engine gives a signal as a shell does.
  const bool signalled = exit_code > 128 && exit_code < 128 + NSIG;
  return DescribeExit(signalled ? exit_code - 128 : exit_code << 8);
}

void ComposeCluster::CompareStates() {
  const absl::StatusOr<std::vector<docker::Container>> all =
      engine_.List({{compose::kRunLabel, cluster_spec().run_id}});
  if (!all.ok()) return;
  // An engine that begins again has ended all that ran, unless it lets containers live.
  const bool none_runs = std::none_of(all->begin(), all->end(), [](const docker::Container& one) {
    return one.state == "running" || one.state == "paused";
  });
  const absl::StatusOr<docker::EngineInfo> info = engine_.Info();
  const bool by_engine = none_runs && info.ok() && !info->keeps_containers;
  const std::string by = by_engine ? EngineThat("was stopped, and began again") : std::string();
  for (ManagedNode* node : AllNodes()) {
    const std::string container = ContainerOf(node->info.index);
    const auto found = std::find_if(all->begin(), all->end(), [&](const docker::Container& one) {
      return one.id == container;
    });
    if (found == all->end()) {
      NoteEnd(*node, "its container is gone");
    } else if (found->state == "exited" || found->state == "dead") {
      const absl::StatusOr<docker::ContainerState> state = engine_.Inspect(container);
      const int code = state.ok() ? state->exit_code : 128 + SIGKILL;
      NoteEnd(*node, by_engine ? HowItEnded(code) : HowItEnded(container, code), by);
    }
  }
}

void ComposeCluster::LoseAll(const absl::Status& why) {
  for (ManagedNode* node : AllNodes()) {
    NoteEnd(*node, "lost: " + MessageOf(why), EngineThat("does not answer any more"));
  }
}

}  // namespace gtestnet
