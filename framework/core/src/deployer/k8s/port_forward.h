// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_PORT_FORWARD_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_PORT_FORWARD_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/thread.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/k8s/kubectl.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::k8s {

// What a port-forward has said in its output: the port on this machine of each port of the pod.
std::map<uint16_t, uint16_t> ParseForwardedPorts(std::string_view output);

struct PortForwardOptions {
  Tools tools = {};
  std::string name_space = {};
  std::string target = {};                     // "pod/member-0-0", "service/cfgsync"
  std::string pod = {};                        // its uid; empty: not known yet (see SetPod)
  std::map<std::string, uint16_t> ports = {};  // by their names: {{"api", 18080}, {"agent", 4500}}
  std::chrono::milliseconds retry{300};
};

// A `kubectl port-forward` under the run's guardian, which is begun again, with the same ports on
// this machine where they are still free, when it ends, and when the pod is another one. Where the
// ports are is told by `whereabouts`; there are none there while they are not known. Any thread.
class PortForward {
 public:
  // `helpers` lives longer; `whereabouts` may be anybody's.
  PortForward(HelperCommands& helpers, std::shared_ptr<Whereabouts> whereabouts,
              PortForwardOptions options);
  // Ends it.
  ~PortForward();
  PortForward(const PortForward&) = delete;
  PortForward& operator=(const PortForward&) = delete;

  // Returns when the ports are there, now or again. kDeadlineExceeded says what kubectl said last.
  absl::Status AwaitOpen(std::chrono::milliseconds timeout);
  // The pod behind it, as a pod watch tells it: kubectl itself does not see that it is another one.
  void SetPod(const std::string& uid);
  // Of the command that is at work; −1 if none is.
  int command() const;

 private:
  void Run(const std::stop_token& stop);
  // Begins a command and waits until it has ended.
  absl::Status Forward(const std::stop_token& stop);
  std::vector<std::string> Command() const;
  // All ports are in the output; says where they are.
  bool NoteOutput(const std::string& output);

  HelperCommands& helpers_;
  const std::shared_ptr<Whereabouts> whereabouts_;
  const PortForwardOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
  int command_ = -1;
  std::string pod_;                          // its uid, as far as it was told
  std::map<uint16_t, uint16_t> last_ports_;  // to have the same again
  absl::Status last_;
  Thread thread_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_PORT_FORWARD_H_
