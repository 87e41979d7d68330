// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_RECORDED_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_RECORDED_H_

#include <map>
#include <string>

#include "core/src/deployer/k8s/pod.h"

namespace gtestnet::k8s {

// What a cluster (1.20, with Docker) said of pods that were made to go wrong, one object a line in
// recorded.jsonl, without what is of no interest here (managedFields). By its name there.
const std::map<std::string, std::string>& AllRecorded();
// Fails the test where it is not there.
std::string Recorded(const std::string& what);
Pod RecordedPod(const std::string& what);
Event RecordedEvent(const std::string& what);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_RECORDED_H_
