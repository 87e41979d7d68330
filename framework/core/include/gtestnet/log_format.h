// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LOG_FORMAT_H_
#define GTESTNET_LOG_FORMAT_H_

#include <chrono>
#include <optional>
#include <string_view>

#include "gtestnet/evidence.h"

namespace gtestnet {

// What a line of a log says of itself. A line that says nothing belongs to the one before it.
struct LogHead {
  LogLevel level = LogLevel::kUnknown;
  std::optional<std::chrono::system_clock::time_point> at = {};

  friend bool operator==(const LogHead&, const LogHead&) = default;
};

// Readers of the usual formats, for NodeKind::ParseLog. Each takes one line without its newline, of
// any bytes, and returns an empty head for one that is of another format. Times without a zone are
// UTC. Pure.
LogHead ParseSpdlogLine(std::string_view line);   // [2026-11-03 10:00:00.123] [info] [api] text
LogHead ParseLogfmtLine(std::string_view line);   // ts=2026-11-03T10:00:00.123Z level=info msg=…
LogHead ParseJsonLogLine(std::string_view line);  // {"level":"info","ts":"2026-11-03T10:00:00Z",…}
LogHead ParseKlogLine(std::string_view line);     // I1103 10:00:00.123456    1 file.go:12] text
// Whichever of them fits; and, in any format, what a dying program leaves: a panic, a failed
// assertion, a sanitizer's report, an exception that nobody caught.
LogHead ParseLogLine(std::string_view line);

}  // namespace gtestnet

#endif  // GTESTNET_LOG_FORMAT_H_
