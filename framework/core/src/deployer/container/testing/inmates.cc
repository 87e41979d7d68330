// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/testing/inmates.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/src/base/command.h"
#include "core/src/deployer/compose/labels.h"
#include "gtestnet/variables.h"

namespace gtestnet::docker {
namespace {

constexpr char kImage[] = "gtestnet-inmate:test";

void BuildImage() {
  const std::filesystem::path directory =
      std::filesystem::path(testing::TempDir()) / ("inmate." + std::to_string(getpid()));
  std::filesystem::create_directories(directory);
  std::filesystem::copy_file(GTESTNET_INMATE, directory / "inmate",
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(directory / "Dockerfile")
      << "FROM scratch\nCOPY inmate /inmate\nENTRYPOINT [\"/inmate\"]\n";
  Docker({"build", "-q", "-t", kImage, directory.string()});
  std::filesystem::remove_all(directory);
}

}  // namespace

std::unique_ptr<Engine> EngineForTests(std::string& why_not) {
  const absl::StatusOr<EngineHost> host = FindEngineHost();
  std::unique_ptr<Engine> engine;
  absl::Status status = host.status();
  if (status.ok()) {
    engine = std::make_unique<Engine>(*host);
    status = engine->Negotiate(std::chrono::milliseconds(2000)).status();
  }
  if (status.ok() && FindInPath("docker").empty()) {
    status = absl::NotFoundError("the docker command is not in PATH");
  }
  if (!status.ok()) {
    why_not = status.ToString();
    return nullptr;
  }
  BuildImage();
  return engine;
}

std::string Docker(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "docker");
  const absl::StatusOr<CommandResult> result =
      RunCommand(arguments, Scaled(std::chrono::milliseconds(60000)));
  if (!result.ok() || result->status != 0) {
    ADD_FAILURE() << arguments[1] << ": "
                  << (result.ok() ? result->output : result.status().ToString());
    return {};
  }
  std::string output = result->output;
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

std::string MakeInmate(const std::string& run_id, const std::vector<std::string>& words,
                       const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"create", "--label",
                                        std::string(compose::kRunLabel) + "=" + run_id};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(kImage);
  arguments.insert(arguments.end(), words.begin(), words.end());
  return Docker(arguments);
}

}  // namespace gtestnet::docker
