// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/transaction_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "matchers/chain/src/testing/record_builder.h"

namespace gtestnet::matching {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TransactionIndexTest, NumbersAreThePlacesOfRecordsThenOfWhatOnlyBlocksHave) {
  RecordBuilder builder(2);
  builder.Transaction("t0")
      .Transaction("t1")
      .Block(0, {"t1", "x"})
      .Block(0, {})
      .Block(0, {"x", "y", "t0"});
  const RunRecord record = builder.Build();
  const TransactionIndex index(record);
  const auto& blocks = chain::ChainOf(record)->blocks;
  EXPECT_THAT(index.In(blocks[0]), ElementsAre(1, 2));
  EXPECT_THAT(index.In(blocks[1]), IsEmpty());
  EXPECT_THAT(index.In(blocks[2]), ElementsAre(2, 3, 0));
  EXPECT_EQ(index.size(), 4u);
  EXPECT_EQ(index.Record(1), &chain::ChainOf(record)->transactions[1]);
  EXPECT_EQ(index.Record(2), nullptr);
}

TEST(TransactionIndexTest, OfTwoRecordsOfOneHashTheFirstCounts) {
  RecordBuilder builder(2);
  builder.Transaction("t0").Transaction("t0").Transaction("t2").Block(0, {"t2", "t0", "x"});
  const RunRecord record = builder.Build();
  EXPECT_THAT(TransactionIndex(record).In(chain::ChainOf(record)->blocks[0]), ElementsAre(2, 0, 3));
}

TEST(TransactionIndexTest, ARecordWithoutAnyIsFine) {
  const RunRecord record = RecordBuilder(2).Grow(2).Build();
  const TransactionIndex index(record);
  EXPECT_EQ(index.size(), 0u);
  EXPECT_THAT(index.In(chain::ChainOf(record)->blocks[1]), IsEmpty());
  EXPECT_EQ(NoteIndex(record).size(), 0u);
}

TEST(TransactionIndexTest, MoreThanOneBatchKeepsItsOrder) {
  RecordBuilder builder(2);
  for (int i = 0; i < 250; ++i) builder.Transaction("t" + std::to_string(i));
  std::vector<std::string> hashes;
  for (int i = 249; i >= 0; --i) hashes.push_back("t" + std::to_string(i));
  const RunRecord record = builder.Block(0, hashes).Build();
  const TransactionIndex index(record);
  const auto numbers = index.In(chain::ChainOf(record)->blocks[0]);
  ASSERT_EQ(numbers.size(), 250u);
  for (uint32_t i = 0; i < 250; ++i) EXPECT_EQ(numbers[i], 249 - i);
}

TEST(NoteIndexTest, ANoteThatIsMadeAndSpentIsOne) {
  RecordBuilder builder(2);
  builder.Transaction("t0", {{"a", 1}, {"b", 2}}, {{"c", 3}});
  builder.Transaction("t1", {}, {});
  builder.Transaction("t2", {{"c", 3}}, {{"d", 3}});
  const RunRecord record = builder.Build();
  const NoteIndex notes(record);
  EXPECT_EQ(notes.size(), 4u);
  EXPECT_THAT(notes.Spends(0), ElementsAre(0, 1));
  EXPECT_THAT(notes.Spends(1), IsEmpty());
  EXPECT_THAT(notes.Makes(0), ElementsAre(notes.Spends(2)[0]));
  EXPECT_THAT(notes.Makes(2), ElementsAre(3));
}

}  // namespace
}  // namespace gtestnet::matching
