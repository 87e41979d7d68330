// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_KNOWN_FAILURES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_KNOWN_FAILURES_H_

#include "core/src/cluster/helper_commands.h"

namespace gtestnet::k8s {

// Of helm and kubectl. The API's server says "forbidden" of much that has nothing to do with
// rights, so that comes late.
inline constexpr KnownFailure kKnownFailures[] = {
    {"because it is being terminated", absl::StatusCode::kFailedPrecondition,
     "the namespace is being deleted: wait until it is gone, or choose another by "
     "K8S_RUNNER_NAMESPACE"},
    {"exceeded quota", absl::StatusCode::kResourceExhausted,
     "the namespace's ResourceQuota (kubectl describe quota) does not allow that much: have it "
     "raised, use fewer nodes, or choose another namespace by K8S_RUNNER_NAMESPACE"},
    {"failed quota", absl::StatusCode::kResourceExhausted,
     "the namespace's ResourceQuota (kubectl describe quota) wants limits that the pods do not "
     "have: add a LimitRange with defaults, or choose another namespace by K8S_RUNNER_NAMESPACE"},
    {"violates PodSecurity", absl::StatusCode::kPermissionDenied,
     "the namespace's Pod Security level does not allow such pods: have it relaxed, or choose "
     "another namespace by K8S_RUNNER_NAMESPACE"},
    {"admission webhook", absl::StatusCode::kPermissionDenied,
     "an admission webhook of the cluster refuses this, or does not answer: whoever runs the "
     "cluster knows its rules"},
    {"failed calling webhook", absl::StatusCode::kUnavailable,
     "an admission webhook of the cluster does not answer: whoever runs the cluster can mend it"},
    {"cannot re-use a name", absl::StatusCode::kAlreadyExists,
     "the namespace has a release of that name already: remove it (helm uninstall), or choose "
     "another namespace by K8S_RUNNER_NAMESPACE"},
    {"invalid ownership metadata", absl::StatusCode::kAlreadyExists,
     "the namespace has things of the same names that are not this run's: remove them, or choose "
     "another namespace by K8S_RUNNER_NAMESPACE"},
    {"another operation (install/upgrade/rollback) is in progress",
     absl::StatusCode::kFailedPrecondition,
     "another helm is at work on this release, or was killed at it: remove the release (helm "
     "uninstall), or choose another namespace by K8S_RUNNER_NAMESPACE"},
    {"x509:", absl::StatusCode::kUnauthenticated,
     "the kubeconfig's certificates do not fit the cluster, or have expired: have the kubeconfig "
     "made anew"},
    {"getting credentials:", absl::StatusCode::kUnauthenticated,
     "the credentials plugin that the kubeconfig names fails: install it or log in, until "
     "\"kubectl get namespaces\" works"},
    {"You must be logged in", absl::StatusCode::kUnauthenticated,
     "the cluster does not know this user: log in again, as a token or certificate may have "
     "expired, or choose another context (kubectl config use-context)"},
    {"provide credentials", absl::StatusCode::kUnauthenticated,
     "the cluster does not know this user: log in again, as a token or certificate may have "
     "expired, or choose another context (kubectl config use-context)"},
    {"(Unauthorized)", absl::StatusCode::kUnauthenticated,
     "the cluster does not know this user: log in again, as a token or certificate may have "
     "expired, or choose another context (kubectl config use-context)"},
    {"is forbidden", absl::StatusCode::kPermissionDenied,
     "this user lacks that right: have it granted (a RoleBinding to the ClusterRole admin, in a "
     "namespace that K8S_RUNNER_NAMESPACE names, is enough), or choose another context"},
    {"no matches for kind", absl::StatusCode::kFailedPrecondition,
     "the cluster does not have that kind of thing: Kubernetes 1.20 or newer is needed"},
    {"context was not found", absl::StatusCode::kFailedPrecondition,
     "the kubeconfig does not have that context: see kubectl config get-contexts"},
    {"was refused", absl::StatusCode::kUnavailable,
     "start the cluster, or choose another one (KUBECONFIG, kubectl config use-context)"},
    {"connection refused", absl::StatusCode::kUnavailable,
     "start the cluster, or choose another one (KUBECONFIG, kubectl config use-context)"},
    {"no such host", absl::StatusCode::kUnavailable,
     "the cluster's address in the kubeconfig is unknown here: correct it, or choose another "
     "context (kubectl config use-context)"},
    {"Unable to connect", absl::StatusCode::kUnavailable,
     "start the cluster, or choose another one (KUBECONFIG, kubectl config use-context)"},
    {"cluster unreachable", absl::StatusCode::kUnavailable,
     "start the cluster, or choose another one (KUBECONFIG, kubectl config use-context)"},
    {"i/o timeout", absl::StatusCode::kUnavailable,
     "start the cluster, or choose another one (KUBECONFIG, kubectl config use-context)"},
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_KNOWN_FAILURES_H_
