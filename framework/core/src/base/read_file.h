// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_READ_FILE_H_
#define GTESTNET_CORE_SRC_BASE_READ_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace gtestnet::base {

// All of a regular file. Another kind of file (a directory, a device, a pipe, which might never
// end) and one of more than `most_bytes` are kInvalidArgument; nothing waits. Messages begin with
// the path.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most_bytes);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_READ_FILE_H_
