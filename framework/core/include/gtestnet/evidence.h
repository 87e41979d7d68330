// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_EVIDENCE_H_
#define GTESTNET_EVIDENCE_H_

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "gtestnet/topology.h"
#include "gtestnet/values.h"

namespace gtestnet {

// What a run knows of its nodes without having asked them: what they use of the machine, and what
// they log. Parts of a record (record.h).

// Time in a record: milliseconds since the start that the nodes were given (or, for a kind that
// needs none, since the cluster was ready). What happened before is negative.
using RunTime = std::chrono::milliseconds;

// What one node used of its machine at an instant, by name: what its deployer can tell of these.
//
//   memory      bytes of resident memory of all its processes
//   cpu         milliseconds of processor time since it last started
//   open_files  descriptors that its processes hold
//   log         bytes that it has logged since the cluster began
//   data        bytes of its own directory
//   frozen      1 where it was stopped by a signal that the run did not send
struct ResourceSample {
  RunTime at{0};
  NodeIndex node = 0;
  Numbers values = {};

  friend bool operator==(const ResourceSample&, const ResourceSample&) = default;
};

// How much a line of a log matters. kUnknown: the line does not say. kFatal: also a panic, a failed
// assertion, a sanitizer's report, an exception that nobody caught, whatever the log's format.
enum class LogLevel { kUnknown, kTrace, kDebug, kInfo, kWarn, kError, kFatal };

// A line that a node logged.
struct LogLine {
  RunTime at{0};  // as the line says, where it says; else when it was read
  NodeIndex node = 0;
  LogLevel level = LogLevel::kUnknown;
  std::string text = {};  // as it was written, at most 2,000 bytes

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

std::string_view ToString(LogLevel level);  // "unknown", "trace", …, "fatal"
// "warning", "ERR" and the like are known as well; nothing for what is no level.
std::optional<LogLevel> LogLevelFrom(std::string_view word);
std::ostream& operator<<(std::ostream& os, LogLevel level);
std::ostream& operator<<(std::ostream& os, const ResourceSample& sample);
std::ostream& operator<<(std::ostream& os, const LogLine& line);

}  // namespace gtestnet

#endif  // GTESTNET_EVIDENCE_H_
