// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/stack_prometheus.h"

#include <spdlog/logger.h>

#include "core/src/base/http.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/prometheus_files.h"
#include "core/src/cluster/prometheus_ready.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using std::chrono::milliseconds;

constexpr char kImageVariable[] = "GTESTNET_PROMETHEUS_IMAGE";
constexpr char kPortVariable[] = "TEST_FRAMEWORK_PROMETHEUS_PORT";
constexpr char kScript[] = "stack/scripts/build_prometheus_image.sh";
constexpr milliseconds kBuild{300000};

std::string EndOfLog(const docker::Engine& engine, const std::string& container) {
  const absl::StatusOr<std::string> text = engine.Logs(container, 10);
  return text.ok() ? LastLinesOf(*text) : "  (" + MessageOf(text.status()) + ")";
}

}  // namespace

absl::StatusOr<std::string> EnsurePrometheusImage(const docker::Engine& engine,
                                                  HelperCommands& helpers, spdlog::logger& log) {
  if (const auto named = VariableValue(kImageVariable)) {
    absl::Status found = engine.FindImage(*named).status();
    if (found.ok()) return *named;
    if (!absl::IsNotFound(found)) return found;
    return NotFound(std::string(kImageVariable) + "=" + *named + ": the Docker Engine at " +
                    engine.host().text + " has no such image; pull or build it");
  }
  absl::Status found = engine.FindImage(kDefaultPrometheusImage).status();
  if (found.ok()) return std::string(kDefaultPrometheusImage);
  if (!absl::IsNotFound(found)) return found;
  log.warn("building the image {}: it is not there", kDefaultPrometheusImage);
  absl::StatusOr<std::string> script = FindAsset(kScript);
  absl::Status built = script.status();
  if (built.ok()) {
    built = helpers.Run("build of the image " + std::string(kDefaultPrometheusImage), {*script},
                        kBuild, {{"DOCKER_HOST", engine.host().text}});
  }
  if (built.ok()) return std::string(kDefaultPrometheusImage);
  return MakeStatus(built.code(), "telemetry: there is no image of Prometheus; name one by " +
                                      std::string(kImageVariable) +
                                      " (prom/prometheus, say, once it is pulled), or see why it "
                                      "cannot be built: " +
                                      MessageOf(built));
}

absl::Status StackPrometheus::WriteFiles(const std::string& stack_directory,
                                         const ClusterSpec& spec,
                                         const std::vector<NodeInfo>& nodes) {
  const NodeKind& kind = *spec.topology.kind;
  GTESTNET_ASSIGN_OR_RETURN(const MetricsRoute route, MetricsRouteOf(kind));
  uint16_t port = 0;
  for (const PortSpec& one : kind.Ports()) {
    if (one.name == route.port) port = one.well_known;
  }
  std::vector<ScrapeTarget> targets;
  for (const NodeInfo& node : nodes) {
    targets.push_back({.index = node.index,
                       .name = node.name,
                       .role = node.role,
                       .address = node.name + ":" + std::to_string(port)});
  }
  const std::string directory = stack_directory + "/prometheus";
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(directory));
  GTESTNET_RETURN_IF_ERROR(
      WriteFileAtomically(directory + "/prometheus.yml",
                          PrometheusConfig({.run_id = spec.run_id, .metrics_path = route.path})));
  return WriteFileAtomically(directory + "/targets.json", PrometheusTargets(targets));
}

absl::Status StackPrometheus::Start(const std::string& container) {
  {
    const std::lock_guard lock(mutex_);
    container_ = container;
  }
  absl::Status started = engine_.Start(container);
  if (!started.ok()) {
    const auto wanted = VariableValue(kPortVariable);
    // "address already in use", "port is already allocated"
    if (!wanted || MessageOf(started).find(" already ") == std::string::npos) return started;
    return MakeStatus(absl::StatusCode::kAlreadyExists,
                      std::string(kPortVariable) + "=" + *wanted + ": " + MessageOf(started) +
                          "; end what listens there, name another port, or unset the variable for "
                          "one that is free");
  }
  GTESTNET_ASSIGN_OR_RETURN(const docker::ContainerState state, engine_.Inspect(container));
  const auto port = state.ports.find(kPrometheusPort);
  const std::lock_guard lock(mutex_);
  port_ = port == state.ports.end() ? uint16_t{0} : port->second;
  return absl::OkStatus();
}

bool StackPrometheus::IsIn(const std::string& container) const {
  const std::lock_guard lock(mutex_);
  return container == container_;
}

void StackPrometheus::NoteEnd(const std::string& how) {
  const std::lock_guard lock(mutex_);
  ended_ = how;
}

absl::StatusOr<std::string> StackPrometheus::endpoint() const {
  const std::lock_guard lock(mutex_);
  if (ended_.empty()) return "http://127.0.0.1:" + std::to_string(port_);
  return Unavailable("the run's Prometheus ended: " + ended_ + "; the end of its log:\n" +
                     EndOfLog(engine_, container_));
}

absl::Status StackPrometheus::AwaitReady(milliseconds timeout) const {
  uint16_t port = 0;
  std::string container;
  {
    const std::lock_guard lock(mutex_);
    port = port_;
    container = container_;
  }
  const absl::Status ready = AwaitPrometheus(
      [&]() -> absl::StatusOr<base::Endpoint> {
        if (const absl::Status alive = endpoint().status(); !alive.ok()) {
          return Aborted(MessageOf(alive));
        }
        return base::Endpoint::Tcp("127.0.0.1", port);
      },
      timeout);
  if (!absl::IsDeadlineExceeded(ready)) return ready;
  return MakeStatus(ready.code(),
                    MessageOf(ready) + "; the end of its log:\n" + EndOfLog(engine_, container_));
}

}  // namespace gtestnet::compose
