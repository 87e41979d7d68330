// SPDX-License-Identifier: Apache-2.0
// Lines of logs: whatever they are, they are read, and each reader of one format says nothing else
// of a line when it is read again.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/log_format.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  return {"[2026-11-03 10:00:00.123] [api] [info] text",
          "\x1b[2m2026-11-03T10:00:00.123456Z\x1b[0m \x1b[33m WARN\x1b[0m nomos: text",
          "2026-11-03T10:00:00Z [net:debug] text",
          "2026-11-03 10:00:00.123456 +0200 I | etcdserver: text",
          R"({"level":"warn","ts":1793700000.5,"a":[{"b":"\"}"}],"msg":"b"})",
          "ts=2026-11-03T10:00:00.123Z level=info msg=\"a \\\" b\"",
          "I20261103 10:00:00.123456    1 file.go:12] text",
          "Nov 03 10:00:00.123 CRIT text",
          "E[2026-11-03|10:00:00.123] text",
          "INFO [11-03|10:00:00.123] text",
          "thread 'main' panicked at src/main.rs:2:5:",
          "==17==ERROR: AddressSanitizer: heap-use-after-free",
          "a.cc:12:5: runtime error: signed integer overflow",
          "{\"a\":[[[[",
          ""};
}

void Try(std::string_view input) {
  using Reader = LogHead (*)(std::string_view);
  constexpr Reader kReaders[] = {ParseSpdlogLine, ParseLogfmtLine, ParseJsonLogLine, ParseKlogLine,
                                 ParseLogLine};
  using std::chrono::system_clock;
  for (const Reader read : kReaders) {
    const LogHead head = read(input);
    Demand(head == read(input), "a line says the same again");
    Demand(!ToString(head.level).empty(), "its level has a name");
    if (!head.at) continue;
    Demand(*head.at >= system_clock::time_point(-std::chrono::hours(24)),
           "its time is of this age");
    Demand(*head.at < system_clock::time_point(std::chrono::hours(24 * 366 * 232)),
           "its time is not long after us");
  }
}

}  // namespace gtestnet::fuzz
