// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/node_life.h"

#include <csignal>
#include <utility>

namespace gtestnet::k8s {

void NodeLife::OnReport(const AgentReport& report) { Tell(TakeReport(report)); }
void NodeLife::OnPod(const Pod& pod) { Tell(TakePod(pod)); }
void NodeLife::OnGone(const Pod& pod) { Tell(TakeGone(pod)); }
void NodeLife::OnEvent(const Event& event) { Tell(TakeEvent(event)); }

void NodeLife::Tell(const std::optional<std::string>& how) const {
  if (how && on_end_) on_end_(*how);
}

std::optional<std::string> NodeLife::TakeReport(const AgentReport& report) {
  const std::lock_guard lock(mutex_);
  const std::string agent = report.change.substr(0, report.change.find('.'));
  if (agent != agent_) {
    if (!agent_.empty() && !agent_told_) ++unexplained_;
    agent_ = agent;
    agent_told_ = false;
  }
  if (report.state != "exited" || !report.exit || report.exit->asked) return {};
  // Why it was killed is known of the container only.
  if (report.exit->code == 128 + SIGKILL) return {};
  if (over_ || std::exchange(agent_told_, true)) return {};
  ++told_;
  return report.exit->how;
}

std::optional<std::string> NodeLife::TakePod(const Pod& pod) {
  const std::lock_guard lock(mutex_);
  if (uid_ != pod.uid) {
    // What the first one did before anybody looked is no news.
    told_ = uid_.empty() ? pod.ends() : 0;
    uid_ = pod.uid;
    over_ = false;
    agent_.clear();
    agent_told_ = false;
    unexplained_ = 0;
  }
  machine_ = pod.machine;
  if (over_) return {};
  if (pod.failed() || (pod.deleted && pod.terminated)) {
    over_ = true;
    return HowItEnded(pod);
  }
  if (pod.deleted || pod.ends() <= told_) return {};
  told_ = pod.ends();
  if (std::exchange(unexplained_, 0) == 0) agent_told_ = !agent_.empty();
  return HowItEnded(pod);
}

std::optional<std::string> NodeLife::TakeGone(const Pod& pod) {
  const std::lock_guard lock(mutex_);
  if (pod.uid != uid_ || std::exchange(over_, true)) return {};
  if (pod.deleted || pod.failed()) return HowItEnded(pod);
  return "its pod was deleted";
}

// The cluster says it of each pod of a machine of which it has not heard for a while.
std::optional<std::string> NodeLife::TakeEvent(const Event& event) {
  const std::lock_guard lock(mutex_);
  const bool is_lost = event.reason == "NodeNotReady" || event.reason == "TaintManagerEviction";
  if (!is_lost || event.uid != uid_ || std::exchange(over_, true)) return {};
  return "lost with its machine " + machine_ + ": " + event.message;
}

}  // namespace gtestnet::k8s
