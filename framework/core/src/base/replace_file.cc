// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/replace_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/src/base/status.h"

namespace gtestnet::base {

absl::Status ReplaceFile(const std::string& path, std::string_view content) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  std::error_code error;
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (error) return ErrnoStatus(error.value(), directory);
  const std::string temporary = path + ".new";
  {
    errno = 0;
    std::ofstream file(temporary, std::ios::binary);
    file << content;
    file.close();
    if (!file) return ErrnoStatus(errno == 0 ? EIO : errno, temporary);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace gtestnet::base
