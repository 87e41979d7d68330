// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/blob_retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "core/src/base/hash.h"
#include "gtestnet/chain/record.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;

std::string HashOf(const std::string& data) {
  return base::ToHex(base::Hasher().Add(data).Finish());
}

chain::BlobRecord Blob(const std::string& id, int64_t size, NodeIndex node, RunTime at) {
  chain::BlobRecord blob;
  blob.id = id;
  blob.size = size;
  blob.node = node;
  blob.submitted_at = at;
  return blob;
}

std::vector<NodeInfo> Nodes(int count) {
  std::vector<NodeInfo> nodes(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) nodes[static_cast<size_t>(i)].index = i;
  return nodes;
}

bool Never() { return false; }

TEST(BlobRetrievalTest, WritesDownWhatCameBack) {
  std::vector<chain::BlobRecord> blobs = {Blob("whole", 31, 2, 5s), Blob("lost", 31, 2, 5s),
                                          Blob("broken", 31, 2, 5s)};
  const AskForBlob ask =
      [](const NodeInfo&,
         const std::string& blob) -> absl::StatusOr<std::optional<Reconstruction>> {
    if (blob == "lost") return std::optional<Reconstruction>();
    if (blob == "broken") return absl::UnavailableError("refused");
    return std::optional(Reconstruction{96, std::string(31, 'x') + std::string(100, '\0')});
  };
  RetrieveBlobs(Nodes(3), 0s, Never, ask, blobs);
  ASSERT_TRUE(blobs[0].retrieval && blobs[1].retrieval && blobs[2].retrieval);
  EXPECT_EQ(blobs[0].retrieval->columns, 96);
  EXPECT_EQ(blobs[0].retrieval->data, HashOf(std::string(31, 'x'))) << "cut to its size";
  EXPECT_EQ(blobs[1].retrieval->error, "it could not have 64 columns");
  EXPECT_EQ(blobs[2].retrieval->error, "refused");
  EXPECT_EQ(blobs[2].retrieval->data, "");
}

TEST(BlobRetrievalTest, AsksNodesInTurnAndNotTheOneThatDispersed) {
  std::vector<chain::BlobRecord> blobs;
  for (int i = 0; i < 30; ++i) blobs.push_back(Blob(std::to_string(i), 31, i % 3, 5s));
  std::mutex mutex;
  std::map<NodeIndex, int> asked;
  const AskForBlob ask = [&](const NodeInfo& node, const std::string&) {
    std::lock_guard lock(mutex);
    ++asked[node.index];
    return std::optional<Reconstruction>();
  };
  RetrieveBlobs(Nodes(3), 0s, Never, ask, blobs);
  EXPECT_EQ(asked.size(), 3u);
  for (const chain::BlobRecord& blob : blobs) EXPECT_NE(blob.retrieval->node, blob.node);
  // With one node only there is no other.
  blobs = {Blob("a", 31, 0, 5s)};
  RetrieveBlobs(Nodes(1), 0s, Never, ask, blobs);
  EXPECT_EQ(blobs[0].retrieval->node, 0);
}

TEST(BlobRetrievalTest, AsksForNothingThatCannotBeThere) {
  std::vector<chain::BlobRecord> blobs = {Blob("", 31, 0, 5s), Blob("old", 31, 0, 2s)};
  const AskForBlob ask = [](const NodeInfo&, const std::string& blob) {
    ADD_FAILURE() << "asked for " << blob;
    return std::optional<Reconstruction>();
  };
  RetrieveBlobs(Nodes(2), 3s, Never, ask, blobs);
  RetrieveBlobs({}, 0s, Never, ask, blobs);
  EXPECT_FALSE(blobs[0].retrieval);
  EXPECT_FALSE(blobs[1].retrieval);
  blobs = {Blob("late", 31, 0, 5s)};
  RetrieveBlobs(
      Nodes(2), 3s, [] { return true; }, ask, blobs);
  EXPECT_EQ(blobs[0].retrieval->error, "there was no time to ask");
}

}  // namespace
}  // namespace gtestnet::nomos
