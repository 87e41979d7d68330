// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_LABELS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_LABELS_H_

#include <string>

namespace gtestnet::compose {

// The labels of every container, network and volume of a run.
inline constexpr char kRunLabel[] = "gtestnet.run";    // the run's id
inline constexpr char kTestLabel[] = "gtestnet.test";  // for people
// Who watches over the run: "<host>/<boot>/<PID namespace>/<pid>/<start time>" of its guardian.
inline constexpr char kGuardianLabel[] = "gtestnet.guardian";
// Of a container that is a node: its index.
inline constexpr char kNodeLabel[] = "gtestnet.node";
inline constexpr char kRoleLabel[] = "gtestnet.role";

// What Compose itself says of a container.
inline constexpr char kServiceLabel[] = "com.docker.compose.service";

// Of a container that Kubernetes made. It gives it the labels of its pod, so those of a run too.
inline constexpr char kPodLabel[] = "io.kubernetes.pod.uid";

// The name of a run's Compose project: lower case, as it must be.
std::string ProjectOf(const std::string& run_id);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_LABELS_H_
