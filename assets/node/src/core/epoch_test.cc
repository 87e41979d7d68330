// SPDX-License-Identifier: Apache-2.0
#include "epoch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using namespace testing_support;  // NOLINT: the tests' own words

// k = 10, f = 1: base period 10, epochs of 100 slots, nonces taken before slot 60 of each.
class EpochTest : public testing::Test {
 protected:
  ChainState Extend(const ChainState& parent, Slot slot, const LedgerDelta& delta = {}) {
    Header header;
    header.slot = slot;
    header.entropy = HashOf(LeadershipMessage(slot, {}));
    return rules_.After(parent, header, delta);
  }

  EpochRules rules_{AlwaysWinning(10), TestGenesis()};
};

TEST(ConsensusOptionsTest, EpochLengthFollowsFromTheParameters) {
  ConsensusOptions options;
  EXPECT_EQ(options.BasePeriod(), 11u);  // ⌊10 ÷ 0.9⌋
  EXPECT_EQ(options.EpochLength(), 110u);
  EXPECT_EQ(options.EpochOf(109), 0u);
  EXPECT_EQ(options.EpochOf(110), 1u);
  options.epoch = {1, 2, 3};
  EXPECT_EQ(options.EpochLength(), 66u);
  EXPECT_EQ(options.Check(), absl::OkStatus());
}

TEST(ConsensusOptionsTest, WhatCannotBeIsRefused) {
  const auto error = [](auto change) {
    ConsensusOptions options;
    change(options);
    return std::string(options.Check().message());
  };
  EXPECT_EQ(error([](auto& o) { o.security_param = 0; }),
            "security parameter 0: must be at least 1");
  EXPECT_THAT(error([](auto& o) { o.slot_duration_ms = 0; }), testing::HasSubstr("slot duration"));
  EXPECT_THAT(error([](auto& o) { o.epoch.nonce_buffer = 0; }), testing::HasSubstr("each part"));
  EXPECT_THAT(error([](auto& o) {
                o.security_param = ~std::uint32_t{0};
                o.active_slot_coeff = {1, 1'000'000'000'000'000'000};
              }),
              testing::HasSubstr("an epoch would be longer"));
}

TEST_F(EpochTest, OnlyLeadersNotesAreStake) {
  EXPECT_EQ(rules_.genesis().stake->total, 3000u);
  EXPECT_EQ(rules_.genesis().stake->notes.size(), 3u);
}

TEST_F(EpochTest, FirstEpochHasTheGenesisNonce) {
  const ChainState one = Extend(rules_.genesis(), 1);
  EXPECT_EQ(rules_.At(one, 99).nonce, GenesisNonce(TestGenesis()));
  EXPECT_NE(one.nonce, GenesisNonce(TestGenesis()));
}

TEST_F(EpochTest, NonceIsThatBeforeTheSnapshotOfTheEpochBefore) {
  const ChainState before = Extend(Extend(rules_.genesis(), 10), 59);
  const ChainState after = Extend(Extend(before, 60), 99);
  EXPECT_EQ(rules_.At(after, 100).epoch, 1u);
  EXPECT_EQ(rules_.At(after, 100).nonce, before.nonce);
  // The whole epoch long, whatever its own blocks are; and then it is the turn of slots below 160.
  const ChainState next = Extend(Extend(after, 120), 161);
  EXPECT_EQ(rules_.At(next, 199).nonce, before.nonce);
  EXPECT_EQ(rules_.At(next, 200).nonce, Extend(after, 120).nonce);
}

TEST_F(EpochTest, EmptyEpochsAreSkipped) {
  const ChainState last = Extend(Extend(rules_.genesis(), 10), 99);
  const EpochState late = rules_.At(last, 350);
  EXPECT_EQ(late.epoch, 3u);
  EXPECT_EQ(late.nonce, last.nonce);
  const ChainState entered = Extend(last, 350);
  EXPECT_EQ(rules_.At(entered, 399).nonce, last.nonce);
  EXPECT_EQ(rules_.At(entered, 400).nonce, entered.nonce);  // slot 350 is before 360
}

TEST_F(EpochTest, StakeCountsInTheEpochAfterTheNext) {
  // Leader 1 gives 400 of its 1000 to leader 2 in slot 50, in epoch 0.
  const NoteId spent = GenesisNoteIds(TestGenesis())[0];
  LedgerDelta delta;
  delta.spent.insert(spent);
  delta.created.emplace(Filled(0xA1), NoteFor(2, 400));
  delta.created.emplace(Filled(0xA2), NoteFor(kBob, 600));
  const ChainState moved = Extend(Extend(rules_.genesis(), 10), 50, delta);
  const ChainState in_one = Extend(moved, 150);
  const ChainState in_two = Extend(in_one, 250);
  EXPECT_TRUE(rules_.At(moved, 99).stake->notes.contains(spent));
  EXPECT_TRUE(rules_.At(moved, 100).stake->notes.contains(spent));
  EXPECT_TRUE(rules_.At(in_one, 199).stake->notes.contains(spent));
  EXPECT_FALSE(rules_.At(in_one, 200).stake->notes.contains(spent));
  EXPECT_EQ(rules_.At(in_two, 250).stake->total, 2400u);
  EXPECT_EQ(rules_.At(in_two, 250).stake->notes.at(Filled(0xA1)).value, 400u);
}

}  // namespace
}  // namespace gtestnet::node
