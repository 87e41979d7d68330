// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/timed_log.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "gtestnet/log_format.h"

namespace gtestnet {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kAnyNumber = 1'000'000'000;

// Of the first word of a line, if that is a time.
std::optional<int64_t> TimeOf(std::string_view line, std::string_view& text) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  if (word.size() < 20 || word.size() > 40 || word[4] != '-' || word[10] != 'T') {
    return std::nullopt;
  }
  const auto at = ParseLogLine(word).at;
  if (!at) return std::nullopt;
  text = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at->time_since_epoch()).count();
}

bool ReadNumber(std::string_view text, int64_t& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end && number >= 0;
}

}  // namespace

std::string ToCursor(const TimedPlace& place) {
  return std::to_string(place.ns) + ":" + std::to_string(place.lines);
}

std::optional<TimedPlace> PlaceFromCursor(std::string_view cursor) {
  const size_t colon = cursor.find(':');
  TimedPlace place;
  if (colon == std::string_view::npos || !ReadNumber(cursor.substr(0, colon), place.ns) ||
      !ReadNumber(cursor.substr(colon + 1), place.lines)) {
    return std::nullopt;
  }
  return place;
}

std::string LinesBehind(std::string_view lines, TimedPlace& place) {
  std::string behind;
  int64_t seen = 0;  // of the lines of the place's time
  bool is_behind = false;
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    std::string_view text = line;
    if (const std::optional<int64_t> ns = TimeOf(line, text)) {
      if (*ns == place.ns) ++seen;
      is_behind = *ns > place.ns || (*ns == place.ns && seen > place.lines);
      if (is_behind) {
        if (*ns > place.ns) seen = 1;
        place = {*ns, seen};
      }
    }
    if (is_behind) behind.append(text).append("\n");
  }
  return behind;
}

TimedPlace PlaceBehind(std::string_view lines) {
  TimedPlace place;
  static_cast<void>(LinesBehind(lines, place));
  if (place.lines > 0) place.lines = kAnyNumber;
  return place;
}

std::string SecondsOf(const TimedPlace& place) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%lld.%09lld", static_cast<long long>(place.ns / kSecond),
                static_cast<long long>(place.ns % kSecond));
  return text.data();
}

std::string DateOf(const TimedPlace& place) {
  const std::time_t seconds = place.ns / kSecond;
  std::tm date{};
  gmtime_r(&seconds, &date);
  std::array<char, 40> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &date);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%s.%09lldZ", day.data(),
                static_cast<long long>(place.ns % kSecond));
  return text.data();
}

}  // namespace gtestnet
