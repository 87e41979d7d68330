// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_K8S_SWEEP_H_
#define GTESTNET_SRC_DEPLOYER_K8S_SWEEP_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/deployer/k8s/kubectl.h"

namespace gtestnet::k8s {

// One run in a cluster. All functions here run kubectl and nothing else, so that they serve also
// where no test program is left.
struct SweepTarget {
  Tools tools;  // helm is not used
  std::string run_id;
  std::string name_space;
};

// Takes a namespace for a run, before anything is made in it; `name_space` is the run's own, or one
// that somebody chose. One that is not there is made, with the run's label and the annotations, and
// is the run's. In one that is there, and is not the run's, a ConfigMap gtestnet-run with the same
// label and annotations is made instead: only one run can have that, and it is removed last.
// kAlreadyExists: another run has it (says which, of what test); kFailedPrecondition: it is being
// deleted; kPermissionDenied.
absl::Status ClaimNamespace(const SweepTarget& target,
                            const std::map<std::string, std::string>& annotations);

// Ends the run's pods without regard to how: the workloads are deleted without them, so that none
// comes back, then the pods by force. Returns when the API has no more of them; the containers end
// within 2 s or so. Where the namespace is the run's, all pods in it.
absl::Status EndPods(const SweepTarget& target);

struct SweepOptions {
  // Between two looks in a row that must both find nothing. A helm that was ended in the middle may
  // have asked the API for something that comes to be a moment later.
  std::chrono::milliseconds settle{0};
  std::chrono::milliseconds timeout{90000};
};

// Waits until the namespace is gone, or, if it is not the run's, nothing of the run in it.
// kDeadlineExceeded says what holds it up, and what to do.
absl::Status AwaitGone(const SweepTarget& target, std::chrono::milliseconds timeout);

// Removes all of a run: EndPods, then the namespaces with its label; in `name_space`, if that is
// not the run's, what has its label, and the release. Then awaits the end of it all.
absl::Status Sweep(const SweepTarget& target, const SweepOptions& options);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_SRC_DEPLOYER_K8S_SWEEP_H_
