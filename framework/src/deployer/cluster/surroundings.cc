// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/cluster/surroundings.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "src/base/status.h"

namespace gtestnet {

std::map<std::string, std::string> InheritedEnvironment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string::npos || text.rfind("GTESTNET_", 0) == 0) continue;
    environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  environment["POL_PROOF_DEV_MODE"] = "true";
  return environment;
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), "directory " + path);
  return absl::OkStatus();
}

}  // namespace gtestnet
