// SPDX-License-Identifier: Apache-2.0
// deployer-soak-runner DEPLOYER RUN_ID: provisions a cluster and does every verb to it, over and
// over, until it is killed.
#include <cstdio>
#include <string>

#include "core/src/base/status.h"
#include "gtestnet/deployer.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/standard_descriptors.h"

namespace {

absl::Status Run(const std::string& name, const std::string& run_id) {
  GTESTNET_ASSIGN_OR_RETURN(const std::unique_ptr<gtestnet::Deployer> deployer,
                            gtestnet::MakeDeployer(name));
  GTESTNET_ASSIGN_OR_RETURN(
      const std::unique_ptr<gtestnet::BackendCluster> cluster,
      deployer->Provision({.topology = gtestnet::nomos::Topology::Star().Validators(2),
                           .seed = 1,
                           .run_id = run_id}));
  gtestnet::NodeControl& control = cluster->control();
  for (;;) {
    GTESTNET_RETURN_IF_ERROR(control.Pause(1));
    GTESTNET_RETURN_IF_ERROR(control.Kill(0));
    GTESTNET_RETURN_IF_ERROR(control.Start(0));
    GTESTNET_RETURN_IF_ERROR(control.Resume(1));
    GTESTNET_RETURN_IF_ERROR(control.Restart(1));
    GTESTNET_RETURN_IF_ERROR(control.Add({}).status());
  }
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  if (argc != 3) return 2;
  const absl::Status status = Run(argv[1], argv[2]);
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
