// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_TEMPORARY_DIRECTORY_H_
#define GTESTNET_CORE_SRC_BASE_TEMPORARY_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet {

// TMPDIR, else /tmp, as an absolute path. kFailedPrecondition says why nothing can be written
// there, and what to do.
absl::StatusOr<std::string> TemporaryDirectory();

// OK if a directory of that path is there, or could be made, and can be written to; nothing is
// made. kFailedPrecondition: "/x: Read-only file system".
absl::Status CheckWritable(const std::string& directory);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_TEMPORARY_DIRECTORY_H_
