// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/timed_log.h"

#include <gmock/gmock.h>

#include "core/src/deployer/container/log_frames.h"

namespace gtestnet {
namespace {

constexpr int64_t kTen = 1'793'700'000'000'000'000;  // 2026-11-03T10:00:00Z
constexpr char kLines[] =
    "2026-11-03T10:00:00.000000001Z one\n"
    "2026-11-03T10:00:00.000000002Z two\n"
    "2026-11-03T10:00:00.000000002Z three\n"
    "2026-11-03T10:00:00.000000003Z \n";

TEST(TimedLogTest, GoesOnBehindItsPlace) {
  TimedPlace place;
  EXPECT_EQ(LinesBehind(kLines, place), "one\ntwo\nthree\n\n");
  EXPECT_EQ(place, (TimedPlace{kTen + 3, 1}));
  EXPECT_EQ(LinesBehind(kLines, place), "");
  EXPECT_EQ(
      LinesBehind("2026-11-03T10:00:00.000000003Z \n2026-11-03T10:00:00.000000003Z four\n", place),
      "four\n");
  EXPECT_EQ(place, (TimedPlace{kTen + 3, 2}));
}

TEST(TimedLogTest, LinesOfOneTimeAreCounted) {
  TimedPlace place{kTen + 2, 1};
  EXPECT_EQ(LinesBehind(kLines, place), "three\n\n");
  place = {kTen + 2, 0};
  EXPECT_EQ(LinesBehind(kLines, place), "two\nthree\n\n");
}

TEST(TimedLogTest, TheEndIsBehindAllOfItsTime) {
  TimedPlace place = PlaceBehind("2026-11-03T10:00:00.000000002Z three\n");
  EXPECT_EQ(LinesBehind(kLines, place), "\n");
  EXPECT_EQ(PlaceBehind(""), TimedPlace{});
}

TEST(TimedLogTest, WhatHasNoTimeBelongsToTheLineBefore) {
  TimedPlace place{kTen + 1, 1};
  EXPECT_EQ(LinesBehind("2026-11-03T10:00:00.000000001Z one\nrest\n"
                        "2026-11-03T12:00:00.000000002+02:00 two\nmore",
                        place),
            "two\nmore\n");
  EXPECT_EQ(place, (TimedPlace{kTen + 2, 1}));
  EXPECT_EQ(LinesBehind("no time at all\n", place), "");
}

TEST(TimedLogTest, APlaceIsACursor) {
  const TimedPlace place{kTen + 7, 3};
  EXPECT_EQ(ToCursor(place), "1793700000000000007:3");
  EXPECT_EQ(PlaceFromCursor(ToCursor(place)), place);
  EXPECT_EQ(SecondsOf(place), "1793700000.000000007");
  EXPECT_EQ(DateOf(place), "2026-11-03T10:00:00.000000007Z");
  for (const char* none : {"", ":", "1:", ":1", "1:-1", "a:1", "1:1x"}) {
    EXPECT_EQ(PlaceFromCursor(none), std::nullopt) << none;
  }
}

TEST(TimedLogTest, LinesOfFramesAreWhole) {
  using namespace std::string_literals;
  const auto frame = [](char stream, const std::string& text) {
    return std::string{stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())} + text;
  };
  using docker::LinesOfTimedFrames;
  const std::string time = "2026-11-03T10:00:00.000000001Z ";
  EXPECT_EQ(LinesOfTimedFrames(frame(1, time + "a\n") + frame(2, time + "b\n")),
            time + "a\n" + time + "b\n");
  // A long line comes in pieces, between which there may be one of the other stream.
  EXPECT_EQ(LinesOfTimedFrames(frame(1, time + "a b") + frame(2, time + "c\n") +
                               frame(1, time + "d e\n")),
            time + "c\n" + time + "a bd e\n");
  EXPECT_EQ(LinesOfTimedFrames(frame(1, time + "a") + frame(1, " b\n")), time + "a b\n");
  EXPECT_EQ(LinesOfTimedFrames(frame(1, time + "without an end")), time + "without an end\n");
  EXPECT_EQ(LinesOfTimedFrames("T a\nT b\n"), "T a\nT b\n");  // of a terminal
  EXPECT_EQ(LinesOfTimedFrames("\1\0\0\0\xff\xff\xff\xff"s), "");
}

}  // namespace
}  // namespace gtestnet
