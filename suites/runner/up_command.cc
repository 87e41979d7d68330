// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "gtestnet/deployer.h"
#include "gtestnet/preparation.h"
#include "runner/cluster_from_flags.h"
#include "runner/commands.h"
#include "runner/interrupt.h"
#include "runner/report.h"

namespace gtestnet::command {

int Up(const ClusterArguments& arguments) {
  absl::StatusOr<TopologySpec> topology = TopologyFromFlags(arguments);
  if (!topology.ok()) return Refuse(topology.status());
  absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(arguments.deployer);
  if (!deployer.ok()) return Refuse(deployer.status());
  const Capabilities required =
      arguments.telemetry ? Capabilities(Capability::kTelemetry) : Capabilities();
  if (absl::Status here = CheckDeployer(**deployer, required); !here.ok()) return Refuse(here);

  Interrupt interrupt;
  ClusterSpec spec;
  spec.required = required;
  spec.topology = *std::move(topology);
  spec.seed = *spec.topology.seed;
  spec.run_id = MakeRunId();
  absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = (*deployer)->Provision(spec);
  if (!cluster.ok()) return Refuse(cluster.status());
  (*cluster)->OnExit([](const NodeExit& exit) {
    std::cerr << exit.name << " ended: " << exit.how << '\n' << exit.last_lines << std::endl;
  });
  std::cout << (*cluster)->Endpoints() << "\nSeed: " << spec.seed << "\nUp until Ctrl-C."
            << std::endl;
  interrupt.Wait();

  std::cout << "\nTaking it down." << std::endl;
  (*cluster)->OnExit({});
  if (absl::Status s = (*cluster)->TearDown(/*keep=*/false); !s.ok()) return Refuse(s);
  return kPassed;
}

}  // namespace gtestnet::command
