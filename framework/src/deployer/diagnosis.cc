// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/diagnosis.h"

#include "gtestnet/variables.h"
#include "src/base/status.h"
#include "src/deployer/compose/compose_tool.h"
#include "src/deployer/compose/engine.h"
#include "src/deployer/compose/image.h"
#include "src/deployer/k8s/k8s_diagnosis.h"

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

std::vector<std::string> DiagnoseCompose() {
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return {MessageOf(host.status())};
  docker::Engine engine(*host);
  const absl::StatusOr<docker::EngineVersion> version = engine.Negotiate(Scaled(kAnswer));
  if (!version.ok()) return {MessageOf(version.status())};
  std::vector<std::string> lines = {"Docker Engine " + version->engine + ", API " + version->api +
                                    ", at " + host->text};
  const absl::StatusOr<compose::ComposeTool> tool = compose::FindComposeTool();
  lines.push_back(tool.ok() ? "Compose " + tool->version : MessageOf(tool.status()));
  lines.push_back(DescribeImage(engine));
  return lines;
}

}  // namespace

std::vector<std::string> Diagnose(std::string_view deployer) {
  if (deployer == "compose") return DiagnoseCompose();
  if (deployer == "k8s") return k8s::DiagnoseCluster();
  return {};
}

}  // namespace gtestnet
