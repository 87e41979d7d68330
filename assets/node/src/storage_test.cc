// SPDX-License-Identifier: Apache-2.0
#include "storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>

#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

Hash Id(std::uint8_t byte) {
  Hash hash;
  hash.bytes.fill(byte);
  return hash;
}

BlockPtr BlockAt(Slot slot, const HeaderId& parent) {
  Header header;
  header.parent = parent;
  header.slot = slot;
  return MakeBlock(header, Signature{}, {});
}

std::vector<HeaderId> IdsOf(const Storage& storage) {
  std::vector<HeaderId> ids;
  const absl::Status status = storage.ForEach([&](const BlockPtr& block) {
    ids.push_back(block->id);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return ids;
}

class StorageTest : public testing::Test {
 protected:
  std::unique_ptr<Storage> Open() {
    absl::StatusOr<std::unique_ptr<Storage>> storage = Storage::Open(path_, Id(1));
    EXPECT_TRUE(storage.ok()) << storage.status();
    return storage.ok() ? *std::move(storage) : nullptr;
  }
  std::string OpenError(const HeaderId& genesis) {
    const auto storage = Storage::Open(path_, genesis);
    return storage.ok() ? "" : std::string(storage.status().message());
  }

  TempDir directory_;
  std::string path_ = directory_.File("chain.db");
};

TEST_F(StorageTest, GivesBackWhatWasStoredInItsOrder) {
  const BlockPtr first = BlockAt(9, Id(1));
  const BlockPtr second = BlockAt(4, first->id);
  {
    const auto storage = Open();
    ASSERT_TRUE(storage->Write({{first, 1}, {second, 2}}, {}).ok());
    ASSERT_TRUE(storage->Write({{first, 1}}, {}).ok()) << "the same again changes nothing";
    ASSERT_TRUE(storage->SetStartTime(1234).ok());
  }
  const auto storage = Open();
  EXPECT_EQ(IdsOf(*storage), (std::vector<HeaderId>{first->id, second->id}));
  EXPECT_EQ(storage->start_time(), 1234);
  ASSERT_NE(storage->Get(second->id), nullptr);
  EXPECT_EQ(storage->Get(second->id)->header, second->header);
  EXPECT_EQ(storage->Get(Id(7)), nullptr);
}

TEST_F(StorageTest, ForgetsWhatIsPruned) {
  const BlockPtr first = BlockAt(1, Id(1));
  const BlockPtr other = BlockAt(2, Id(1));
  const auto storage = Open();
  ASSERT_TRUE(storage->Write({{first, 1}, {other, 1}}, {}).ok());
  ASSERT_TRUE(storage->Write({}, {other->id, Id(9)}).ok());
  EXPECT_EQ(IdsOf(*storage), std::vector<HeaderId>{first->id});
}

TEST_F(StorageTest, RefusesAnotherGenesis) {
  Open();
  EXPECT_THAT(OpenError(Id(2)), HasSubstr("is of another genesis: 0101"));
}

TEST_F(StorageTest, RefusesASecondProcess) {
  const auto storage = Open();
  EXPECT_THAT(OpenError(Id(1)), HasSubstr("is in use by another process"));
}

TEST_F(StorageTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path_) << std::string(10000, 'x');
  EXPECT_THAT(OpenError(Id(1)), HasSubstr("is damaged or no database"));
}

TEST_F(StorageTest, NamesADirectoryThatIsNotThere) {
  path_ = directory_.File("nowhere/chain.db");
  EXPECT_THAT(OpenError(Id(1)), HasSubstr("nowhere/chain.db: unable to open"));
}

TEST_F(StorageTest, SaysWhenABlockIsDamaged) {
  const BlockPtr block = BlockAt(1, Id(1));
  ASSERT_TRUE(Open()->Write({{block, 1}}, {}).ok());
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const Bytes encoded = EncodeBlock(*block);
    const std::string body(encoded.begin(), encoded.end());
    const std::size_t at = bytes.find(body);
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at + body.size() - 2));  // the number of transactions
    file.write("\xff\xff", 2);
  }
  const auto storage = Open();
  const absl::Status status = storage->ForEach([](const BlockPtr&) { return absl::OkStatus(); });
  EXPECT_THAT(std::string(status.message()), HasSubstr("is damaged: block 1"));
}

// A writer that is killed at a random instant: each write that it reported is there, in order and
// whole, and at most the one beyond.
TEST_F(StorageTest, SurvivesAKillAtAnyInstant) {
  constexpr int kRounds = 40;
  std::vector<HeaderId> known;
  for (int round = 0; round < kRounds; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto storage = Storage::Open(path_, Id(1));
      if (!storage.ok()) _exit(1);
      HeaderId parent = known.empty() ? Id(1) : known.back();
      for (Slot slot = known.size() + 1;; slot += 2) {
        const BlockPtr first = BlockAt(slot, parent);
        const BlockPtr second = BlockAt(slot + 1, first->id);
        parent = second->id;
        if (!(*storage)->Write({{first, slot}, {second, slot + 1}}, {}).ok()) _exit(2);
        if (write(pipe_ends[1], parent.bytes.data(), 32) != 32) _exit(3);
      }
    }
    close(pipe_ends[1]);
    HeaderId last;
    const int acknowledged = 1 + (round * 7) % 23;
    for (int i = 0; i < acknowledged; ++i) {
      ASSERT_EQ(read(pipe_ends[0], last.bytes.data(), 32), 32) << "the writer failed";
    }
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (read(pipe_ends[0], last.bytes.data(), 32) == 32) {
    }
    close(pipe_ends[0]);

    const std::vector<HeaderId> ids = IdsOf(*Open());
    ASSERT_EQ(ids.size() % 2, 0u) << "half of a write";
    ASSERT_GE(ids.size(), known.size());
    const auto reported = std::find(ids.begin(), ids.end(), last);
    ASSERT_NE(reported, ids.end()) << "a write that was reported is gone";
    ASSERT_LE(ids.end() - reported, 3);
    HeaderId parent = Id(1);
    for (Slot slot = 1; slot <= ids.size(); ++slot) {
      ASSERT_EQ(ids[slot - 1], BlockAt(slot, parent)->id);
      parent = ids[slot - 1];
    }
    known = ids;
  }
  EXPECT_GT(known.size(), 200u);
}

}  // namespace
}  // namespace gtestnet::node
