// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_DIAGNOSIS_H_
#define GTESTNET_DIAGNOSIS_H_

#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/image.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// What a run on a deployer would have to do with on this machine, for people, a line each: which
// engine or cluster, the versions of its tools, whether it has these images, volumes, how nodes
// would be reached.
// What cannot be found out is said, with what to do. For a deployer whose Probe says that it is
// available; changes nothing, and takes a second or two.
//
//   for (const std::string& line : Diagnose("k8s", {PackageImage("etcd:local", {"etcd-server"})}))
//     std::cout << line << '\n';
std::vector<std::string> Diagnose(std::string_view deployer, const std::vector<ImageSpec>& images);

// The same of all deployers that this program knows, its own ones (RegisterDeployer) among them,
// and whether each is to be had here: what `gtestnet doctor` says of the library's, and a test
// program of its own with --gtestnet_doctor. Of each topology it says on which deployers its kind
// cannot run, and why (NodeKind::SupportedOn), and of those where it can whether its images are
// there.
std::string DescribeDeployers(const std::vector<TopologySpec>& topologies = {});

}  // namespace gtestnet

#endif  // GTESTNET_DIAGNOSIS_H_
