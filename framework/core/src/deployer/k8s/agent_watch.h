// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_WATCH_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_WATCH_H_

#include <chrono>
#include <functional>

#include "absl/status/status.h"
#include "core/src/base/thread.h"
#include "core/src/deployer/k8s/agent_client.h"

namespace gtestnet::k8s {

struct AgentWatchOptions {
  // How long an agent may not answer: a container that begins again takes up to 10 s, a new pod 10
  // s.
  std::chrono::milliseconds patience{30000};
  std::chrono::milliseconds retry{100};
  std::chrono::milliseconds poll{5000};
};

// Called on the watch's thread.
struct AgentWatchHandlers {
  // After each change that was seen, and at the beginning. An agent that ends with its node says
  // so ("exited") if the connection holds for that moment; see NodeLife.
  std::function<void(const AgentReport&)> on_report = {};
  // Once, when it has not answered for `patience`; again after it has answered.
  std::function<void(const absl::Status&)> on_silence = {};
};

// Follows what the agent of one node says of it, by a long poll, until it is destroyed; also that
// of its next container or pod, as the client finds it.
class AgentWatch {
 public:
  // The client lives longer.
  AgentWatch(const AgentClient& client, AgentWatchHandlers handlers,
             AgentWatchOptions options = {});
  // Waits until no handler runs.
  ~AgentWatch();
  AgentWatch(const AgentWatch&) = delete;
  AgentWatch& operator=(const AgentWatch&) = delete;

  // kResourceExhausted when it has no thread, and follows nothing.
  const absl::Status& status() const { return thread_.status(); }

 private:
  void Run(const std::stop_token& stop);

  const AgentClient& client_;
  const AgentWatchHandlers handlers_;
  const AgentWatchOptions options_;
  Thread thread_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_WATCH_H_
