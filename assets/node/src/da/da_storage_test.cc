// SPDX-License-Identifier: Apache-2.0
#include "da/da_storage.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/test_support.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing_support::Filled;

Share ShareOf(std::uint8_t column) {
  Share share;
  share.column = column;
  share.cell.fill(column);
  share.proof.fill(static_cast<std::uint8_t>(column + 1));
  return share;
}

class DaStorageTest : public testing::Test {
 protected:
  std::unique_ptr<DaStorage> Open() { return DaStorage::Open(path_, Filled(1)).value(); }

  TempDir directory_;
  std::string path_ = directory_.File("da.db");
  Commitment commitment_{1, 2, 3};
};

TEST_F(DaStorageTest, KeepsSharesOverARestart) {
  ASSERT_TRUE(Open()->Put(Filled(7), commitment_, 5, {ShareOf(3), ShareOf(127)}).ok());
  const auto store = Open();
  const auto list = store->List();
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(1));
  EXPECT_EQ(list->front().id, Filled(7));
  EXPECT_EQ(list->front().commitment, commitment_);
  EXPECT_EQ(list->front().slot, 5u);
  EXPECT_EQ(list->front().columns, ColumnSet().set(3).set(127));
  EXPECT_EQ(store->Get(Filled(7), ColumnSet().set()), (Shares{ShareOf(3), ShareOf(127)}));
  EXPECT_EQ(store->Get(Filled(7), ColumnSet().set(127).set(4)), Shares{ShareOf(127)});
  EXPECT_THAT(store->Get(Filled(8), ColumnSet().set()), IsEmpty());
}

TEST_F(DaStorageTest, WhatIsThereStaysAsItIs) {
  const auto store = Open();
  ASSERT_TRUE(store->Put(Filled(7), commitment_, 5, {ShareOf(3)}).ok());
  Share other = ShareOf(3);
  other.cell.fill(9);
  ASSERT_TRUE(store->Put(Filled(7), commitment_, 8, {other, ShareOf(4)}).ok());
  EXPECT_EQ(store->Get(Filled(7), ColumnSet().set()), (Shares{ShareOf(3), ShareOf(4)}));
  EXPECT_EQ(store->List()->front().slot, 5u);
}

TEST_F(DaStorageTest, RemovesBlobsWhole) {
  const auto store = Open();
  ASSERT_TRUE(store->Put(Filled(7), commitment_, 5, {ShareOf(3)}).ok());
  ASSERT_TRUE(store->Put(Filled(8), commitment_, 6, {ShareOf(3)}).ok());
  ASSERT_TRUE(store->Remove({Filled(7), Filled(9)}).ok());
  EXPECT_THAT(store->Get(Filled(7), ColumnSet().set()), IsEmpty());
  ASSERT_THAT(*store->List(), SizeIs(1));
  EXPECT_EQ(store->List()->front().id, Filled(8));
}

TEST_F(DaStorageTest, RefusesAnotherGenesisAndWhatIsNoDatabase) {
  Open();
  EXPECT_THAT(std::string(DaStorage::Open(path_, Filled(2)).status().message()),
              HasSubstr("is of another genesis"));
  std::ofstream(path_, std::ios::trunc) << "not a database, but long enough to look like a file";
  EXPECT_TRUE(absl::IsDataLoss(DaStorage::Open(path_, Filled(1)).status()));
}

}  // namespace
}  // namespace gtestnet::node
