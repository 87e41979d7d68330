// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_LOG_TAIL_H_
#define GTESTNET_CORE_SRC_NODE_LOG_TAIL_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace gtestnet {

// The last `bytes` of a file, from the start of a line if there is one.
absl::StatusOr<std::string> TailBytes(const std::string& path, size_t bytes);
// The same of its text.
std::string TailBytesOf(std::string text, size_t bytes);

// The last lines of a log for an error message, indented by two; "  (its log is empty)". It is
// Printable(), and long lines are cut.
std::string LastLines(const std::string& path, int lines = 10);
// The same of its text.
std::string LastLinesOf(std::string text, int lines = 10);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_LOG_TAIL_H_
