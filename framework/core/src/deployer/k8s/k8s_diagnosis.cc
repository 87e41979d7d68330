// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/k8s_diagnosis.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/json_at.h"
#include "core/src/base/socket.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/k8s_probe.h"
#include "core/src/deployer/k8s/kubeconfig.h"
#include "core/src/deployer/k8s/run_namespaces.h"
#include "gtestnet/clock.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using base::ArrayAt;
using base::TextAt;
using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kConnect{500};
constexpr uint16_t kKubeletPort = 10250;
constexpr char kIsDefault[] = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";

json::value Parse(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  return error ? json::value() : value;
}

// An engine puts its default registry before a short name.
bool IsTag(std::string_view tag, std::string_view image) {
  const std::string whole =
      absl::StrContains(ToAbsl(image), ":") ? std::string(image) : std::string(image) + ":latest";
  return tag == whole || tag == "docker.io/library/" + whole || tag == "docker.io/" + whole ||
         tag == "localhost/" + whole;
}

bool HasImage(const json::value& machine, std::string_view image) {
  for (const json::value& one : ArrayAt(machine, "/status/images")) {
    for (const json::value& name : ArrayAt(one, "/names")) {
      if (!name.is_string()) continue;
      if (IsTag({name.get_string().data(), name.get_string().size()}, image)) return true;
    }
  }
  return false;
}

bool IsReady(const json::value& machine) {
  for (const json::value& condition : ArrayAt(machine, "/status/conditions")) {
    if (TextAt(condition, "/type") == "Ready") return TextAt(condition, "/status") == "True";
  }
  return false;
}

absl::StatusOr<std::string> List(const Tools& tools, const std::string& what) {
  return Kubectl(tools, "list of the " + what,
                 {"get", what, "--output=json", RequestTimeout(kAnswer)}, Scaled(kAnswer));
}

std::string DescribeNamespace() {
  const auto named = VariableValue("K8S_RUNNER_NAMESPACE");
  return named ? "namespace " + *named + " (K8S_RUNNER_NAMESPACE), one run at a time"
               : std::string("a namespace of its own for each run");
}

std::string DescribeMachines(const Machines& machines) {
  std::string text = absl::StrCat(machines.count, machines.count == 1 ? " machine" : " machines");
  if (machines.not_ready > 0) absl::StrAppend(&text, ", ", machines.not_ready, " not ready");
  if (!machines.runtimes.empty()) {
    absl::StrAppend(&text, ", ", absl::StrJoin(machines.runtimes, ", "));
  }
  return text;
}

// By the port of the kubelet: before a run there is no node port.
std::string DescribeReach(const std::vector<std::string>& hosts) {
  std::string last;
  for (const std::string& host : hosts) {
    const absl::Status connected =
        base::Socket::Connect(base::Endpoint::Tcp(host, kKubeletPort),
                              {.deadline = RealClock().Now() + Scaled(kConnect)})
            .status();
    if (connected.ok()) {
      return "node ports: the machine " + host + " can be reached, so its ports should be, too";
    }
    last = MessageOf(connected);
  }
  return "node ports: it is not known whether they can be reached" +
         (last.empty() ? std::string() : " (" + last + ")") +
         "; where they cannot, name a host that can by K8S_RUNNER_NODE_HOST";
}

std::vector<std::string> HostsOf(const Machines& machines) {
  if (const auto host = VariableValue("K8S_RUNNER_NODE_HOST")) return {*host};
  return machines.addresses;
}

}  // namespace

Machines ReadMachines(std::string_view list, std::string_view image) {
  Machines machines;
  const json::value value = Parse(list);
  for (const json::value& machine : ArrayAt(value, "/items")) {
    ++machines.count;
    if (!IsReady(machine)) ++machines.not_ready;
    if (HasImage(machine, image)) ++machines.with_image;
    const std::string runtime = TextAt(machine, "/status/nodeInfo/containerRuntimeVersion");
    auto& all = machines.runtimes;
    if (!runtime.empty() && std::find(all.begin(), all.end(), runtime) == all.end()) {
      all.push_back(runtime);
    }
    for (const json::value& address : ArrayAt(machine, "/status/addresses")) {
      const std::string type = TextAt(address, "/type");
      if (type == "InternalIP" || type == "ExternalIP") {
        machines.addresses.push_back(TextAt(address, "/address"));
      }
    }
  }
  return machines;
}

std::string DescribeImage(const Machines& machines, const std::string& image,
                          const std::string& pull_policy) {
  std::string text = "image " + image + " (" + pull_policy + "): ";
  if (machines.with_image > 0) {
    absl::StrAppend(&text, machines.with_image, " of ", machines.count, " machines ",
                    machines.with_image == 1 ? "has it" : "have it");
    return text;
  }
  text += "no machine tells of it";
  if (pull_policy == "Never") {
    return text +
           "; bring it there (kind load docker-image, minikube image load, k3s ctr images "
           "import)";
  }
  return text +
         "; it must be where the cluster can pull it from, or be brought there (kind load "
         "docker-image, minikube image load, k3s ctr images import), but where the cluster "
         "runs on this machine's Docker Engine, the first run builds it";
}

std::string DescribeStorage(std::string_view list) {
  const json::value value = Parse(list);
  for (const json::value& one : ArrayAt(value, "/items")) {
    if (TextAt(one, kIsDefault) != "true") continue;
    return "storage class " + TextAt(one, "/metadata/name") + " (" + TextAt(one, "/provisioner") +
           "): the database of a node outlives its pod, where a test deletes pods";
  }
  return "no default storage class: a node whose pod is deleted comes back empty";
}

std::vector<std::string> DiagnoseCluster(const std::vector<ImageSpec>& images) {
  const absl::StatusOr<Tools> tools = FindTools();
  if (!tools.ok()) return {MessageOf(tools.status())};
  const absl::StatusOr<Version> version = AskClusterVersion(*tools, Scaled(kAnswer));
  if (!version.ok()) return {MessageOf(version.status())};
  const std::string from = FindKubeconfig().value_or("");
  std::vector<std::string> lines = {
      (tools->context.empty() ? "" : "context " + tools->context + " of ") + from,
      "Kubernetes " + version->text + ", " + DescribeTools(*tools), DescribeNamespace()};
  const absl::StatusOr<std::string> list = List(*tools, "nodes");
  const Machines machines = ReadMachines(list.value_or(""), "");
  lines.push_back(list.ok() ? DescribeMachines(machines) : MessageOf(list.status()));
  for (const ImageSpec& image : images) {
    if (!list.ok()) break;
    lines.push_back(DescribeImage(ReadMachines(*list, image.tag), image.tag, image.pull_policy));
  }
  const absl::StatusOr<std::string> classes = List(*tools, "storageclasses");
  lines.push_back(classes.ok() ? DescribeStorage(*classes) : MessageOf(classes.status()));
  lines.push_back(DescribeReach(HostsOf(machines)));
  return lines;
}

}  // namespace gtestnet::k8s
