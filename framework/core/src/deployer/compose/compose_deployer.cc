// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/compose_deployer.h"

#include <string>

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/deployer/compose/compose_cluster.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kAnswer{2000};
// Docker 19.03: what came before has no healthchecks that Compose v2 understands.
constexpr std::string_view kOldestApi = "1.40";

Availability Absent(const std::string& reason, const std::string& remedy) {
  return {.available = false, .reason = "compose: " + reason, .remedy = remedy};
}

bool IsHere(const base::Endpoint& endpoint) {
  return !endpoint.unix_path.empty() || endpoint.host == "localhost" || endpoint.host == "::1" ||
         endpoint.host.rfind("127.", 0) == 0;
}

Availability ExplainSilence(const docker::EngineHost& host, const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) {
    return Absent("no permission on the Docker socket " + host.endpoint.unix_path,
                  "add this user to the group docker (and log in again), or run as one who may");
  }
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    return Absent("no Docker daemon answers at " + host.text + " (" + MessageOf(status) + ")",
                  "start Docker, or leave compose out of GTESTNET_DEPLOYERS");
  }
  return Absent(MessageOf(status), "see what listens at " + host.text);
}

Availability ProbeEngine(const docker::EngineHost& host) {
  if (!IsHere(host.endpoint)) {
    return Absent("the Docker Engine at " + host.text + " (" + host.origin +
                      ") is on another machine, where nodes could not be reached",
                  "unset it, or forward that machine's socket");
  }
  docker::Engine engine(host);
  const absl::StatusOr<docker::EngineVersion> version = engine.Negotiate(kAnswer);
  if (!version.ok()) return ExplainSilence(host, version.status());
  if (docker::IsOlder(version->api, kOldestApi)) {
    return Absent("the Docker Engine at " + host.text + " is too old: version " + version->engine +
                      ", API " + version->api,
                  "install Docker 19.03 or newer (API " + std::string(kOldestApi) + ")");
  }
  return {.available = true, .reason = {}, .remedy = {}};
}

}  // namespace

Availability ComposeDeployer::Probe() const {
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return Absent(MessageOf(host.status()), "correct it, or unset it");
  if (Availability engine = ProbeEngine(*host); !engine.available) return engine;
  for (const char* program : {"gtestnet-guardian", "gtestnet-sweep"}) {
    const absl::Status found = FindHelperProgram(program).status();
    if (!found.ok()) {
      return Absent(MessageOf(found),
                    std::string("build or install ") + program + ", which is part of gtestnet");
    }
  }
  const absl::Status tool = compose::FindComposeTool().status();
  if (!tool.ok()) {
    return Absent(MessageOf(tool),
                  "install Compose v2 (the package docker-compose-plugin, or docker-compose of "
                  "version 2)");
  }
  return {.available = true, .reason = {}, .remedy = {}};
}

absl::StatusOr<std::unique_ptr<BackendCluster>> ComposeDeployer::Provision(
    const ClusterSpec& spec) {
  const Availability here = Probe();
  if (!here.available) return FailedPrecondition(here.reason + "; " + here.remedy);
  ComposeBackend backend;
  GTESTNET_ASSIGN_OR_RETURN(backend.host, docker::FindEngineHost());
  GTESTNET_ASSIGN_OR_RETURN(backend.tool, compose::FindComposeTool());
  return ComposeCluster::Provision(spec, options_, backend);
}

}  // namespace gtestnet
