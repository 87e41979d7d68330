// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/status_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Pointee;

const absl::StatusOr<int> kSeven = 7;
const absl::StatusOr<int> kMissing = absl::NotFoundError("no node 7");

TEST(IsOkTest, MatchesStatusAndStatusOr) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(kSeven, IsOk());
  EXPECT_THAT(kMissing, Not(IsOk()));
  EXPECT_EQ(Explain(IsOk(), kMissing), "whose status is NOT_FOUND: no node 7");
  EXPECT_EQ(Describe<absl::Status>(IsOk()), "is OK");
  EXPECT_EQ(DescribeNot<absl::Status>(IsOk()), "isn't OK");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(kMissing, IsOk()), "whose status is NOT_FOUND: no node 7");
}

TEST(IsOkAndHoldsTest, MatchesTheValue) {
  EXPECT_THAT(kSeven, IsOkAndHolds(7));
  EXPECT_THAT(kSeven, IsOkAndHolds(testing::Gt(6)));
  EXPECT_THAT(kSeven, Not(IsOkAndHolds(8)));
  EXPECT_THAT(kMissing, Not(IsOkAndHolds(7)));
  EXPECT_EQ(Explain(IsOkAndHolds(8), kSeven), "whose value is 7");
  EXPECT_EQ(Explain(IsOkAndHolds(8), kMissing), "whose status is NOT_FOUND: no node 7");
  EXPECT_EQ(Describe<absl::StatusOr<int>>(IsOkAndHolds(8)),
            "is OK and has a value that is equal to 8");
  EXPECT_EQ(DescribeNot<absl::StatusOr<int>>(IsOkAndHolds(8)),
            "isn't OK, or has a value that isn't equal to 8");
}

TEST(IsOkAndHoldsTest, TakesWhatCannotBeCopied) {
  absl::StatusOr<std::unique_ptr<int>> owned = std::make_unique<int>(3);
  EXPECT_THAT(owned, IsOkAndHolds(Pointee(3)));
  EXPECT_THAT(absl::StatusOr<std::string>("text"), IsOkAndHolds("text"));
}

TEST(StatusIsTest, MatchesCodeAndMessage) {
  EXPECT_THAT(kMissing, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(kMissing.status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("node 7")));
  EXPECT_THAT(kMissing, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(kMissing, Not(StatusIs(absl::StatusCode::kNotFound, "another")));
  EXPECT_THAT(kSeven, StatusIs(absl::StatusCode::kOk));
  const auto matcher = StatusIs(absl::StatusCode::kAborted, HasSubstr("exited"));
  EXPECT_EQ(Explain(matcher, kMissing), "whose status is NOT_FOUND: no node 7");
  EXPECT_EQ(Describe<absl::Status>(matcher),
            "has the status ABORTED (10) with a message that has substring \"exited\"");
  EXPECT_EQ(DescribeNot<absl::Status>(matcher),
            "doesn't have the status ABORTED (10), or a message that has no substring \"exited\"");
}

}  // namespace
}  // namespace gtestnet::matching
