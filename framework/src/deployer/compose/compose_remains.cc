// SPDX-License-Identifier: Apache-2.0
// ComposeCluster: what it leaves, in a bundle and on the machine.
#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "src/base/status.h"
#include "src/cfgsync/answer.h"
#include "src/deployer/cluster/cfgsync_file.h"
#include "src/deployer/cluster/in_parallel.h"
#include "src/deployer/cluster/ledger.h"
#include "src/deployer/cluster/surroundings.h"
#include "src/deployer/compose/compose_cluster.h"
#include "src/deployer/compose/labels.h"
#include "src/deployer/compose/sweep.h"
#include "src/guardian/run_processes.h"

namespace gtestnet {
namespace {

// Of one container's log, in a bundle.
constexpr int kMostLines = 100000;
constexpr int kFewLines = 1000;

}  // namespace

absl::StatusOr<std::string> ComposeCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_RETURN_IF_ERROR(Find(node).status());
  const std::string container = ContainerOf(node);
  if (container.empty()) return std::string();
  GTESTNET_ASSIGN_OR_RETURN(std::string text,
                            engine_.Logs(container, static_cast<int>(bytes / 20 + 10)));
  if (text.size() <= bytes) return text;
  text.erase(0, text.size() - bytes);
  const size_t line = text.find('\n');
  if (line != std::string::npos && line + 1 < text.size()) text.erase(0, line + 1);
  return text;
}

absl::Status ComposeCluster::Collect(const std::string& directory) const {
  GTESTNET_RETURN_IF_ERROR(CollectLogs(directory));
  const cfgsync::Spec spec = CfgsyncSpec(cluster_spec(), placement());
  for (const ManagedNode* node : AllNodes()) {
    const absl::StatusOr<cfgsync::Answer> answer =
        cfgsync::AnswerFor(spec, node->info.role, node->info.name);
    // Where the node's program is not on this machine; stack/cfgsync.yaml says it all.
    if (!answer.ok()) continue;
    for (const NodeFile& file : answer->setup.files) {
      const std::filesystem::path path =
          std::filesystem::path(directory) / node->info.name / file.path;
      GTESTNET_RETURN_IF_ERROR(MakeDirectories(path.parent_path()));
      GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(path, file.content));
    }
  }
  return CollectStack(std::filesystem::path(directory) / "stack");
}

absl::Status ComposeCluster::CollectLogs(const std::string& directory) const {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<docker::Container> all,
                            engine_.List({{compose::kRunLabel, cluster_spec().run_id}}));
  return InParallel(all.size(), [&](size_t i) -> absl::Status {
    const auto service = all[i].labels.find(compose::kServiceLabel);
    const std::string& name = service == all[i].labels.end() ? all[i].name : service->second;
    absl::StatusOr<std::string> text = engine_.Logs(all[i].id, kMostLines);
    // Lines may be so long that this is more than the client takes.
    if (!text.ok()) text = engine_.Logs(all[i].id, kFewLines);
    if (!text.ok()) return text.status();
    const std::filesystem::path into = std::filesystem::path(directory) / name;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(into));
    return WriteFileAtomically(into / "log", *text);
  });
}

// What Compose was told, and what it said.
absl::Status ComposeCluster::CollectStack(const std::string& directory) const {
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(directory));
  std::error_code error;
  std::vector<std::filesystem::path> files = {StackDirectory() + "/cfgsync.yaml"};
  for (std::filesystem::directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) files.push_back(it->path());
  }
  for (const std::filesystem::path& file : files) {
    std::filesystem::copy_file(file, std::filesystem::path(directory) / file.filename(),
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) return ErrnoStatus(error.value(), "copy of " + file.string());
  }
  return absl::OkStatus();
}

absl::Status ComposeCluster::Keep() {
  watch_.reset();
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status ComposeCluster::Remove() {
  watch_.reset();
  if (!guardian_) return absl::OkStatus();
  // Straight here, as it is quicker; the guardian looks once more.
  const absl::StatusOr<compose::Remains> remains =
      compose::FindRemains(engine_, cluster_spec().run_id);
  if (remains.ok()) static_cast<void>(compose::Remove(engine_, *remains));
  GTESTNET_RETURN_IF_ERROR(guardian_->End());
  return CheckNothingIsLeft();
}

absl::Status ComposeCluster::CheckNothingIsLeft() const {
  std::vector<std::string> left;
  for (const RunProcess& process : FindRunProcesses(cluster_spec().run_id)) {
    left.push_back("process " + std::to_string(process.pid) + " (" + process.name + ")");
  }
  struct stat info {};
  if (stat(directory_.c_str(), &info) == 0) left.push_back("directory " + directory_);
  GTESTNET_ASSIGN_OR_RETURN(const compose::Remains remains,
                            compose::FindRemains(engine_, cluster_spec().run_id));
  if (!remains.empty()) left.push_back(remains.ToString());
  if (left.empty()) return absl::OkStatus();
  return Internal("left behind by run " + cluster_spec().run_id + ": " + absl::StrJoin(left, "; "));
}

}  // namespace gtestnet
