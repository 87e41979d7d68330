// SPDX-License-Identifier: Apache-2.0
#include "chain/src/contradictions.h"

#include <gmock/gmock.h>

namespace gtestnet::chain {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Contradictions::Rule kLasting{3, 2000ms};

class ContradictionsTest : public testing::Test {
 protected:
  void Differ(RunTime at, Contradictions::Rule rule = {}) {
    contradictions_.Differ(1, "height", "height 9", "it told 7", at, rule);
  }
  Contradictions contradictions_;
};

TEST_F(ContradictionsTest, AreNotedAfterThreeLooksInARow) {
  Differ(100ms);
  Differ(200ms);
  EXPECT_TRUE(contradictions_.IsPending(1));
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
  Differ(300ms);
  EXPECT_FALSE(contradictions_.IsPending(1));
  EXPECT_THAT(contradictions_.Noted(),
              ElementsAre(ContradictionRecord{1, "height 9", "it told 7", 100ms, 300ms, 3}));
  Differ(500ms);
  EXPECT_THAT(contradictions_.Noted(),
              ElementsAre(ContradictionRecord{1, "height 9", "it told 7", 100ms, 500ms, 4}));
}

// Two answers between which a block came.
TEST_F(ContradictionsTest, ARaceIsNone) {
  for (int i = 0; i < 10; ++i) {
    Differ(100ms * i);
    Differ(100ms * i + 50ms);
    contradictions_.Agree(1, "height");
    EXPECT_FALSE(contradictions_.IsPending(1));
  }
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
}

TEST_F(ContradictionsTest, LooksAtOtherNodesAndOtherThingsDoNotCount) {
  Differ(100ms);
  contradictions_.Differ(0, "height", "a", "b", 110ms);
  contradictions_.Differ(1, "slot", "a", "b", 120ms);
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
}

TEST_F(ContradictionsTest, AFactIsNotedAtOnce) {
  Differ(100ms, Contradictions::kFact);
  EXPECT_EQ(contradictions_.Noted().size(), 1U);
}

TEST_F(ContradictionsTest, MayHaveToLast) {
  for (RunTime at = 0ms; at < 2000ms; at += 100ms) Differ(at, kLasting);
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
  Differ(2000ms, kLasting);
  EXPECT_EQ(contradictions_.Noted().size(), 1U);
}

// The runner stood still for nine seconds.
TEST_F(ContradictionsTest, WhatWasNotLookedAtDoesNotLast) {
  Differ(0ms, kLasting);
  Differ(500ms, kLasting);
  Differ(9500ms, kLasting);
  Differ(9600ms, kLasting);
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
}

TEST_F(ContradictionsTest, OfANodeThatWasRestartedNothingIsLeftButWhatWasNoted) {
  Differ(100ms);
  Differ(200ms);
  contradictions_.Forget(1);
  Differ(300ms);
  EXPECT_THAT(contradictions_.Noted(), IsEmpty());
  Differ(400ms);
  Differ(500ms);
  contradictions_.Forget(1);
  EXPECT_EQ(contradictions_.Noted().size(), 1U);
}

}  // namespace
}  // namespace gtestnet::chain
