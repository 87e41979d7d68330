// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBE_API_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBE_API_H_

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/http.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/k8s/kubectl.h"

namespace gtestnet::k8s {

// The API of a cluster, through `kubectl proxy` at a Unix socket in the run's directory: kubectl
// knows the kubeconfig and its credentials, and what is asked often is one request, where a command
// would cost a hundred times more. A proxy that ends is begun again by the next request. Any
// thread.
//
// Errors are one sentence: what was asked, and what the API said. kUnavailable: it does not answer;
// kNotFound, kAlreadyExists, kPermissionDenied, kUnauthenticated, kFailedPrecondition (a conflict),
// kInvalidArgument, kDeadlineExceeded, kInternal.
class KubeApi {
 public:
  // Returns when it answers.
  static absl::StatusOr<std::unique_ptr<KubeApi>> Open(const Tools& tools, HelperCommands& helpers,
                                                       const std::string& directory,
                                                       std::chrono::milliseconds timeout);
  ~KubeApi();
  KubeApi(const KubeApi&) = delete;
  KubeApi& operator=(const KubeApi&) = delete;

  // For streams: watches. Sees to it that the proxy is there.
  absl::StatusOr<base::Endpoint> Reach() const;

  // `target` is a path with its query: "/api/v1/namespaces/x/services".
  absl::StatusOr<boost::json::value> Get(std::string_view what, const std::string& target) const;
  absl::StatusOr<std::string> GetText(std::string_view what, const std::string& target) const;
  absl::Status Create(std::string_view what, const std::string& target,
                      const boost::json::value& object) const;
  // One that is not there is no error. With its grace period at 0 a pod is gone at once.
  absl::Status Delete(std::string_view what, const std::string& target, bool at_once = false) const;

 private:
  KubeApi(const Tools& tools, HelperCommands& helpers, std::string socket);
  // Begins the proxy if none is there.
  absl::Status EnsureProxy() const;
  absl::StatusOr<std::string> Ask(std::string_view what, const base::HttpRequest& request) const;

  const Tools tools_;
  HelperCommands& helpers_;
  const std::string socket_;
  const base::HttpClient client_;
  mutable std::mutex mutex_;
  mutable int proxy_ = -1;                            // the command
  mutable std::shared_ptr<std::atomic<bool>> ended_;  // whether it has; null before the first
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBE_API_H_
