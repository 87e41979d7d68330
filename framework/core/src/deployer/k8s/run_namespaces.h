// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_RUN_NAMESPACES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_RUN_NAMESPACES_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/deployer/k8s/kubectl.h"

namespace gtestnet::k8s {

// A namespace, as far as runs are concerned.
struct RunNamespace {
  std::string name;
  std::string run_id;    // its label; empty if it is no run's own
  std::string test;      // annotations, which may be empty
  std::string guardian;  // as of MarkOf
  bool ending = false;   // it is being deleted, and what holds it up, as the cluster says it
  std::string held_by;
};

// Those with a label, by a selector ("gtestnet.run"). Where one may not list namespaces, only that
// which is called `fallback` is looked at, if one may do that.
absl::StatusOr<std::vector<RunNamespace>> FindRunNamespaces(const Tools& tools,
                                                            const std::string& selector,
                                                            const std::string& fallback,
                                                            std::chrono::milliseconds timeout);

// kNotFound if there is none of that name.
absl::StatusOr<RunNamespace> ReadNamespace(const Tools& tools, const std::string& name,
                                           std::chrono::milliseconds timeout);

// "--request-timeout=…s", so that kubectl gives up by itself within that time.
std::string RequestTimeout(std::chrono::milliseconds timeout);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_RUN_NAMESPACES_H_
