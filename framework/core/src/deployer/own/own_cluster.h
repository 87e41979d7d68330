// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_OWN_OWN_CLUSTER_H_
#define GTESTNET_CORE_SRC_DEPLOYER_OWN_OWN_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "core/src/cluster/helper_commands.h"
#include "core/src/cluster/managed_cluster.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/backend.h"

namespace gtestnet {

// One node of an OwnCluster. `launch` is guarded by the cluster's mutex.
struct OwnNode : ManagedNode {
  BackendNode node;
  int launch = 0;  // how often it was launched: what awaits an earlier one says nothing
  std::shared_ptr<Whereabouts> whereabouts = std::make_shared<Whereabouts>();
};

// The nodes of one run on a backend of somebody's own.
class OwnCluster final : public ManagedCluster {
 public:
  OwnCluster(std::unique_ptr<Backend> backend, const ClusterSpec& spec,
             const BackendOptions& options);
  ~OwnCluster() override;
  absl::Status Provision();

  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::Status Collect(const std::string& directory) const override;

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
  std::string PlaceOfLog(const ManagedNode& node) const override;
  std::string MoreOf(const ManagedNode&) const override { return {}; }
  absl::Status Keep() override;
  absl::Status Remove() override;

 private:
  absl::Status StartGuardian();
  absl::Status MakeDirectory();
  absl::Status WriteOwnLedger(bool preserved) const;
  absl::Status BeginChain();
  absl::Status WriteStart(const std::string& directory) const;
  // A node as its backend is told of it.
  BackendNode Told(const ManagedNode& node) const;
  absl::Status Await(OwnNode& node, const std::vector<std::string>& command);
  void TakeEnd(OwnNode& node, int launch, int status, const std::string& output);

  const std::unique_ptr<Backend> backend_;
  const std::string directory_;
  std::vector<LabelSweep> sweeps_;
  std::string start_;  // once it is fixed; guarded by the mutex
  std::unique_ptr<Guardian> guardian_;
  std::unique_ptr<HelperCommands> helpers_;
  std::unique_ptr<BackendRun> run_;  // what its backend is given
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_OWN_OWN_CLUSTER_H_
