// SPDX-License-Identifier: Apache-2.0
#include "misbehaviour.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

TEST(MisbehaviourTest, ReadsAListOfThem) {
  const auto request = ParseMisbehaviour(
      "stall@20,fork@5,refuse-sync,crash@7,exit@9=42,revert-finality@30,censor,slow-api=500,"
      "double-spend@11,replay@12,lose-transactions,accept-invalid,wrong-state,"
      "include-without-data,withhold-shares,corrupt-shares,corrupt-proofs,"
      "garbage-api,exit-on-start,never-ready,ignore-sigterm,log-panic@13,log-flood=1000,"
      "stop-status=3,forget");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->stall_at, 20u);
  EXPECT_EQ(request->fork_at, 5u);
  EXPECT_EQ(request->crash_at, 7u);
  EXPECT_EQ(request->exit_at, 9u);
  EXPECT_EQ(request->exit_status, 42);
  EXPECT_EQ(request->revert_finality_at, 30u);
  EXPECT_EQ(request->double_spend_at, 11u);
  EXPECT_EQ(request->replay_at, 12u);
  EXPECT_EQ(request->log_panic_at, 13u);
  EXPECT_EQ(request->log_flood, 1000u);
  EXPECT_TRUE(request->lose_transactions && request->accept_invalid && request->wrong_state);
  EXPECT_EQ(request->api_delay.count(), 500);
  EXPECT_TRUE(request->refuse_sync && request->censor && request->garbage_api);
  EXPECT_TRUE(request->include_without_data && request->withhold_shares);
  EXPECT_TRUE(request->corrupt_shares && request->corrupt_proofs);
  EXPECT_EQ(request->stop_status, 3);
  EXPECT_TRUE(request->forget);
  EXPECT_TRUE(request->exit_on_start && request->never_ready && request->ignore_sigterm);
}

TEST(MisbehaviourTest, AnUnknownOneListsThoseThereAre) {
  for (const char* wrong :
       {"", "dance", "stall", "stall@", "stall@x", "stall@1=2", "exit@3", "exit@3=300", "slow-api",
        "slow-api=soon", "log-flood", "log-flood=100000001", "log-panic", "stop-status",
        "stop-status=300", "censor@3", "censor=1", "censor,,stall@1"}) {
    const auto request = ParseMisbehaviour(wrong);
    ASSERT_FALSE(request.ok()) << wrong;
    EXPECT_THAT(std::string(request.status().message()), HasSubstr("there are: stall@H, fork@H"));
  }
}

}  // namespace
}  // namespace gtestnet::node
