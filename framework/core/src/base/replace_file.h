// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_REPLACE_FILE_H_
#define GTESTNET_CORE_SRC_BASE_REPLACE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace gtestnet::base {

// Whoever reads `path` sees the old content or the new one, whole. Makes its directory if need be.
absl::Status ReplaceFile(const std::string& path, std::string_view content);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_REPLACE_FILE_H_
