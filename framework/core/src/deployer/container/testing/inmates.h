// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_INMATES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_INMATES_H_

#include <memory>
#include <string>
#include <vector>

#include "core/src/deployer/container/engine.h"

namespace gtestnet::docker {

// The engine of this machine and an image with the inmate for tests, or null with the reason: then
// the test is skipped, or fails where GTESTNET_REQUIRE names compose.
std::unique_ptr<Engine> EngineForTests(std::string& why_not);

// Makes a container that carries the run's label, but does not start it: its id. `options` are
// those of docker create; `words` the inmate's.
std::string MakeInmate(const std::string& run_id, const std::vector<std::string>& words,
                       const std::vector<std::string>& options = {});

// Runs the docker command; its output, or a failure of the test.
std::string Docker(std::vector<std::string> arguments);

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TESTING_INMATES_H_
