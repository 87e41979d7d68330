// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_SWEEP_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_SWEEP_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/deployer/k8s/kubectl.h"
#include "core/src/deployer/k8s/run_namespaces.h"

namespace gtestnet::k8s {

// One run in a cluster. All functions here run kubectl and nothing else, so that they serve also
// where no test program is left. They never touch what is not the run's: a namespace is its own if
// it has its label; in another one, its own is what has its label, and the release.
struct SweepTarget {
  Tools tools;  // helm is not used
  std::string run_id;
  std::string name_space;
};

// What a cluster has of one run.
struct Remains {
  std::vector<RunNamespace> namespaces;
  // In SweepTarget::name_space, where that is not the run's: "pod/member-0-0".
  std::vector<std::string> things;
  bool claimed = false;  // that namespace

  bool empty() const { return namespaces.empty() && things.empty() && !claimed; }
  // "namespace gtestnet-3f…, being deleted"; "pod/a, pod/b and 7 more in namespace qa"
  std::string ToString() const;
  std::string name_space;
};
absl::StatusOr<Remains> FindRemains(const SweepTarget& target);

// Ends the run's pods without regard to how. A namespace of its own begins to be deleted, so that
// nothing can come to be in it; elsewhere the workloads are deleted first, without their pods. Then
// the pods, by force. Returns when the API has no more of them; the containers end within 2 s or
// so. Repeat it as you like.
absl::Status EndPods(const SweepTarget& target);

// Waits until nothing is left. Removes nothing itself. kDeadlineExceeded says what is left, what
// holds it up, and what to do.
absl::Status AwaitGone(const SweepTarget& target, std::chrono::milliseconds timeout);

struct SweepOptions {
  // Between two looks in a row that must both find nothing. A helm that was ended in the middle may
  // have asked the API for something that comes to be a moment later.
  std::chrono::milliseconds settle{0};
  std::chrono::milliseconds timeout{90000};
  // How long the cluster may not answer.
  std::chrono::milliseconds patience{10000};
};
// Removes all of a run and returns when nothing of it is left. Errors as of AwaitGone;
// kUnavailable: it does not answer; what the cluster refuses is told at once.
absl::Status Sweep(const SweepTarget& target, const SweepOptions& options);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_SWEEP_H_
