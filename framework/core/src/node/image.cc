// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/image.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/src/base/program.h"
#include "core/src/base/status.h"

namespace gtestnet {

absl::StatusOr<std::vector<std::string>> StackScript(std::string_view name) {
  GTESTNET_ASSIGN_OR_RETURN(std::string script, FindAsset("stack/scripts/" + std::string(name)));
  std::vector<std::string> command = {std::move(script)};
  if (name != "build_test_image.sh") return command;
  const absl::StatusOr<std::string> sweep = FindHelperProgram("gtestnet-sweep");
  if (!sweep.ok()) return command;
  const std::filesystem::path home = std::filesystem::path(*sweep).parent_path();
  std::error_code error;
  for (const std::filesystem::path& programs : {home.parent_path() / "image/bin", home / "image"}) {
    if (!std::filesystem::exists(programs / "cfgsync-server", error)) continue;
    command.insert(command.end(), {"--binaries", programs.string()});
    break;
  }
  return command;
}

ImageSpec PackageImage(std::string tag, const std::vector<std::string>& arguments) {
  ImageSpec image = {.tag = std::move(tag)};
  absl::StatusOr<std::vector<std::string>> script = StackScript("build_package_image.sh");
  if (!script.ok()) {
    image.remedy = MessageOf(script.status());
    return image;
  }
  image.build = *std::move(script);
  image.build.insert(image.build.end(), {"--tag", image.tag});
  image.build.insert(image.build.end(), arguments.begin(), arguments.end());
  return image;
}

}  // namespace gtestnet
