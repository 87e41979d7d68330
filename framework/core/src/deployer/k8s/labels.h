// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_LABELS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_LABELS_H_

#include <string>

namespace gtestnet::k8s {

// Of the run's namespace, if the run made it, and of all that is in it.
inline constexpr char kRunLabel[] = "gtestnet.run";  // the run's id
inline constexpr char kPartLabel[] = "gtestnet.part";
inline constexpr char kNodeLabel[] = "gtestnet.node";  // the node's name
// What is a part.
inline constexpr char kNodePart[] = "node";
inline constexpr char kCfgsyncPart[] = "cfgsync";
inline constexpr char kPrometheusPart[] = "prometheus";
// Annotations, of the namespace.
inline constexpr char kTestAnnotation[] = "gtestnet.test";          // for people
inline constexpr char kGuardianAnnotation[] = "gtestnet.guardian";  // MarkOf the run's guardian

// The one release of a namespace.
inline constexpr char kRelease[] = "gtestnet";

// The name of a run's namespace: lower case, as it must be.
std::string NamespaceOf(const std::string& run_id);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_LABELS_H_
