// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/diagnosis.h"

#include <map>

#include "core/src/base/status.h"
#include "core/src/deployer/compose/compose_tool.h"
#include "core/src/deployer/container/engine.h"
#include "core/src/deployer/k8s/k8s_diagnosis.h"
#include "gtestnet/deployer.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kAnswer{2000};

std::string DescribeImage(const docker::Engine& engine, const ImageSpec& image) {
  const absl::Status found = engine.FindImage(image.tag).status();
  if (found.ok()) return "image " + image.tag + ": is there";
  if (!absl::IsNotFound(found)) return MessageOf(found);
  return "image " + image.tag + ": is not there; " +
         (image.build.empty() ? image.remedy : "the first run builds it");
}

std::string DescribeVerbs(const docker::Engine& engine) {
  const absl::StatusOr<docker::EngineInfo> info = engine.Info();
  if (!info.ok()) return MessageOf(info.status());
  if (info->can_pause()) return "verbs: start, stop, kill, pause, resume, restart, add";
  return "verbs: start, stop, kill, restart, add; no pause and no resume, as its cgroup driver is "
         "\"none\" (an engine without root needs cgroup v2 and systemd for that)";
}

std::vector<std::string> DiagnoseCompose(const std::vector<ImageSpec>& images) {
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
  for (const ImageSpec& image : images) lines.push_back(DescribeImage(engine, image));
  return lines;
}

// Those that the topologies' nodes run in, each once, and why some cannot run there.
std::vector<ImageSpec> ImagesOf(const std::vector<TopologySpec>& topologies,
                                const std::string& deployer, std::vector<std::string>* cannot) {
  std::map<std::string, ImageSpec> images;
  for (const TopologySpec& topology : topologies) {
    if (topology.kind == nullptr) continue;
    const absl::Status supported = topology.kind->SupportedOn(topology, deployer);
    if (!supported.ok()) {
      cannot->push_back(MessageOf(supported));
      continue;
    }
    for (const Role& role : topology.roles) {
      const absl::StatusOr<ContainerSpec> container = topology.kind->Container(role.name);
      if (container.ok()) images[container->image.tag] = container->image;
    }
  }
  std::vector<ImageSpec> each;
  for (const auto& [tag, image] : images) each.push_back(image);
  return each;
}

}  // namespace

std::vector<std::string> Diagnose(std::string_view deployer, const std::vector<ImageSpec>& images) {
  if (deployer == "compose") return DiagnoseCompose(images);
  if (deployer == "k8s") return k8s::DiagnoseCluster(images);
  return {};
}

std::string DescribeDeployers(const std::vector<TopologySpec>& topologies) {
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
    std::vector<std::string> cannot;
    const std::vector<ImageSpec> images = ImagesOf(topologies, name, &cannot);
    for (const std::string& sentence : cannot) text += "           not for all: " + sentence + "\n";
    for (const std::string& line : Diagnose(name, images)) text += "           " + line + "\n";
    // What can be had here, and is lacking.
    const std::string why = (*deployer)->WhyLacking(Capability::kTelemetry);
    if (!why.empty()) text += "           without telemetry: " + why + "\n";
  }
  return text;
}

}  // namespace gtestnet
