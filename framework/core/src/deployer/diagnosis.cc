// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/diagnosis.h"

#include "core/src/base/status.h"
#include "core/src/deployer/compose/compose_tool.h"
#include "core/src/deployer/container/engine.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/k8s/k8s_diagnosis.h"
#include "gtestnet/deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kAnswer{2000};

std::string DescribeImage(const docker::Engine& engine) {
  const auto named = VariableValue("NOMOS_TESTNET_IMAGE");
  const std::string tag = named.value_or(compose::kDefaultImage);
  const absl::Status found = engine.FindImage(tag).status();
  if (found.ok()) return "image " + tag + ": is there";
  if (!absl::IsNotFound(found)) return MessageOf(found);
  return "image " + tag +
         (named ? ": is not there; pull or build it, or unset NOMOS_TESTNET_IMAGE"
                : ": is not there; the first run builds it");
}

std::string DescribeVerbs(const docker::Engine& engine) {
  const absl::StatusOr<docker::EngineInfo> info = engine.Info();
  if (!info.ok()) return MessageOf(info.status());
  if (info->can_pause()) return "verbs: start, stop, kill, pause, resume, restart, add";
  return "verbs: start, stop, kill, restart, add; no pause and no resume, as its cgroup driver is "
         "\"none\" (an engine without root needs cgroup v2 and systemd for that)";
}

std::vector<std::string> DiagnoseCompose() {
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return {MessageOf(host.status())};
  docker::Engine engine(*host);
  const absl::StatusOr<docker::EngineVersion> version = engine.Negotiate(Scaled(kAnswer));
  if (!version.ok()) return {MessageOf(version.status())};
  std::vector<std::string> lines = {version->product + " " + version->engine + ", " +
                                    (version->is_podman() ? "Docker's API " : "API ") +
                                    version->api + ", at " + host->text};
  const absl::StatusOr<compose::ComposeTool> tool = compose::FindComposeTool();
  lines.push_back(tool.ok() ? "Compose " + tool->version : MessageOf(tool.status()));
  lines.push_back(DescribeVerbs(engine));
  lines.push_back(DescribeImage(engine));
  return lines;
}

}  // namespace

std::vector<std::string> Diagnose(std::string_view deployer) {
  if (deployer == "compose") return DiagnoseCompose();
  if (deployer == "k8s") return k8s::DiagnoseCluster();
  return {};
}

std::string DescribeDeployers() {
  constexpr size_t kColumn = 9;
  std::string text;
  for (const std::string& name : KnownDeployers()) {
    const std::string padded =
        name + std::string(name.size() < kColumn ? kColumn - name.size() : 1, ' ');
    const absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(name);
    if (!deployer.ok()) {
      text += "  " + padded + MessageOf(deployer.status()) + "\n";
      continue;
    }
    const Availability here = (*deployer)->Probe();
    text += "  " + padded +
            (here.available ? "ready: " + (*deployer)->capabilities().ToString()
                            : "not here: " + here.reason + "; " + here.remedy) +
            "\n";
    if (!here.available) continue;
    for (const std::string& line : Diagnose(name)) text += "           " + line + "\n";
    // What can be had here, and is lacking.
    const std::string why = (*deployer)->WhyLacking(Capability::kTelemetry);
    if (!why.empty()) text += "           without telemetry: " + why + "\n";
  }
  return text;
}

}  // namespace gtestnet
