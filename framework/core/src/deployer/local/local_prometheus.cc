// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/local/local_prometheus.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/src/base/http.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/prometheus_files.h"
#include "core/src/cluster/prometheus_ready.h"
#include "core/src/deployer/local/address_block.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr uint16_t kUsualPort = 9090;
constexpr int kTries = 16;
constexpr char kPortVariable[] = "TEST_FRAMEWORK_PROMETHEUS_PORT";

}  // namespace

absl::StatusOr<std::string> FindPrometheus() {
  absl::StatusOr<std::string> program = FindHelperProgram("prometheus");
  if (program.ok()) return program;
  return NotFound(
      "there is no program prometheus in PATH; install it, as by apt-get install prometheus");
}

LocalPrometheus::LocalPrometheus(Options options, std::string program)
    : options_(std::move(options)),
      program_(std::move(program)),
      log_(options_.directory + "/log") {}

absl::StatusOr<std::unique_ptr<LocalPrometheus>> LocalPrometheus::Prepare(Options options) {
  absl::StatusOr<std::string> program = FindPrometheus();
  if (!program.ok()) return Annotate(program.status(), "local: telemetry");
  std::unique_ptr<LocalPrometheus> made(
      new LocalPrometheus(std::move(options), *std::move(program)));
  GTESTNET_RETURN_IF_ERROR(made->ChooseAddress());
  const std::string& directory = made->options_.directory;
  if (mkdir(directory.c_str(), 0700) != 0) return ErrnoStatus(errno, directory);
  GTESTNET_RETURN_IF_ERROR(
      WriteFileAtomically(directory + "/prometheus.yml",
                          PrometheusConfig({.run_id = made->options_.run_id,
                                            .metrics_path = made->options_.route.path})));
  GTESTNET_RETURN_IF_ERROR(made->Target({}));
  return made;
}

absl::Status LocalPrometheus::ChooseAddress() {
  if (const auto wanted = VariableValue(kPortVariable)) {
    host_ = "127.0.0.1";
    port_ = static_cast<uint16_t>(std::atoi(wanted->c_str()));
    const absl::Status free = TryListening(host_, port_);
    if (free.ok()) return absl::OkStatus();
    return Annotate(
        MakeStatus(free.code(), MessageOf(free) + "; end what listens there, name another port, or "
                                                  "unset the variable for one that is free"),
        "local: " + std::string(kPortVariable) + "=" + *wanted);
  }
  host_ = options_.host;
  absl::Status last;
  for (int i = 0; i < kTries; ++i) {
    port_ = static_cast<uint16_t>(kUsualPort + i * 101);
    last = TryListening(host_, port_);
    if (last.ok()) return absl::OkStatus();
  }
  return Annotate(last, "local: no port for Prometheus is free, after " + std::to_string(kTries) +
                            " tries; last");
}

absl::Status LocalPrometheus::Start(Guardian& guardian,
                                    std::map<std::string, std::string> environment) {
  SpawnRequest request;
  request.id = options_.process;
  request.arguments = {program_, "--config.file=" + options_.directory + "/prometheus.yml",
                       "--storage.tsdb.path=" + options_.directory + "/data",
                       "--web.listen-address=" + host_ + ":" + std::to_string(port_)};
  request.environment = std::move(environment);
  request.directory = options_.directory;
  request.log = log_;
  return Annotate(guardian.Spawn(request).status(), "prometheus");
}

absl::Status LocalPrometheus::AwaitReady(milliseconds timeout) const {
  const absl::Status ready = AwaitPrometheus(
      [this]() -> absl::StatusOr<base::Endpoint> {
        if (const absl::Status alive = endpoint().status(); !alive.ok()) {
          return Aborted(MessageOf(alive));
        }
        return base::Endpoint::Tcp(host_, port_);
      },
      timeout);
  // One that ended has said it already.
  if (!absl::IsDeadlineExceeded(ready)) return ready;
  return MakeStatus(ready.code(),
                    MessageOf(ready) + "; the end of its log, " + log_ + ":\n" + LastLines(log_));
}

absl::Status LocalPrometheus::Target(const std::vector<NodeInfo>& nodes) {
  return WriteFileAtomically(options_.directory + "/targets.json",
                             PrometheusTargets(TargetsOf(nodes, options_.route)));
}

bool LocalPrometheus::NoteExit(int process, int status) {
  if (process != options_.process) return false;
  const std::lock_guard lock(mutex_);
  ended_ = DescribeExit(status);
  return true;
}

absl::StatusOr<std::string> LocalPrometheus::endpoint() const {
  const std::lock_guard lock(mutex_);
  if (ended_.empty()) return Url();
  return Unavailable("the run's Prometheus ended: " + ended_ + "; the end of its log, " + log_ +
                     ":\n" + LastLines(log_));
}

}  // namespace gtestnet
