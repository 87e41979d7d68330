// SPDX-License-Identifier: Apache-2.0
// ComposeCluster: what it leaves, in a bundle and on the machine.
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/cluster/cfgsync_file.h"
#include "core/src/cluster/collection.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/cluster/log_file.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/deployer/compose/compose_cluster.h"
#include "core/src/deployer/compose/labels.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/node/log_tail.h"

namespace gtestnet {
namespace {

// Of one container's log, in a bundle.
constexpr int kMostLines = 100000;
constexpr int kFewLines = 1000;

}  // namespace

absl::StatusOr<std::string> ComposeCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_RETURN_IF_ERROR(Find(node).status());
  if (const std::string file = LogFileOf(node); !file.empty()) return TailBytes(file, bytes);
  const std::string container = ContainerOf(node);
  if (container.empty()) return std::string();
  GTESTNET_ASSIGN_OR_RETURN(std::string text,
                            engine_.Logs(container, static_cast<int>(bytes / 20 + 10)));
  return TailBytesOf(std::move(text), bytes);
}

absl::StatusOr<LogPart> ComposeCluster::ReadLog(NodeIndex node, const std::string& cursor) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* const found, Find(node));
  if (!log_directory_.empty()) {
    const std::string file = LogFileOf(node);
    if (file.empty()) return LogPart{};  // not yet
    const NodeState state = StateOf(*found);
    const bool ended = state == NodeState::kStopped || state == NodeState::kExited;
    return ReadLogFile(file, cursor, 0, ended);
  }
  const std::string container = ContainerOf(node);
  if (container.empty()) return LogPart{"", cursor == kLogEnd ? "" : cursor};
  TimedPlace place;
  if (cursor == kLogEnd) {
    GTESTNET_ASSIGN_OR_RETURN(place, engine_.EndOfLogs(container));
    return LogPart{"", ToCursor(place)};
  }
  if (!cursor.empty()) {
    const std::optional<TimedPlace> known = PlaceFromCursor(cursor);
    if (!known) return InvalidArgument("\"" + cursor.substr(0, 40) + "\" is no place in a log");
    place = *known;
  }
  GTESTNET_ASSIGN_OR_RETURN(std::string text, engine_.LogsBehind(container, place));
  return LogPart{std::move(text), ToCursor(place)};
}

absl::Status ComposeCluster::Collect(const std::string& directory) const {
  Collection collection(directory, static_cast<int>(nodes().size()));
  CollectNodeFiles(cluster_spec(), placement(), nodes(), collection);
  // What Compose was told, and what it said.
  collection.CopyFilesOf(StackDirectory(), "stack");
  collection.CopyFilesOf(directory_, "stack");
  CollectLogs(collection);
  return collection.status();
}

void ComposeCluster::CollectLogs(Collection& collection) const {
  std::set<std::string> in_files;
  for (const ManagedNode* node : AllNodes()) {
    const std::string file = LogFileOf(node->info.index);
    if (file.empty()) continue;
    collection.CopyLog(file, node->info.name + "/log");
    in_files.insert(node->info.name);
  }
  const absl::StatusOr<std::vector<docker::Container>> all =
      engine_.List({{compose::kRunLabel, cluster_spec().run_id}});
  if (!all.ok()) return collection.Lack(Annotate(all.status(), "the containers' logs"));
  static_cast<void>(InParallel(all->size(), [&](size_t i) -> absl::Status {
    const docker::Container& container = (*all)[i];
    const auto service = container.labels.find(compose::kServiceLabel);
    const std::string& name = service == container.labels.end() ? container.name : service->second;
    absl::StatusOr<std::string> text = engine_.Logs(container.id, kMostLines);
    // Lines may be so long that this is more than the client takes.
    if (!text.ok()) text = engine_.Logs(container.id, kFewLines);
    if (text.ok()) {
      collection.WriteLog(name + (in_files.contains(name) ? "/log.container" : "/log"), *text);
    } else {
      collection.Lack(Annotate(text.status(), "the log of " + name));
    }
    return absl::OkStatus();
  }));
}

absl::Status ComposeCluster::Keep() {
  watch_.reset();
  judge_.reset();
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status ComposeCluster::Remove() {
  watch_.reset();
  judge_.reset();
  if (!guardian_) return absl::OkStatus();
  // Straight here, as it is quicker; the guardian looks once more.
  const absl::StatusOr<compose::Remains> remains =
      compose::FindRemains(engine_, cluster_spec().run_id);
  if (remains.ok()) static_cast<void>(compose::Remove(engine_, *remains));
  const absl::Status ended = guardian_->End();
  // It says what is left; the guardian knows only that its sweep failed.
  GTESTNET_RETURN_IF_ERROR(CheckNothingIsLeft());
  return ended;
}

absl::Status ComposeCluster::CheckNothingIsLeft() const {
  std::vector<std::string> left = LeftOnThisMachine(cluster_spec().run_id);
  const std::string& run_id = cluster_spec().run_id;
  const absl::StatusOr<compose::Remains> remains = compose::FindRemains(engine_, run_id);
  if (!remains.ok()) {
    return MakeStatus(remains.status().code(), "run " + run_id + ": what is left is not known: " +
                                                   MessageOf(remains.status()) +
                                                   WhatBecomesOfIt(run_id));
  }
  if (!remains->empty()) left.push_back(remains->ToString());
  return NothingIsLeft(run_id, left);
}

}  // namespace gtestnet
