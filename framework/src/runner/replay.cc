// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "gtestnet/runner.h"
#include "gtestnet/variables.h"
#include "src/base/status.h"

namespace gtestnet {
namespace {

absl::Status Bad(const std::string& path, const std::string& why) {
  return InvalidArgument("GTESTNET_REPLAY=" + path + ": " + why);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RunRecord>> ReplayWanted(std::string_view test) {
  const std::optional<std::string> named = VariableValue("GTESTNET_REPLAY");
  if (!named) return std::shared_ptr<const RunRecord>();
  std::error_code error;
  std::filesystem::path path = *named;
  if (std::filesystem::is_directory(path, error)) path /= "record.json";
  std::ifstream file(path, std::ios::binary);
  std::ostringstream json;
  if (file) json << file.rdbuf();
  if (!file) return Bad(*named, path.string() + " cannot be read");
  absl::StatusOr<RunRecord> record = RunRecord::FromJson(json.str());
  if (!record.ok()) return Bad(*named, std::string(record.status().message()));
  if (record->test != test) {
    return Bad(*named, "it is the record of " + record->test + ", not of " + std::string(test) +
                           "; run that one alone");
  }
  return std::make_shared<const RunRecord>(*std::move(record));
}

}  // namespace gtestnet
