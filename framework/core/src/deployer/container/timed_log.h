// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TIMED_LOG_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TIMED_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gtestnet {

// A place in a log each line of which begins with the time at which it was written, as an Engine
// and a kubelet have it: behind so many of the lines of that time, and all that are older.
struct TimedPlace {
  int64_t ns = 0;  // since the Unix epoch
  int64_t lines = 0;

  friend bool operator==(const TimedPlace&, const TimedPlace&) = default;
};

// "1793700000000000000:1", for LogPart::cursor.
std::string ToCursor(const TimedPlace& place);
// Nothing for what is none.
std::optional<TimedPlace> PlaceFromCursor(std::string_view cursor);

// Of lines "2026-11-03T10:00:00.123456789Z text" that begin at `place` or before: the texts of
// those behind it, which goes to the last of them. What has no time belongs to the line before.
std::string LinesBehind(std::string_view lines, TimedPlace& place);
// Behind the last of these lines, and all of its time.
TimedPlace PlaceBehind(std::string_view lines);
// "1793700000.000000000" and "2026-11-03T10:00:00.000000000Z": from where on to ask for lines.
std::string SecondsOf(const TimedPlace& place);
std::string DateOf(const TimedPlace& place);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_TIMED_LOG_H_
