// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_CLUSTER_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_CLUSTER_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/src/base/processes.h"
#include "core/src/cluster/collection.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/cluster/managed_cluster.h"
#include "core/src/deployer/compose/compose_file.h"
#include "core/src/deployer/compose/compose_tool.h"
#include "core/src/deployer/compose/end_judge.h"
#include "core/src/deployer/compose/event_watch.h"
#include "core/src/deployer/container/engine.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/container/stack_prometheus.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/compose_deployer.h"

namespace gtestnet {

// One node of a ComposeCluster. `container` is guarded by the cluster's mutex, `look` by `looking`.
struct ComposeNode : ManagedNode {
  std::string container;  // its id
  std::shared_ptr<Whereabouts> whereabouts = std::make_shared<Whereabouts>();
  std::mutex looking;
  std::unique_ptr<ProcessLook> look;  // made when it is first needed
};

// What a ComposeCluster needs of this machine; see ComposeDeployer::Probe.
struct ComposeBackend {
  docker::EngineHost host;
  compose::ComposeTool tool;
};

// The nodes of one run as services of a Compose project of their own.
class ComposeCluster final : public ManagedCluster {
 public:
  // What Deployer::Provision says.
  static absl::StatusOr<std::unique_ptr<ComposeCluster>> Provision(const ClusterSpec& spec,
                                                                   const ComposeOptions& options,
                                                                   const ComposeBackend& backend);
  ~ComposeCluster() override;

  absl::Status Health() const override;
  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::StatusOr<NodeUsage> Usage(NodeIndex node) const override;
  absl::StatusOr<LogPart> ReadLog(NodeIndex node, const std::string& cursor) const override;
  absl::Status Collect(const std::string& directory) const override;
  absl::StatusOr<std::string> Prometheus() const override;

  // For tests: its id, of a node that is there.
  std::string ContainerOf(NodeIndex node) const;
  const docker::Engine& engine() const { return engine_; }

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
  std::string MoreOf(const ManagedNode& node) const override;
  std::string OtherEndpoints() const override;
  absl::Status OtherFailure() const override;
  absl::Status Keep() override;
  absl::Status Remove() override;

 private:
  ComposeCluster(const ClusterSpec& spec, const ComposeOptions& options,
                 const ComposeBackend& backend);

  // Provisioning, in this order.
  absl::Status ProvisionAll();
  absl::Status StartGuardian();
  absl::Status MakeDirectory();
  absl::Status WriteStack(const Placement& placement, const std::vector<NodeInfo>& nodes) const;
  absl::Status FollowEvents();
  absl::Status CreateContainers(const std::vector<std::string>& services);
  absl::Status EnsureImages();
  absl::Status FindCollectors(const std::string& api);
  absl::Status LaunchAll();
  absl::Status BeginChain();

  std::string StackDirectory() const { return directory_ + "/stack"; }
  std::string ComposeFile() const { return directory_ + "/compose.yaml"; }
  absl::Status WriteOwnLedger(bool preserved) const;
  absl::Status FindContainer(ComposeNode& node, const std::vector<docker::Container>& all);
  absl::Status StartContainer(ComposeNode& node);
  void OnEvent(const docker::ContainerEvent& event);
  // `engine` says what became of it, if that is why.
  void TakeEnd(const compose::EndJudge::End& end, const std::string& engine);
  void NoteOtherEnd(const std::string& container, const std::string& how);
  // "the Docker Engine at unix:///… was stopped"
  std::string EngineThat(const std::string& did) const;
  bool IsEngineAway() const;
  void CompareStates();
  void LoseAll(const absl::Status& why);
  std::string HowItEnded(const std::string& container, int exit_code) const;
  static std::string HowItEnded(int exit_code);
  void CollectLogs(Collection& collection) const;
  // Where the node writes its log as a file; empty if nowhere, or not yet.
  std::string LogFileOf(NodeIndex node) const;
  absl::Status CheckNothingIsLeft() const;

  const compose::ComposeTool tool_;
  const std::string directory_;
  std::string log_directory_;  // where the user wants logs; else empty
  const std::string project_;
  docker::Engine engine_;
  std::string product_ = "Docker Engine";  // what the engine is
  std::string base_file_;
  std::map<std::string, ContainerSpec> containers_;  // by role
  compose::Tools tools_;
  std::map<std::string, std::string> labels_;
  std::map<std::string, std::string> environment_;  // of nodes, as StackSpec has it
  bool names_this_machine_ = false;

  mutable ProcessTable table_;
  std::atomic<bool> provisioned_ = false;
  std::string cfgsync_ended_;  // how, if it did before all were ready; guarded by the mutex
  std::string cfgsync_;        // its container
  std::string prometheus_image_;
  std::unique_ptr<compose::StackPrometheus> prometheus_;  // null unless telemetry was asked for
  std::unique_ptr<Guardian> guardian_;
  std::unique_ptr<HelperCommands> helpers_;
  // Since when the stream of events has been broken, and why; guarded by the mutex.
  std::optional<Clock::TimePoint> away_since_;
  std::string why_away_;
  std::unique_ptr<compose::EndJudge> judge_;
  std::unique_ptr<compose::EventWatch> watch_;  // uses the judge
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_CLUSTER_H_
