// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/evidence.h"

#include <array>
#include <ostream>

#include "absl/strings/match.h"
#include "core/src/base/status.h"
#include "gtestnet/protocol_time.h"

namespace gtestnet {
namespace {

constexpr std::array<std::string_view, 7> kLevelNames = {"unknown", "trace", "debug", "info",
                                                         "warn",    "error", "fatal"};

struct OtherName {
  std::string_view word;
  LogLevel level;
};
constexpr OtherName kOtherNames[] = {
    {"trc", LogLevel::kTrace},      {"trce", LogLevel::kTrace},       {"verbose", LogLevel::kTrace},
    {"dbg", LogLevel::kDebug},      {"debg", LogLevel::kDebug},       {"dbug", LogLevel::kDebug},
    {"inf", LogLevel::kInfo},       {"information", LogLevel::kInfo}, {"notice", LogLevel::kInfo},
    {"warning", LogLevel::kWarn},   {"wrn", LogLevel::kWarn},         {"err", LogLevel::kError},
    {"erro", LogLevel::kError},     {"eror", LogLevel::kError},       {"severe", LogLevel::kError},
    {"critical", LogLevel::kFatal}, {"crit", LogLevel::kFatal},       {"crt", LogLevel::kFatal},
    {"panic", LogLevel::kFatal},    {"dpanic", LogLevel::kFatal},     {"alert", LogLevel::kFatal},
    {"emerg", LogLevel::kFatal},    {"emergency", LogLevel::kFatal}};

}  // namespace

std::string_view ToString(LogLevel level) {
  const auto index = static_cast<size_t>(level);
  return index < kLevelNames.size() ? kLevelNames[index] : kLevelNames[0];
}

std::optional<LogLevel> LogLevelFrom(std::string_view word) {
  for (size_t i = 1; i < kLevelNames.size(); ++i) {
    if (absl::EqualsIgnoreCase(ToAbsl(word), ToAbsl(kLevelNames[i])))
      return static_cast<LogLevel>(i);
  }
  for (const OtherName& name : kOtherNames) {
    if (absl::EqualsIgnoreCase(ToAbsl(word), ToAbsl(name.word))) return name.level;
  }
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& os, LogLevel level) { return os << ToString(level); }

std::ostream& operator<<(std::ostream& os, const ResourceSample& sample) {
  os << "ResourceSample{node " << sample.node << " at " << InSeconds(sample.at);
  for (const auto& [name, number] : sample.values)
    os << ", " << name << "=" << FormatNumber(number);
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const LogLine& line) {
  return os << "LogLine{node " << line.node << " at " << InSeconds(line.at) << ", " << line.level
            << ": " << line.text << "}";
}

}  // namespace gtestnet
