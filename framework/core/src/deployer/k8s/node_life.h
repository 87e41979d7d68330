// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_NODE_LIFE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_NODE_LIFE_H_

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/src/deployer/k8s/agent_client.h"
#include "core/src/deployer/k8s/pod.h"

namespace gtestnet::k8s {

// Tells each end of one node that its agent was not asked for, once, of what two tell about it: the
// agent, at once but only if its last answer arrives, and the pod, a second later, but surely, as
// containers are counted there. Any thread.
//
// An agent's end is one of a container, so the number of those that have ended (Pod::ends) less
// those that were told already is what is new. Which container an agent is in is not known: so an
// agent that says "exited" right after the pod has told of an end is taken to be the one that
// ended. If it was the next one already, the pod tells of it.
class NodeLife {
 public:
  // Called by the thread that brought the news, without the lock; `how` is HowItEnded.
  using OnEnd = std::function<void(const std::string& how)>;

  explicit NodeLife(OnEnd on_end) : on_end_(std::move(on_end)) {}

  void OnReport(const AgentReport& report);
  void OnPod(const Pod& pod);
  void OnGone(const Pod& pod);
  // That its machine was lost. Events of other objects change nothing.
  void OnEvent(const Event& event);

 private:
  // What there is to tell, if there is.
  std::optional<std::string> TakeReport(const AgentReport& report);
  std::optional<std::string> TakePod(const Pod& pod);
  std::optional<std::string> TakeGone(const Pod& pod);
  std::optional<std::string> TakeEvent(const Event& event);
  void Tell(const std::optional<std::string>& how) const;

  const OnEnd on_end_;
  std::mutex mutex_;
  std::string uid_;  // of the pod
  std::string machine_;
  bool over_ = false;        // that pod's end was told
  int told_ = 0;             // ends of its containers
  std::string agent_;        // the latest one that answered
  bool agent_told_ = false;  // its end was told
  int unexplained_ = 0;      // agents that were followed by another, with no word of their end
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_NODE_LIFE_H_
