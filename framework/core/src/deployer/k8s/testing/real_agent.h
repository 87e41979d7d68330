// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_AGENT_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_AGENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/src/base/socket.h"
#include "core/src/cfgsync/testing/process.h"

namespace gtestnet::k8s {

// The agent's program, as in a node's pod, with a shell's script for a node, which has the variable
// WORK. In a directory of its own, which goes with it.
class RealAgent {
 public:
  static constexpr char kToken[] = "a-long-token";
  // Says that it is there, and ends by SIGTERM with status 7; by itself with status 5 when there is
  // a file go.
  static constexpr char kObedient[] =
      "trap 'exit 7' TERM; echo up; while [ ! -e $WORK/go ]; do sleep 0.02; done; rm $WORK/go; "
      "exit 5";

  explicit RealAgent(std::string script = kObedient, std::string name = "n");
  ~RealAgent();

  // Another process at the same port, as in a container that is made anew.
  void Restart();
  void End() { process_.reset(); }
  // Makes the node end by itself.
  void Go() const;

  base::Endpoint endpoint() const { return base::Endpoint::Tcp("127.0.0.1", port_); }
  cfgsync::TestProcess& process() { return *process_; }
  // Waits until the log of this process has it so often.
  void AwaitLog(const std::string& text, int times = 1) const;

 private:
  const std::string script_;
  const std::string name_;
  std::string directory_;
  std::atomic<uint16_t> port_ = 0;  // watches ask for it meanwhile
  int made_ = 0;
  std::unique_ptr<cfgsync::TestProcess> process_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_AGENT_H_
