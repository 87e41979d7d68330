// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_VARIABLES_H_
#define GTESTNET_VARIABLES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet {

// An environment variable that the library, or a kind of node, reads.
struct Variable {
  std::string_view name = {};
  std::string_view meaning = {};        // half a sentence
  std::string_view default_value = {};  // in words where it is not a value
  // It must be one of these; none: whatever it says.
  std::vector<std::string_view> words = {};
  // It is a path, or several with ':' between them.
  bool is_path = false;
  // "GTESTNET_LOG=debug": what it stands for while it is true, unless that one is set itself.
  std::string_view stands_for = {};
};
// Those of the library, and after them those that were declared, in that order.
std::vector<Variable> Variables();
// Makes variables of a kind known: to Variables, CheckVariables, RerunCommand and the doctor. Their
// texts live for ever. A name that is known already stays as it is. A kind does it once, where its
// only instance is made. Any thread.
void DeclareVariables(const std::vector<Variable>& variables);
// Its value now, or nothing when it is unset or empty, and none stands for it.
std::optional<std::string> VariableValue(std::string_view name);
// Every variable that is set has a value that can be parsed: the first that has not is named, with
// what it may be. Also: an unknown GTESTNET_ variable, with the nearest known one.
absl::Status CheckVariables();

// "local", "compose", "k8s": the library's own, also those that this machine lacks.
const std::vector<std::string>& DeployerNames();
// And after them those of the program's own (RegisterDeployer), in the order of their registration.
std::vector<std::string> KnownDeployers();
// Deployers to use, from GTESTNET_DEPLOYERS; default: KnownDeployers().
absl::StatusOr<std::vector<std::string>> DeployersWanted();
// Deployers whose absence is a failure, from GTESTNET_REQUIRE; default: none.
absl::StatusOr<std::vector<std::string>> DeployersRequired();
// Whether that one is among them.
bool IsRequired(std::string_view deployer);

// When what a run made is kept at its end: its cluster, its bundle.
enum class Preserve { kNever, kOnFailure, kAlways };
// Whether that is so for a run that failed, or did not.
inline bool Keeps(Preserve when, bool failed) {
  return when == Preserve::kAlways || (when == Preserve::kOnFailure && failed);
}
// GTESTNET_PRESERVE, of clusters; default never. Always where COMPOSE_RUNNER_PRESERVE or
// K8S_RUNNER_PRESERVE says so of that deployer.
absl::StatusOr<Preserve> PreserveWanted(std::string_view deployer = {});
// GTESTNET_ARTIFACTS, where bundles go; default "gtestnet-artifacts-1000" in the temporary
// directory, by the number of the user, as nobody can write into another one's.
std::string ArtifactsDirectory();
// Before a run: a bundle could be written there. kFailedPrecondition says why not and what to do.
absl::Status CheckArtifactsDirectory();
// GTESTNET_BUNDLE: when a run leaves a bundle; default on_failure. kInvalidArgument for other
// words.
absl::StatusOr<Preserve> BundleWanted();
// GTESTNET_SEED.
absl::StatusOr<std::optional<uint64_t>> SeedWanted();
// GTESTNET_SLOT, "200ms" or "1s".
absl::StatusOr<std::optional<std::chrono::milliseconds>> SlotWanted();
// GTESTNET_TEST_TIMEOUT, what CTest allows a test ("120s"); the library's own deadline is 90 % of
// it.
absl::StatusOr<std::optional<std::chrono::milliseconds>> TestTimeout();
// GTESTNET_TIMEOUT_SCALE, times 2 under SLOW_TEST_ENV=true; 1 by default, and for a value that
// cannot be parsed (CheckVariables reports that one).
double TimeoutScale();
// GTESTNET_CTEST: gtestnet_discover_tests says so of the tests that it adds.
bool UnderCTest();
// `timeout` times TimeoutScale().
std::chrono::milliseconds Scaled(std::chrono::milliseconds timeout);

// "250ms", "1.5s", "2m"; kInvalidArgument otherwise.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text);

}  // namespace gtestnet

#endif  // GTESTNET_VARIABLES_H_
