// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace testing_support;  // NOLINT: the tests' own words

constexpr std::uint32_t kDepth = 5;

class TreeTest : public testing::Test {
 protected:
  absl::StatusOr<TreeChange> Add(const BlockPtr& block) {
    return tree_.Add(block, Signatures::kCheck);
  }
  TreeChange MustAdd(const BlockPtr& block) {
    absl::StatusOr<TreeChange> change = Add(block);
    EXPECT_EQ(change.status(), absl::OkStatus());
    return change.ok() ? *std::move(change) : TreeChange{};
  }
  void MustAdd(const std::vector<BlockPtr>& blocks) {
    for (const BlockPtr& block : blocks) MustAdd(block);
  }
  std::string Error(const BlockPtr& block) { return std::string(Add(block).status().message()); }

  BlockMaker maker_{AlwaysWinning(kDepth)};
  BlockTree tree_{AlwaysWinning(kDepth), TestGenesis()};
};

TEST_F(TreeTest, StartsWithGenesis) {
  EXPECT_EQ(tree_.tip().id(), maker_.genesis());
  EXPECT_EQ(tree_.lib().height, 0u);
  EXPECT_EQ(tree_.leaves(), 1u);
}

TEST_F(TreeTest, LongerChainWins) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 2, 1);
  const auto fork = maker_.Chain(maker_.genesis(), 5, 3, 2);
  MustAdd(chain);
  MustAdd({fork[0]});
  EXPECT_EQ(tree_.tip().id(), chain[1]->id);
  MustAdd({fork[1], fork[2]});
  EXPECT_EQ(tree_.tip().id(), fork[2]->id);
}

TEST_F(TreeTest, LowerIdWinsAmongEquallyLongOnesInWhicheverOrder) {
  const BlockPtr a = maker_.Make(maker_.genesis(), 1, 1);
  const BlockPtr b = maker_.Make(maker_.genesis(), 1, 2);
  BlockTree other(AlwaysWinning(kDepth), TestGenesis());
  MustAdd({a, b});
  ASSERT_TRUE(other.Add(b, Signatures::kCheck).ok());
  ASSERT_TRUE(other.Add(a, Signatures::kCheck).ok());
  EXPECT_EQ(tree_.tip().id(), std::min(a->id, b->id));
  EXPECT_EQ(other.tip().id(), tree_.tip().id());
  EXPECT_EQ(tree_.leaves(), 2u);
}

class ReorganisationTest : public TreeTest, public testing::WithParamInterface<Height> {};

TEST_P(ReorganisationTest, GoesAsDeepAsFinalityAllows) {
  const Height depth = GetParam();
  const auto common = maker_.Chain(maker_.genesis(), 1, 7, 1);
  auto chain = maker_.Chain(common.back()->id, 10, depth + 1, 1);
  auto fork = maker_.Chain(common.back()->id, 10, depth + 1, 2);
  // As long as both are equally long, the one with the lower id is the chain.
  if (fork[depth - 1]->id < chain[depth - 1]->id) std::swap(chain, fork);
  chain.pop_back();
  MustAdd(common);
  MustAdd(chain);
  for (std::size_t i = 0; i < depth; ++i) MustAdd(fork[i]);
  const TreeChange change = MustAdd(fork[depth]);
  EXPECT_TRUE(change.is_tip);
  EXPECT_THAT(change.left, SizeIs(depth));
  EXPECT_THAT(change.joined, SizeIs(depth + 1));
  EXPECT_EQ(change.left.front()->id, chain.back()->id);
  EXPECT_EQ(change.joined.front()->id, fork.front()->id);
  EXPECT_EQ(tree_.tip().height, 7 + depth + 1);
}

INSTANTIATE_TEST_SUITE_P(Depths, ReorganisationTest, testing::Range<Height>(1, kDepth + 1));

TEST_F(TreeTest, ChainIsNotLeftBelowTheFinalBlock) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 8, 1);
  MustAdd(chain);
  ASSERT_EQ(tree_.lib().height, 3u);
  const BlockPtr fork = maker_.Make(chain[1]->id, 50, 2);  // on height 2
  EXPECT_TRUE(absl::IsFailedPrecondition(Add(fork).status()));
  EXPECT_THAT(Error(fork), HasSubstr("below the final block at height 3"));
  EXPECT_TRUE(absl::IsNotFound(Add(maker_.Make(fork->id, 51, 2)).status()));
  MustAdd(maker_.Make(chain[2]->id, 50, 2));  // on the final block itself
}

