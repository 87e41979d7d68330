// SPDX-License-Identifier: Apache-2.0
// local-soak-runner RUN_ID CONFINEMENT: provisions a cluster and does every verb to it, over and
// over, until it is killed. Its nodes ignore SIGTERM and have left relatives behind.
#include <cstdio>
#include <cstring>
#include <string>

#include "core/src/base/status.h"
#include "core/src/deployer/local/local_cluster.h"
#include "core/src/node/testing/fake_kind.h"
#include "gtestnet/standard_descriptors.h"

namespace {

using gtestnet::FakeTopology;
using gtestnet::LocalCluster;
using gtestnet::guardian::Confinement;

absl::Status Run(const std::string& run_id, Confinement confinement) {
  const FakeTopology topology = FakeTopology::Star()
                                    .Members(3)
                                    .Misbehave(0, "--daemon")
                                    .Misbehave(1, "--ignore-sigterm")
                                    .Misbehave(2, "--flood=100000");
  absl::StatusOr<std::unique_ptr<LocalCluster>> cluster =
      LocalCluster::Provision({.topology = topology, .seed = 1, .run_id = run_id}, {}, confinement);
  if (!cluster.ok()) return cluster.status();
  for (;;) {
    GTESTNET_RETURN_IF_ERROR((*cluster)->Pause(1));
    GTESTNET_RETURN_IF_ERROR((*cluster)->Kill(2));
    GTESTNET_RETURN_IF_ERROR((*cluster)->Start(2));
    GTESTNET_RETURN_IF_ERROR((*cluster)->Resume(1));
    GTESTNET_RETURN_IF_ERROR((*cluster)->Stop(0));
    GTESTNET_RETURN_IF_ERROR((*cluster)->Start(0));
  }
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  if (argc != 3) return 2;
  const bool confined = std::strcmp(argv[2], "namespace") == 0;
  const absl::Status status =
      Run(argv[1], confined ? Confinement::kNamespace : Confinement::kSubreaper);
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
