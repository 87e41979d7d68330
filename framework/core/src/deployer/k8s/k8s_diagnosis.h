// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_DIAGNOSIS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_DIAGNOSIS_H_

#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/image.h"

namespace gtestnet::k8s {

// Diagnose("k8s"): context, versions, namespace, machines, images, storage class, node ports.
std::vector<std::string> DiagnoseCluster(const std::vector<ImageSpec>& images);

// What of the machines matters here, of a list of them as the API gives it, as JSON.
struct Machines {
  size_t count = 0;
  std::vector<std::string> addresses;
  std::vector<std::string> runtimes;  // "docker://20.10.24", each once
  size_t not_ready = 0;
  size_t with_image = 0;  // that tell of the image; a machine tells of its 50 largest ones
};
Machines ReadMachines(std::string_view list, std::string_view image);

// "image etcd:local (IfNotPresent): 2 of 3 machines have it".
std::string DescribeImage(const Machines& machines, const std::string& image,
                          const std::string& pull_policy);
// "storage class standard: a node's database outlives its pod", of a list of the classes.
std::string DescribeStorage(std::string_view list);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_DIAGNOSIS_H_