TEST_F(TreeTest, FinalBlockIsTheTipsAncestorAtDepthKAndIsReportedOnce) {
  std::vector<std::pair<Height, HeaderId>> finalised;
  const auto chain = maker_.Chain(maker_.genesis(), 1, 12, 1);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const TreeChange change = MustAdd(chain[i]);
    finalised.insert(finalised.end(), change.finalised.begin(), change.finalised.end());
    EXPECT_EQ(tree_.lib().height, i + 1 < kDepth ? 0 : i + 1 - kDepth);
  }
  ASSERT_THAT(finalised, SizeIs(7));
  for (std::size_t i = 0; i < finalised.size(); ++i) {
    EXPECT_EQ(finalised[i], std::pair(Height{i + 1}, chain[i]->id));
    EXPECT_EQ(tree_.ImmutableAt(i + 1), chain[i]->id);
    EXPECT_EQ(tree_.HeightOf(chain[i]->id), i + 1);
  }
  EXPECT_THAT(tree_.ImmutableBetween(2, 4, 100),
              testing::ElementsAre(chain[1]->id, chain[2]->id, chain[3]->id));
  EXPECT_THAT(tree_.ImmutableBetween(0, 1000, 2), SizeIs(2));
}

TEST_F(TreeTest, StaleBranchesArePruned) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 6, 1);
  const auto stale = maker_.Chain(maker_.genesis(), 1, 2, 2);
  const BlockPtr twig = maker_.Make(stale[0]->id, 4, 3);  // a second tip on the stale branch
  const BlockPtr young = maker_.Make(chain[3]->id, 9, 3);
  for (int i = 0; i < 5; ++i) MustAdd(chain[i]);
  MustAdd({stale[0], stale[1], twig, young});
  const TreeChange change = MustAdd(chain[5]);
  EXPECT_THAT(change.pruned, UnorderedElementsAre(stale[0]->id, stale[1]->id, twig->id));
  EXPECT_FALSE(tree_.Knows(stale[1]->id));
  EXPECT_TRUE(tree_.Knows(young->id));
}

TEST_F(TreeTest, DuplicatesAndOrphansAreToldApart) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 3, 1);
  MustAdd(chain[0]);
  EXPECT_TRUE(absl::IsAlreadyExists(Add(chain[0]).status()));
  EXPECT_TRUE(absl::IsNotFound(Add(chain[2]).status()));
}

TEST_F(TreeTest, EquivocationIsAdmittedAndTold) {
  const BlockPtr a = maker_.Make(maker_.genesis(), 1, 1);
  const BlockPtr b = maker_.Make(maker_.genesis(), 1, 1, {Inscribe(1, {}, kAlice)});
  EXPECT_FALSE(MustAdd(a).equivocates);
  EXPECT_TRUE(MustAdd(b).equivocates);
  for (std::uint8_t i = 2; i < BlockTree::kMaxEquivocations; ++i) {
    MustAdd(maker_.Make(maker_.genesis(), 1, 1, {Inscribe(i, {}, kAlice)}));
  }
  EXPECT_TRUE(absl::IsResourceExhausted(
      Add(maker_.Make(maker_.genesis(), 1, 1, {Inscribe(99, {}, kAlice)})).status()));
}

TEST_F(TreeTest, SlotsGrow) {
  const BlockPtr first = maker_.Make(maker_.genesis(), 5, 1);
  MustAdd(first);
  EXPECT_THAT(Error(maker_.Make(first->id, 5, 2)), HasSubstr("slot 5 is not behind"));
  EXPECT_THAT(Error(maker_.Make(first->id, 4, 2)), HasSubstr("slot 4 is not behind"));
}

