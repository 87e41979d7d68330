// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/temporary_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

absl::Status NotUsable(const std::string& path, int error) {
  return FailedPrecondition(path + ": " + std::generic_category().message(error));
}

}  // namespace

absl::Status CheckWritable(const std::string& directory) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(directory, error).lexically_normal();
  if (error) return NotUsable(directory, error.value());
  for (;;) {
    struct stat about {};
    if (stat(path.c_str(), &about) == 0) {
      if (!S_ISDIR(about.st_mode)) return NotUsable(path, ENOTDIR);
      if (faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        return NotUsable(path, errno);
      }
      return absl::OkStatus();
    }
    if (errno != ENOENT || !path.has_relative_path()) return NotUsable(path, errno);
    path = path.parent_path();
  }
}

absl::StatusOr<std::string> TemporaryDirectory() {
  const auto named = VariableValue("TMPDIR");
  const std::string path = named.value_or("/tmp");
  const char* const remedy = "; set TMPDIR to a directory that can be written to";
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    const int why = error ? error.value() : std::filesystem::exists(path, error) ? ENOTDIR : ENOENT;
    return FailedPrecondition("the temporary directory " + MessageOf(NotUsable(path, why)) +
                              remedy);
  }
  if (const absl::Status status = CheckWritable(path); !status.ok()) {
    return FailedPrecondition("the temporary directory " + MessageOf(status) + remedy);
  }
  std::string absolute = std::filesystem::absolute(path, error).lexically_normal();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

}  // namespace gtestnet
