// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/k8s_probe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/run_namespaces.h"
#include "core/src/node/exit_status.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{2000};
constexpr milliseconds kAnswerWhereRequired{10000};
// For kubectl's own start on a busy machine.
constexpr milliseconds kStart{8000};
constexpr int kOldestMinor = 20;

Availability Absent(const std::string& reason, const std::string& remedy) {
  return {.available = false, .reason = "k8s: " + reason, .remedy = remedy};
}

// From a message "what is wrong; what to do".
Availability Absent(const absl::Status& status) {
  const std::string message = MessageOf(status);
  const size_t at = message.rfind("; ");
  if (at != std::string::npos) return Absent(message.substr(0, at), message.substr(at + 2));
  return Absent(message, "or leave k8s out of GTESTNET_DEPLOYERS");
}

std::string NameOf(const Tools& tools) {
  return tools.context.empty() ? "the cluster" : "the cluster of context " + tools.context;
}

Availability ProbeNewNamespace(const Tools& tools, milliseconds timeout) {
  const absl::StatusOr<bool> may = MayI(tools, {"create", "namespaces"}, timeout);
  if (!may.ok()) return Absent(may.status());
  if (*may) return {.available = true, .reason = {}, .remedy = {}};
  return Absent("this user may not make namespaces in " + NameOf(tools),
                "have that right granted, or name a namespace that you may use by "
                "K8S_RUNNER_NAMESPACE");
}

Availability ProbeNamespace(const Tools& tools, const std::string& name, milliseconds timeout) {
  const absl::Status there =
      Kubectl(tools, "the namespace " + name,
              {"get", "namespace", name, "--output=name", RequestTimeout(timeout)},
              timeout + kStart)
          .status();
  if (absl::IsNotFound(there)) return ProbeNewNamespace(tools, timeout);
  // Who may not look at the namespace may still use it.
  if (!there.ok() && !absl::IsPermissionDenied(there)) return Absent(there);
  const absl::StatusOr<bool> may =
      MayI(tools, {"create", "statefulsets.apps", "--namespace=" + name}, timeout);
  if (!may.ok()) return Absent(may.status());
  if (*may) return {.available = true, .reason = {}, .remedy = {}};
  return Absent("this user may not make StatefulSets in the namespace " + name +
                    " (K8S_RUNNER_NAMESPACE) of " + NameOf(tools),
                "have a RoleBinding to the ClusterRole admin there, or name another namespace");
}

}  // namespace

absl::StatusOr<Version> AskClusterVersion(const Tools& tools, milliseconds timeout) {
  GTESTNET_ASSIGN_OR_RETURN(
      const std::string said,
      Kubectl(tools, NameOf(tools), {"get", "--raw", "/version", RequestTimeout(timeout)},
              timeout + kStart));
  std::optional<Version> version = GitVersion(said);
  if (version) return *std::move(version);
  return Internal(NameOf(tools) + ": an answer that makes no sense: " + said.substr(0, 100) +
                  "; see which API the kubeconfig leads to");
}

absl::StatusOr<bool> MayI(const Tools& tools, std::vector<std::string> question,
                          milliseconds timeout) {
  question.insert(question.begin(), {"auth", "can-i"});
  question.push_back(RequestTimeout(timeout));
  GTESTNET_ASSIGN_OR_RETURN(const CommandResult result,
                            RunCommand(KubectlCommand(tools, std::move(question)),
                                       {.timeout = timeout + kStart, .apart = true}));
  // Also an answer of "no" has exit status 1.
  if (absl::StartsWith(result.output, "yes")) return true;
  if (absl::StartsWith(result.output, "no")) return false;
  const std::string what = NameOf(tools) + ", question about rights";
  return ExplainFailure(what, result.errors.empty() ? DescribeExit(result.status) : result.errors);
}

Availability ProbeCluster() {
  for (const char* program : {"gtestnet-guardian", "gtestnet-sweep"}) {
    const absl::Status found = FindHelperProgram(program).status();
    if (!found.ok()) {
      return Absent(MessageOf(found),
                    std::string("build or install ") + program + ", which is part of gtestnet");
    }
  }
  const absl::StatusOr<Tools> tools = FindTools();
  if (!tools.ok()) return Absent(tools.status());
  const milliseconds timeout = Scaled(IsRequired("k8s") ? kAnswerWhereRequired : kAnswer);
  const absl::StatusOr<Version> version = AskClusterVersion(*tools, timeout);
  if (!version.ok()) return Absent(version.status());
  if (*version < Version{1, kOldestMinor, {}}) {
    return Absent(NameOf(*tools) + " is too old: Kubernetes " + version->text,
                  "use Kubernetes 1." + std::to_string(kOldestMinor) + " or newer");
  }
  if (const auto name = VariableValue("K8S_RUNNER_NAMESPACE")) {
    return ProbeNamespace(*tools, *name, timeout);
  }
  return ProbeNewNamespace(*tools, timeout);
}

}  // namespace gtestnet::k8s