TEST_F(TreeTest, ForgedBlocksAreRefused) {
  const BlockPtr good = maker_.Make(maker_.genesis(), 1, 1);
  const auto forged = [&](auto change) {
    Header header = good->header;
    change(header);
    return Error(BlockMaker::Seal(header, 1));
  };
  EXPECT_THAT(forged([](Header& h) { h.voucher = Filled(1); }), HasSubstr("voucher"));
  EXPECT_THAT(forged([](Header& h) { h.proof.bytes[127] = 1; }), HasSubstr("padding"));
  EXPECT_THAT(forged([](Header& h) { h.entropy = Filled(1); }), HasSubstr("entropy"));
  EXPECT_THAT(forged([](Header& h) { h.slot = 2; }), HasSubstr("not its leader's"));
  EXPECT_THAT(forged([](Header& h) { h.block_root = Filled(1); }), HasSubstr("root"));
  EXPECT_THAT(forged([](Header& h) { h.leader_key = KeyOf(2).public_key(); }),
              HasSubstr("does not own"));
  EXPECT_THAT(
      forged([](Header& h) { h.proof = LeaderProof::Make(h.proof.signature(), AliceCoin(0).id); }),
      HasSubstr("has no stake"));
  EXPECT_THAT(Error(BlockMaker::Seal(good->header, 2)), HasSubstr("signature"));
  EXPECT_EQ(tree_.tip().height, 0u);
  MustAdd(good);
}

TEST_F(TreeTest, LostTicketIsRefused) {
  ConsensusOptions options = AlwaysWinning(kDepth);
  options.active_slot_coeff = {1, 1'000'000'000};
  BlockTree tree(options, TestGenesis());
  BlockMaker maker(options);
  EXPECT_THAT(tree.Add(maker.Make(maker.genesis(), 1, 1), Signatures::kCheck).status().message(),
              HasSubstr("did not win slot 1"));
}

TEST_F(TreeTest, DoubleSpendsAreRefused) {
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  const SignedMantleTx again = Transfer({AliceCoin(0)}, {NoteFor(kAlice, 100)});
  EXPECT_THAT(Error(maker_.Make(maker_.genesis(), 1, 1, {pay, again})),
              HasSubstr("transaction 1: input 0 does not exist"));
  EXPECT_THAT(Error(maker_.Make(maker_.genesis(), 1, 1, {pay, pay})),
              HasSubstr("transaction 1 is in it twice"));
  const BlockPtr block = maker_.Make(maker_.genesis(), 1, 1, {pay});
  MustAdd(block);
  EXPECT_THAT(Error(maker_.Make(block->id, 2, 1, {again})), HasSubstr("input 0 does not exist"));
  MustAdd(maker_.Make(maker_.genesis(), 2, 2, {again}));  // on another branch it is right
}

TEST_F(TreeTest, LedgerLivesOnBelowTheFinalBlock) {
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  const BlockPtr block = maker_.Make(maker_.genesis(), 1, 1, {pay});
  MustAdd(block);
  const auto chain = maker_.Chain(block->id, 2, 2 * kDepth, 1);
  MustAdd(chain);
  ASSERT_GT(tree_.lib().height, 1u);
  EXPECT_THAT(Error(maker_.Make(chain.back()->id, 90, 1, {pay})), HasSubstr("does not exist"));
  const NoteId output = OutputIds(pay.tx.ledger_tx)[0];
  MustAdd(maker_.Make(chain.back()->id, 90, 1, {Transfer({{output, kBob}}, {NoteFor(1, 100)})}));
}

TEST_F(TreeTest, ChainsOverManyEpochsAreFollowed) {
  // Epochs are 50 slots long here; some are left out.
  HeaderId parent = maker_.genesis();
  for (Slot slot = 1; slot < 1000; slot += slot % 7 == 0 ? 120 : 9) {
    const BlockPtr block = maker_.Make(parent, slot, 1 + slot % 3);
    MustAdd(block);
    parent = block->id;
  }
  EXPECT_EQ(tree_.tip().id(), parent);
}

TEST_F(TreeTest, OversizedBlocksAreRefused) {
  std::vector<SignedMantleTx> many;
  for (int i = 0; i < 17; ++i) {
    many.push_back(Inscribe(static_cast<std::uint8_t>(i), {}, kAlice, std::string(65000, 'x')));
  }
  EXPECT_THAT(Error(maker_.Make(maker_.genesis(), 1, 1, many)),
              HasSubstr("more transactions or bytes"));
}

}  // namespace
}  // namespace gtestnet::node
