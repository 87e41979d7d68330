// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/log_format.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace gtestnet {

void PrintTo(const LogHead& head, std::ostream* os) {
  *os << head.level << " at "
      << (head.at ? std::to_string(std::chrono::floor<std::chrono::microseconds>(*head.at)
                                       .time_since_epoch()
                                       .count())
                  : "no time");
}

namespace {

using std::chrono::microseconds;

// 2026-11-03T10:00:00Z, and so many microseconds.
std::optional<std::chrono::system_clock::time_point> At(int64_t us = 0) {
  return std::chrono::system_clock::time_point(microseconds(1793700000000000 + us));
}
constexpr std::nullopt_t kNone = std::nullopt;

struct Line {
  std::string_view text;
  LogLevel level;
  std::optional<std::chrono::system_clock::time_point> at;
};

TEST(LogFormatTest, KnowsTheUsualFormats) {
  const std::vector<Line> lines = {
      // spdlog
      {"[2026-11-03 10:00:00.123] [info] text", LogLevel::kInfo, At(123000)},
      {"[2026-11-03 10:00:00.123] [api] [warning] text", LogLevel::kWarn, At(123000)},
      {"[2026-11-03 10:00:00.123] [\x1b[31m\x1b[1mcritical\x1b[m] text", LogLevel::kFatal,
       At(123000)},
      {"[2026-11-03 12:00:00.123 +02:00] [17] [E] text", LogLevel::kError, At(123000)},
      // The bundled node
      {"2026-11-03T10:00:00.123Z info  chain     text", LogLevel::kInfo, At(123000)},
      {"2026-11-03T10:00:00.123Z warning net       text", LogLevel::kWarn, At(123000)},
      {"2026-11-03T10:00:00.123Z error node      text", LogLevel::kError, At(123000)},
      // tracing, as the real node of that kind has it
      {"2026-11-03T10:00:00.123456Z  INFO nomos: text", LogLevel::kInfo, At(123456)},
      {"2026-11-03T10:00:00.123456Z ERROR nomos: text", LogLevel::kError, At(123456)},
      {"\x1b[2m2026-11-03T10:00:00.123456Z\x1b[0m \x1b[33m WARN\x1b[0m \x1b[2mnomos\x1b[0m: text",
       LogLevel::kWarn, At(123456)},
      {" INFO nomos: text", LogLevel::kInfo, kNone},
      // Bitcoin and its kin
      {"2026-11-03T10:00:00Z UpdateTip: new best=ab height=7", LogLevel::kUnknown, At()},
      {"2026-11-03T10:00:00Z ERROR: AcceptBlock: bad-prevblk", LogLevel::kError, At()},
      {"2026-11-03T10:00:00Z Error reading peers.dat", LogLevel::kUnknown, At()},
      {"2026-11-03T10:00:00Z Warning: out of date", LogLevel::kWarn, At()},
      {"2026-11-03T10:00:00Z [net] Added connection peer=1", LogLevel::kUnknown, At()},
      {"2026-11-03T10:00:00Z [net:debug] text", LogLevel::kDebug, At()},
      {"2026-11-03T10:00:00Z [msghand] [validation:error] text", LogLevel::kError, At()},
      {"Error: Unable to bind to 127.0.0.1:8333", LogLevel::kError, kNone},
      // etcd
      {R"({"level":"warn","ts":"2026-11-03T10:00:00.123456Z","caller":"a.go:1","msg":"b"})",
       LogLevel::kWarn, At(123456)},
      {R"({"level":"info","ts":1793700000.5,"msg":"b"})", LogLevel::kInfo, At(500000)},
      {"2026-11-03 10:00:00.123456 I | etcdserver: text", LogLevel::kInfo, At(123456)},
      {"2026-11-03 10:00:00.123456 C | etcdmain: text", LogLevel::kFatal, At(123456)},
      {"2026-11-03T10:00:00.123Z\tinfo\tetcdmain/etcd.go:73\ttext", LogLevel::kInfo, At(123000)},
      {"2026-11-03T10:00:00.123Z\tfatal\tetcdmain/etcd.go:73\ttext", LogLevel::kFatal, At(123000)},
      {"raft2026/11/03 10:00:00 INFO: ab became follower at term 0", LogLevel::kInfo, At()},
      {"2026-11-03 10:00:00.123456 E | rafthttp: failed to dial ab (EOF)", LogLevel::kError,
       At(123456)},
      {"[WARNING] Deprecated '--logger=capnslog' flag is set", LogLevel::kWarn, kNone},
      // logfmt
      {"ts=2026-11-03T10:00:00.123Z caller=main.go:1 level=info msg=\"a b\"", LogLevel::kInfo,
       At(123000)},
      {"time=\"2026-11-03T10:00:00Z\" level=fatal msg=\"level=info\"", LogLevel::kFatal, At()},
      {"msg=\"level=error\" lvl=dbug", LogLevel::kDebug, kNone},
      {"t=2026-11-03T10:00:00+0000 lvl=eror msg=a", LogLevel::kError, At()},
      // JSON
      {R"({"timestamp":"2026-11-03T10:00:00Z","level":"ERROR","fields":{"level":"info"}})",
       LogLevel::kError, At()},
      {R"({"fields":{"level":"error","a":["}"]},"severity":"WARNING","time":1793700000123})",
       LogLevel::kWarn, At(123000)},
      {R"({"level":50,"time":1793700000123,"msg":"pino"})", LogLevel::kError, At(123000)},
      {R"({"msg":"\"level\":\"error\"","level":"info"})", LogLevel::kInfo, kNone},
      // klog, glog: a day of no year says nothing of when.
      {"I1103 10:00:00.123456    1 file.go:12] text", LogLevel::kInfo, kNone},
      {"E20261103 10:00:00.123456    1 file.cc:12] text", LogLevel::kError, At(123456)},
      {"F1103 10:00:00.123456    1 file.cc:12] Check failed: a", LogLevel::kFatal, kNone},
      // Others
      {"2026-11-03 10:00:00,123 [main] ERROR org.a.B - text", LogLevel::kError, At(123000)},
      {"2026-11-03 10:00:00,123 - name - WARNING - text", LogLevel::kWarn, At(123000)},
      {"2026-11-03 10:00:00.123 UTC [17] FATAL:  text", LogLevel::kFatal, At(123000)},
      {"2026-11-03T10:00:00.123456Z 0 [ERROR] [MY-1] text", LogLevel::kError, At(123456)},
      {"2026/11/03 10:00:00 [warn] 1#1: text", LogLevel::kWarn, At()},
      {"2026/11/03 10:00:00 text", LogLevel::kUnknown, At()},
      {"2026-11-03 10:00:00.123  INFO 1 --- [main] a.B : text", LogLevel::kInfo, At(123000)},
      {"INFO [11-03|10:00:00.123] text  number=1", LogLevel::kInfo, kNone},
      {"[ERROR] 2026/11/03 10:00:00 text", LogLevel::kError, At()},
      {"E[2026-11-03|10:00:00.123] text module=consensus", LogLevel::kError, kNone},
      {"Nov 03 10:00:00.123 CRIT text", LogLevel::kFatal, kNone},
      {"10:00:00.123 [main] WARN a.B text", LogLevel::kWarn, kNone},
      {"WARNING:root:text", LogLevel::kWarn, kNone},
  };
  for (const Line& line : lines) {
    EXPECT_EQ(ParseLogLine(line.text), (LogHead{line.level, line.at})) << line.text;
  }
}

