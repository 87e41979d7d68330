// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_
#define GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/src/base/processes.h"
#include "core/src/cluster/managed_cluster.h"
#include "core/src/deployer/local/address_block.h"
#include "core/src/deployer/local/local_prometheus.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/local_deployer.h"

namespace gtestnet {

// One node of a LocalCluster. `process` and `pid` are guarded by the cluster's mutex, what is
// behind `looking` by that.
struct LocalNode : ManagedNode {
  std::string directory;
  NodeSetup setup;
  uint64_t log_begin = 0;  // the size of its log before it was first started
  int process = -1;        // number of its process at the guardian
  pid_t pid = 0;

  std::mutex looking;
  std::unique_ptr<ProcessLook> look;  // made when it is first needed
  std::optional<Clock::TimePoint> measured;
};

// The nodes of one run as processes on this machine, under a guardian of their own.
class LocalCluster final : public ManagedCluster {
 public:
  // What Deployer::Provision says. Tests force a confinement.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Provision(
      const ClusterSpec& spec, const LocalOptions& options,
      guardian::Confinement confinement = guardian::Confinement::kAutomatic);
  ~LocalCluster() override;

  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::StatusOr<NodeUsage> Usage(NodeIndex node) const override;
  absl::StatusOr<LogPart> ReadLog(NodeIndex node, const std::string& cursor) const override;
  absl::Status Collect(const std::string& directory) const override;
  absl::StatusOr<std::string> Prometheus() const override;

  // For tests: of a node that is there.
  pid_t PidOf(NodeIndex node) const;

 protected:
  absl::Status CheckRole(const std::string& role) const override;
  NodeAddress PeerAddress(NodeIndex node, const std::string& name) const override;
  absl::StatusOr<std::unique_ptr<ManagedNode>> MakeNode(const NodeInfo& info,
                                                        const Placement& placement) override;
  absl::Status Launch(ManagedNode& node) override;
  absl::Status Terminate(ManagedNode& node, bool frozen) override;
  absl::Status Destroy(ManagedNode& node) override;
  absl::Status Freeze(ManagedNode& node) override;
  absl::Status Thaw(ManagedNode& node) override;
  std::string EndOfLog(const ManagedNode& node) const override;
  std::string PlaceOfLog(const ManagedNode& node) const override { return node.info.log; }
  std::string MoreOf(const ManagedNode& node) const override;
  std::string OtherEndpoints() const override;
  absl::Status NodeWasAdded() override;
  absl::Status Keep() override;
  absl::Status Remove() override;

 private:
  LocalCluster(const ClusterSpec& spec, const LocalOptions& options);

  absl::Status ProvisionAll(guardian::Confinement confinement);
  // Its steps, in this order.
  absl::Status StartGuardian(guardian::Confinement confinement);
  absl::Status MakeDirectory();
  absl::Status StartPrometheus();
  absl::Status WriteStart();

  std::string StartFile() const { return directory_ + "/start"; }
  absl::Status WriteOwnLedger(bool preserved) const;
  void OnProcessExit(int process, int status);
  absl::Status SignalNode(ManagedNode& node, int signal);
  absl::Status AwaitProcessState(ManagedNode& node, bool stopped);
  absl::Status CheckNothingIsLeft() const;

  std::string directory_;
  std::string log_directory_;  // where the user wants logs; else empty
  AddressBlock block_;
  // Guarded by the cluster's mutex.
  std::map<int, LocalNode*> processes_;
  int next_process_ = 0;
  int64_t killed_before_ = 0;  // as KilledForMemory was
  mutable ProcessTable table_;

  std::unique_ptr<LocalPrometheus> prometheus_;  // null unless telemetry was asked for
  std::unique_ptr<Guardian> guardian_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_
