// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_CLIENT_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/http.h"
#include "core/src/base/socket.h"

namespace gtestnet::k8s {

// How a node's last process ended.
struct AgentExit {
  std::string how = {};  // "signal 9 (SIGKILL)"
  int code = 0;          // as a shell would have it: 128 + n for signal n
  bool asked = true;     // by a verb
};

// What a node's agent says of it (assets/helm/README.md, "The agent").
struct AgentReport {
  std::string name = {};    // the node's
  std::string state = {};   // "running", "paused", "stopped", "exited"
  std::string change = {};  // another one after each change, and in another container
  std::string verb = {};    // under way; or empty
  int starts = 0;           // in this container
  int pid = 0;              // in the container; 0: none
  std::optional<AgentExit> exit = {};
};

// What its node's processes use.
struct AgentUsage {
  std::string name = {};     // the node's
  std::string change = {};   // as of AgentReport
  std::string process = {};  // which one it is that serves; empty: not known
  std::optional<std::chrono::system_clock::time_point> since = {};
  bool frozen = false;  // stopped by a signal that the agent did not send
  int64_t memory = 0;
  int64_t cpu_ms = 0;
  std::optional<int64_t> open_files = {};
};

// kInternal for what no agent says.
absl::StatusOr<AgentReport> ParseAgentReport(std::string_view text);
absl::StatusOr<AgentUsage> ParseAgentUsage(std::string_view text);

struct AgentClientOptions {
  std::string node = {};   // its name: who answers must have it
  std::string token = {};  // of the release
  // Where the agent is now. Asked before each try, as it may be elsewhere after the last one.
  std::function<absl::StatusOr<base::Endpoint>()> endpoint = {};
  // How long an agent may be out of reach: the rules of a Service come late, a port-forward is made
  // anew, a container restarts.
  std::chrono::milliseconds patience{10000};
  std::chrono::milliseconds retry{50};
};

// A client of the agent in one node's pod. Each try has a connection of its own, as that to a
// Service stays where it once led. Any thread may call.
//
// Errors are a sentence that names the node, and where its agent was sought; kUnavailable: it did
// not answer within the patience, with what was last seen; kFailedPrecondition: the node is in the
// wrong state; kAborted: it ended instead; kDeadlineExceeded: it had to be killed after the grace
// period, or the verb took too long; kUnauthenticated: another token; kCancelled.
class AgentClient {
 public:
  explicit AgentClient(AgentClientOptions options) : options_(std::move(options)) {}

  const std::string& node() const { return options_.node; }

  // The verbs return when they have taken effect, with the state after it. Where a connection broke
  // before the answer, the agent's state tells whether the verb is to be said again.
  absl::StatusOr<AgentReport> Start(std::stop_token stop = {}) const;
  absl::StatusOr<AgentReport> Stop(std::chrono::milliseconds grace,
                                   std::stop_token stop = {}) const;
  absl::StatusOr<AgentReport> Kill(std::stop_token stop = {}) const;
  absl::StatusOr<AgentReport> Pause(std::stop_token stop = {}) const;
  absl::StatusOr<AgentReport> Resume(std::stop_token stop = {}) const;

  // The state, tried again within the patience.
  absl::StatusOr<AgentReport> State(std::stop_token stop = {}) const;
  // One try: as soon as `change` is not the last one any more, else after `wait`. An empty
  // `change`: at once.
  absl::StatusOr<AgentReport> AwaitChange(const std::string& change, std::chrono::milliseconds wait,
                                          std::stop_token stop = {}) const;
  // One try, of at most so long. kUnimplemented: an agent of an older image.
  absl::StatusOr<AgentUsage> Usage(std::chrono::milliseconds timeout) const;

 private:
  struct Verb {
    const char* name;
    const char* effect;  // the state after it
    std::string body;
    std::chrono::milliseconds timeout;
  };

  absl::StatusOr<AgentReport> Do(const Verb& verb, const std::stop_token& stop) const;
  // kUnavailable where another try may do.
  absl::StatusOr<AgentReport> TryOnce(base::HttpRequest request, std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) const;
  absl::StatusOr<AgentReport> Read(const std::string& where,
                                   const base::HttpResponse& response) const;

  const AgentClientOptions options_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_AGENT_CLIENT_H_