TEST(LogFormatTest, KnowsWhatADyingProgramLeaves) {
  for (const std::string_view line : {
           "thread 'main' panicked at src/main.rs:2:5:",
           "thread 'tokio-runtime-worker' (17) panicked at 'index out of bounds', src/a.rs:1:1",
           "thread 'main' has overflowed its stack",
           "fatal runtime error: stack overflow",
           "panic: runtime error: invalid memory address or nil pointer dereference",
           "fatal error: all goroutines are asleep - deadlock!",
           "WARNING: DATA RACE",
           "node: src/a.cc:12: int main(): Assertion `x == 1' failed.",
           "Assertion failed: x == 1 (a.cc: main: 12)",
           "terminate called after throwing an instance of 'std::runtime_error'",
           "terminate called without an active exception",
           "libc++abi: terminating due to uncaught exception of type int",
           "pure virtual method called",
           "*** stack smashing detected ***: terminated",
           "free(): double free detected in tcache 2",
           "double free or corruption (!prev)",
           "==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x60",
           "==17==WARNING: MemorySanitizer: use-of-uninitialized-value",
           "WARNING: ThreadSanitizer: data race (pid=17)",
           "src/a.cc:12:5: runtime error: signed integer overflow",
           "AddressSanitizer:DEADLYSIGNAL",
           "[a.cc : 12] RAW: Check x failed: text",
           "Exception in thread \"main\" java.lang.NullPointerException",
           "Segmentation fault (core dumped)",
           "Aborted",
           "2026/11/03 10:00:00 panic: text",
       }) {
    EXPECT_EQ(ParseLogLine(line).level, LogLevel::kFatal) << line;
  }
  EXPECT_EQ(ParseLogLine("Traceback (most recent call last):").level, LogLevel::kError);
}

