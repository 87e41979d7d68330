// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/kubeconfig.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

constexpr char kAccount[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

bool IsInCluster() { return VariableValue("KUBERNETES_SERVICE_HOST") && Exists(kAccount); }

std::map<std::string, std::string> KubeEnvironment() {
  const auto files = VariableValue("KUBECONFIG");
  if (!files) return {};
  std::vector<std::string> absolute;
  for (absl::string_view file : absl::StrSplit(*files, ':', absl::SkipEmpty())) {
    std::error_code error;
    absolute.push_back(std::filesystem::absolute(std::string(file), error).string());
  }
  return {{"KUBECONFIG", absl::StrJoin(absolute, ":")}};
}

absl::StatusOr<std::string> FindKubeconfig() {
  std::string looked_at;
  if (const auto files = VariableValue("KUBECONFIG")) {
    for (absl::string_view file : absl::StrSplit(*files, ':', absl::SkipEmpty())) {
      if (Exists(std::string(file))) return "KUBECONFIG=" + *files;
    }
    looked_at = "KUBECONFIG=" + *files + ", which is not there";
  } else if (const auto home = VariableValue("HOME")) {
    const std::string file = *home + "/.kube/config";
    if (Exists(file)) return file;
    looked_at = "KUBECONFIG, which is not set, " + file + ", which is not there";
  } else {
    looked_at = "KUBECONFIG and HOME, which are not set";
  }
  if (IsInCluster()) return std::string("the pod's service account");
  return NotFound("there is no kubeconfig; looked at " + looked_at +
                  ", and for a pod's service account; set KUBECONFIG to a cluster's");
}

}  // namespace gtestnet::k8s
