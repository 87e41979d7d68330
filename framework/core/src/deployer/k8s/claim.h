// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_CLAIM_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_CLAIM_H_

#include <chrono>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/k8s/sweep.h"

namespace gtestnet::k8s {

// In a namespace that is not the run's own: whose it is for now.
inline constexpr char kClaim[] = "gtestnet-run";
inline constexpr char kClaimPart[] = "claim";  // its kPartLabel

// Takes a namespace for a run, before anything is made in it. One that is not there is made, with
// the run's label and the annotations, and is the run's own. In one that is there a ConfigMap
// kClaim is made, with the same label and annotations: only one run can have that, and it is
// removed last. Waits for one that is just being deleted, with that patience (stretched). The run's
// directory must be there.
//
// kAlreadyExists: another run has it, and which; kFailedPrecondition: it does not go away, and why.
absl::Status ClaimNamespace(const SweepTarget& target,
                            const std::map<std::string, std::string>& annotations,
                            HelperCommands& helpers,
                            std::chrono::milliseconds patience = std::chrono::minutes(1));

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_CLAIM_H_
