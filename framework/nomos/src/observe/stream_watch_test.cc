// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/stream_watch.h"

#include <gmock/gmock.h>

namespace gtestnet::nomos {
namespace {

using std::chrono_literals::operator""ms;

constexpr StreamKind kKind = StreamKind::kBlocks;

class StreamWatchTest : public testing::Test {
 protected:
  StreamWatchTest() { watch_.Opened(0, kKind); }

  // Answers each 200 ms, in which the height grows by 1 each time; whether the stream is silent.
  bool IsSilentAfter(int answers) {
    bool silent = false;
    for (int i = 0; i < answers; ++i) silent = Answer(++height_) || silent;
    return silent;
  }
  bool Answer(int64_t height) {
    at_ += 200ms;
    silence_ = watch_.TakeAnswer(0, kKind, height, at_);
    return silence_.has_value();
  }

  StreamWatch watch_;
  RunTime at_{0};
  int64_t height_ = 0;
  std::optional<StreamWatch::Silence> silence_;
};

TEST_F(StreamWatchTest, IsSilentWhileAnswersGoOn) {
  EXPECT_FALSE(IsSilentAfter(13));
  EXPECT_FALSE(watch_.MustReopen(0, kKind));
  EXPECT_TRUE(Answer(14));
  EXPECT_EQ(silence_->since, 200ms);
  EXPECT_EQ(silence_->from, 1);
  EXPECT_EQ(silence_->to, 14);
  EXPECT_TRUE(watch_.MustReopen(0, kKind));
  EXPECT_FALSE(watch_.MustReopen(0, kKind));
}

TEST_F(StreamWatchTest, ALineNowAndThenIsEnough) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(IsSilentAfter(12));
    watch_.TakeLine(0, kKind);
  }
}

TEST_F(StreamWatchTest, NothingIsMissingOfAChainThatDoesNotGrow) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Answer(i < 50 ? 7 : 9));
}

// The runner stood still for a minute, and its first answer shows all that came meanwhile: the
// lines are in the socket still.
TEST_F(StreamWatchTest, ARunnerThatStoodStillReadsTheLinesFirst) {
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Answer(7));
  at_ += 60'000ms;
  EXPECT_FALSE(Answer(300));
  EXPECT_FALSE(Answer(300));
  watch_.TakeLine(0, kKind);
  EXPECT_FALSE(IsSilentAfter(12));
}

TEST_F(StreamWatchTest, OneThatIsNotOpenIsNotSilent) {
  watch_.Ended(0, kKind);
  EXPECT_FALSE(IsSilentAfter(100));
  watch_.Opened(0, kKind);
  EXPECT_FALSE(IsSilentAfter(13));
  EXPECT_TRUE(IsSilentAfter(1));
}

// A node that was paused and goes on, or one that lost its database.
TEST_F(StreamWatchTest, WhatWasBeforeANodeWasSilentItselfDoesNotCount) {
  EXPECT_FALSE(IsSilentAfter(13));
  watch_.TakeSilence(0);
  EXPECT_FALSE(IsSilentAfter(13));
  height_ = 0;
  EXPECT_FALSE(IsSilentAfter(13));
}

}  // namespace
}  // namespace gtestnet::nomos
