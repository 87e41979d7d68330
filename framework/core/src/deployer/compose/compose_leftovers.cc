// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_leftovers.h"

#include <map>
#include <memory>

#include "core/src/base/status.h"
#include "core/src/deployer/compose/labels.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/deployer/container/engine.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

constexpr std::chrono::milliseconds kAnswer{2000};
// What a program that was killed a moment ago asked for may come to be a moment later.
constexpr std::chrono::milliseconds kSettle{200};

absl::StatusOr<std::unique_ptr<docker::Engine>> Connect(const docker::EngineHost& host) {
  auto engine = std::make_unique<docker::Engine>(host);
  GTESTNET_RETURN_IF_ERROR(engine->Negotiate(kAnswer).status());
  return engine;
}

// The labels of anything of it; all have the same of the run.
docker::Labels LabelsOf(const Remains& remains) {
  if (!remains.containers.empty()) return remains.containers.front().labels;
  if (!remains.networks.empty()) return remains.networks.front().labels;
  return remains.volumes.empty() ? docker::Labels() : remains.volumes.front().labels;
}

}  // namespace

absl::StatusOr<std::vector<BackendTrace>> FindTracesAt(const docker::EngineHost& host) {
  GTESTNET_ASSIGN_OR_RETURN(const std::unique_ptr<docker::Engine> engine, Connect(host));
  GTESTNET_ASSIGN_OR_RETURN(const auto all, FindAllRemains(*engine));
  std::vector<BackendTrace> traces;
  for (const auto& [run_id, remains] : all) {
    docker::Labels labels = LabelsOf(remains);
    traces.push_back(
        TraceOf(run_id, labels[kTestLabel], remains.ToString(), labels[kGuardianLabel]));
  }
  return traces;
}

absl::Status RemoveTraceAt(const docker::EngineHost& host, const std::string& run_id) {
  GTESTNET_ASSIGN_OR_RETURN(const std::unique_ptr<docker::Engine> engine, Connect(host));
  return Sweep(*engine, run_id, {.settle = kSettle});
}

std::vector<BackendTrace> FindTraces() {
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return {};
  return FindTracesAt(*host).value_or(std::vector<BackendTrace>());
}

absl::Status RemoveTrace(const std::string& run_id) {
  GTESTNET_ASSIGN_OR_RETURN(const docker::EngineHost host, docker::FindEngineHost());
  return RemoveTraceAt(host, run_id);
}

}  // namespace gtestnet::compose