TEST(LogFormatTest, ALineThatSaysNothingBelongsToTheOneBefore) {
  for (const std::string_view line : {
           "",
           "\r",
           "index out of bounds: the len is 0 but the index is 1",
           "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
           "goroutine 1 [running]:",
           "\tmain.go:12 +0x1d",
           "   0: rust_begin_unwind",
           "    #0 0x55 in main a.cc:12",
           "  what():  vector::_M_range_check",
           "  error: inner",
           "Caused by:",
           "a = b",
           "information",
           "{",
           "}",
           "[]",
           "[1] 2",
           "I110",
           "2026-13-03T10:00:00Z text",
           "2026-11-03T25:00:00Z text",
           "2026-11-03",
           "9999-11-03T10:00:00Z text",
           "text of a peer: panic: at the disco",
           "I am sure that panicked at is no panic",
       }) {
    EXPECT_EQ(ParseLogLine(line), LogHead{}) << line;
  }
}

TEST(LogFormatTest, WhatALineQuotesIsNotItsLevel) {
  for (const std::string_view line : {
           "2026-11-03T10:00:00.123Z info  api       panic: not mine",
           "2026-11-03T10:00:00.123456Z  INFO nomos: peer said: ERROR [error] level=error",
           "[2026-11-03 10:00:00.123] [info] [error] text",
           R"({"level":"info","msg":"{\"level\":\"fatal\"}"})",
           "level=info msg=\"level=error\"",
       }) {
    EXPECT_EQ(ParseLogLine(line).level, LogLevel::kInfo) << line;
  }
}

TEST(LogFormatTest, EachReaderKnowsItsOwn) {
  EXPECT_EQ(ParseSpdlogLine("[2026-11-03 10:00:00.123] [info] [api] text"),
            (LogHead{LogLevel::kInfo, At(123000)}));
  EXPECT_EQ(ParseSpdlogLine("2026-11-03 10:00:00.123 [info] text"), LogHead{});
  EXPECT_EQ(ParseLogfmtLine("ts=2026-11-03T10:00:00.123Z level=info msg=…"),
            (LogHead{LogLevel::kInfo, At(123000)}));
  EXPECT_EQ(ParseLogfmtLine("[2026-11-03 10:00:00.123] [info] a=b"), LogHead{});
  EXPECT_EQ(ParseJsonLogLine(R"({"level":"info","ts":"2026-11-03T10:00:00Z"})"),
            (LogHead{LogLevel::kInfo, At()}));
  EXPECT_EQ(ParseJsonLogLine("level=info"), LogHead{});
  EXPECT_EQ(ParseKlogLine("I1103 10:00:00.123456    1 file.go:12] text"),
            (LogHead{LogLevel::kInfo, kNone}));
  EXPECT_EQ(ParseKlogLine("I1399 10:00:00.123456    1 file.go:12] text"), LogHead{});
}

TEST(LogFormatTest, HostileBytesAreHarmless) {
  const std::string deep = "{\"a\":" + std::string(1'000'000, '[');
  EXPECT_EQ(ParseLogLine(deep), LogHead{});
  EXPECT_EQ(ParseLogLine(std::string(1'000'000, '\x1b')), LogHead{});
  EXPECT_EQ(ParseLogLine("{\"level\":\"" + std::string(1'000'000, '\\')), LogHead{});
  EXPECT_EQ(ParseLogLine(std::string("\0\xff\xfe[", 4)), LogHead{});
  EXPECT_EQ(ParseLogLine("level=\"error"), (LogHead{LogLevel::kError, kNone}));
  EXPECT_EQ(ParseLogLine("{\"level\":\"error\""), (LogHead{LogLevel::kError, kNone}));
  EXPECT_EQ(ParseLogLine("{\"ts\":1e300,\"level\":1e300}"), LogHead{});
  EXPECT_EQ(ParseLogLine("{\"ts\":\"nan\",\"level\":\"nan\"}"), LogHead{});
}

}  // namespace
}  // namespace gtestnet
