// SPDX-License-Identifier: Apache-2.0
// K8sCluster: what it leaves, in a bundle and in the cluster.
#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_join.h"
#include "gtestnet/variables.h"
#include "src/base/status.h"
#include "src/cfgsync/answer.h"
#include "src/deployer/cluster/cfgsync_file.h"
#include "src/deployer/cluster/ledger.h"
#include "src/deployer/cluster/surroundings.h"
#include "src/deployer/k8s/k8s_cluster.h"
#include "src/guardian/run_processes.h"

namespace gtestnet::k8s {

// Of its pod's container that runs or ran last.
absl::StatusOr<std::string> K8sCluster::EndOf(const std::string& pod, int lines) const {
  return api_->GetText("the log of " + pod,
                       PathOf("pods/" + pod + "/log?tailLines=" + std::to_string(lines)));
}

absl::StatusOr<std::string> K8sCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* const found, Find(node));
  GTESTNET_ASSIGN_OR_RETURN(std::string text,
                            EndOf(found->info.name + "-0", static_cast<int>(bytes / 20 + 10)));
  if (text.size() <= bytes) return text;
  text.erase(0, text.size() - bytes);
  const size_t line = text.find('\n');
  if (line != std::string::npos && line + 1 < text.size()) text.erase(0, line + 1);
  return text;
}

absl::Status K8sCluster::Collect(const std::string& directory) const {
  const cfgsync::Spec spec = CfgsyncSpec(cluster_spec(), placement());
  for (const ManagedNode* node : AllNodes()) {
    const std::filesystem::path into = std::filesystem::path(directory) / node->info.name;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(into));
    const absl::StatusOr<std::string> log = EndOf(node->info.name + "-0", 100000);
    GTESTNET_RETURN_IF_ERROR(
        WriteFileAtomically(into / "log", log.ok() ? *log : "(" + MessageOf(log.status()) + ")\n"));
    const absl::StatusOr<cfgsync::Answer> answer =
        cfgsync::AnswerFor(spec, node->info.role, node->info.name);
    // Where the node's program is not on this machine; cfgsync.yaml says it all.
    if (!answer.ok()) continue;
    for (const NodeFile& file : answer->setup.files) {
      const std::filesystem::path path = into / file.path;
      GTESTNET_RETURN_IF_ERROR(MakeDirectories(path.parent_path()));
      GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(path, file.content));
    }
  }
  return absl::OkStatus();
}

absl::Status K8sCluster::Keep() {
  StopFollowing();
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status K8sCluster::Remove() {
  StopFollowing();
  if (!guardian_) return absl::OkStatus();
  // Straight here, as it is quicker; the guardian looks again, and waits for the namespace.
  static_cast<void>(EndPods(target_));
  GTESTNET_RETURN_IF_ERROR(guardian_->End());
  return CheckNothingIsLeft();
}

absl::Status K8sCluster::CheckNothingIsLeft() const {
  std::vector<std::string> left;
  for (const RunProcess& process : FindRunProcesses(cluster_spec().run_id)) {
    left.push_back("process " + std::to_string(process.pid) + " (" + process.name + ")");
  }
  struct stat info {};
  if (stat(directory_.c_str(), &info) == 0) left.push_back("directory " + directory_);
  if (!left.empty()) {
    return Internal("left behind by run " + cluster_spec().run_id + ": " +
                    absl::StrJoin(left, "; "));
  }
  return AwaitGone(target_, Scaled(std::chrono::milliseconds(5000)));
}

}  // namespace gtestnet::k8s
