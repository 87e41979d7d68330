// SPDX-License-Identifier: Apache-2.0
// Columns of others: sampling, reconstruction, commitments.
#include <random>

#include "da_engine.h"
#include "da_rig.h"
#include "gmock/gmock.h"

namespace gtestnet::node {
namespace {

using testing_support::BlobData;
using testing_support::DaNet;
using testing_support::DisperseOf;
using testing_support::MemoryShareStore;

BlobId Dispersed_(DaNet& net, std::size_t executor, std::uint8_t seed = 1) {
  const DaReply reply = net.Ask(executor, DisperseOf(seed));
  EXPECT_TRUE(reply.status.ok()) << reply.status;
  return std::get<BlobId>(reply.value);
}

// How many columns a node finds, 0 when too few.
std::size_t ColumnsFound(DaNet& net, std::size_t node, const BlobId& blob, std::uint8_t seed = 1) {
  const DaReply reply = net.Ask(node, ReconstructBlob{0, blob});
  if (!reply.status.ok()) {
    EXPECT_TRUE(absl::IsNotFound(reply.status)) << reply.status;
    return 0;
  }
  const auto& found = std::get<Reconstructed>(reply.value);
  const Bytes data = BlobData(seed);
  EXPECT_EQ(
      Bytes(found.data.begin(), found.data.begin() + static_cast<std::ptrdiff_t>(data.size())),
      data);
  return found.columns;
}

TEST(DaSampling, FindsWhatWasDispersedAndNothingElse) {
  DaNet net(5, 3);
  net.StartAll();
  const BlobId blob = Dispersed_(net, 3);
  for (std::size_t i = 0; i < 5; ++i) {
    net.Handle(i, WantBlobs{{blob}});
    net.Settle();
    EXPECT_TRUE(net[i].found.contains(blob)) << i;
    EXPECT_EQ(net[i].engine->Metrics().blobs_sampled, 1U);
    EXPECT_EQ(net[i].engine->Metrics().samples_failed, 0U);
  }
  EXPECT_EQ(net[4].engine->Metrics().samples_verified, 4U);
  BlobId unknown;
  unknown.bytes.fill(3);
  EXPECT_FALSE(net.Finds(4, unknown));
  EXPECT_GT(net[4].engine->Metrics().samples_failed, 0U);
}

TEST(DaSampling, IsAnsweredAgainWithoutMoreWork) {
  DaNet net(2, 1);
  net.StartAll();
  const BlobId blob = Dispersed_(net, 1);
  ASSERT_TRUE(net.Finds(1, blob));
  net[1].found.clear();
  net.Handle(1, WantBlobs{{blob}});
  EXPECT_TRUE(net[1].found.contains(blob));
  EXPECT_EQ(net[1].engine->Metrics().blobs_sampled, 1U);
}

TEST(DaSampling, IsRepeatedEachSecondWhileItIsWanted) {
  DaNet net(3, 1);
  net.StartAll();
  const BlobId blob = BlobIdOf(net.kzg.Extend(BlobData(1))->commitment);
  for (int tenth = 0; tenth < 30; ++tenth) {
    net.Handle(1, WantBlobs{{blob}});
    net.Settle();
    net.Pass(100);
  }
  EXPECT_EQ(net[1].engine->Metrics().samples_failed, 4U * (4 + 124));  // four times
  EXPECT_EQ(Dispersed_(net, 2), blob);
  EXPECT_TRUE(net.Finds(1, blob, 10));
}

TEST(DaSampling, AsksAnotherHolderWhenOneIsSilent) {
  DaNet net(4, 3);
  net.StartAll();
  const BlobId blob = Dispersed_(net, 3);
  net[0].mute = true;
  EXPECT_TRUE(net.Finds(3, blob));
  EXPECT_EQ(ColumnsFound(net, 3, blob), kColumns);
  EXPECT_EQ(net[3].engine->Failures().count("n1"), 0U);
  EXPECT_GT(net[3].engine->Failures().at("n0").sampling, 0.9);
}

// With one holder for each column, and four of them.
TEST(DaSampling, AnyTwoOfFourMayDieAndAnyThreeMayNot) {
  for (std::size_t first = 0; first < 4; ++first) {
    for (std::size_t second = first + 1; second < 4; ++second) {
      DaNet net(5, 4, {.replication = 1});
      net.StartAll();
      const BlobId blob = Dispersed_(net, 4);
      net.Kill(first);
      net.Kill(second);
      EXPECT_EQ(ColumnsFound(net, 4, blob), 64U);
      EXPECT_TRUE(net.Finds(4, blob));
      const std::size_t third = first == 0 ? (second == 1 ? 2 : 1) : 0;
      net.Kill(third);
      EXPECT_EQ(ColumnsFound(net, 4, blob), 0U);
      net[4].found.clear();
      net.Start(4);
      for (std::size_t i = 0; i < 4; ++i) {
        if (i != first && i != second && i != third) net.Connect(4, i);
      }
      EXPECT_FALSE(net.Finds(4, blob));
    }
  }
}

TEST(DaSampling, ACorruptOrWithholdingHolderIsPassedOver) {
  for (int kind = 0; kind < 3; ++kind) {
    DaNet net(5, 4, {.replication = 2});
    net[1].options.misbehaviour.withhold_shares = kind == 0;
    net[1].options.misbehaviour.corrupt_shares = kind == 1;
    net[1].options.misbehaviour.corrupt_proofs = kind == 2;
    net.StartAll();
    const BlobId blob = Dispersed_(net, 4);
    EXPECT_TRUE(net.Finds(4, blob));
    EXPECT_EQ(ColumnsFound(net, 4, blob), kColumns) << kind;
    EXPECT_EQ(net[4].engine->Failures().at("n1").sampling, 1.0) << kind;
    EXPECT_EQ(net[4].engine->Failures().size(), 1U);
  }
}

TEST(DaSampling, TooManyCorruptHoldersMakeItUnavailable) {
  DaNet net(5, 4, {.replication = 1});
  for (std::size_t i = 0; i < 3; ++i) net[i].options.misbehaviour.corrupt_shares = true;
  net.StartAll();
  const BlobId blob = Dispersed_(net, 4);
  EXPECT_EQ(ColumnsFound(net, 4, blob), 0U);
  EXPECT_FALSE(net.Finds(4, blob));
}

TEST(DaSampling, ABlockedPeerIsAskedNothing) {
  DaNet net(3, 2, {.replication = 1});
  net.StartAll();
  const BlobId blob = Dispersed_(net, 2);
  DaActions actions;
  net[2].engine->Block("n0", &actions);
  net.Perform(2, actions);
  net.Settle();
  EXPECT_EQ(ColumnsFound(net, 2, blob), 64U);
  EXPECT_EQ(net[0].engine->Metrics().shares_served, 0U);
}

TEST(DaSampling, HistoricSamplingIsTrueWhenAllCanBeHad) {
  DaNet net(4, 3);
  net.StartAll();
  const BlobId one = Dispersed_(net, 3, 1);
  const BlobId two = Dispersed_(net, 3, 2);
  const auto check = [&](std::vector<BlobId> blobs) {
    const DaReply reply = net.Ask(2, CheckBlobs{0, std::move(blobs)});
    EXPECT_TRUE(reply.status.ok()) << reply.status;
    return std::get<bool>(reply.value);
  };
  EXPECT_TRUE(check({}));
  EXPECT_TRUE(check({one, two}));
  EXPECT_FALSE(check({one, BlobId(), two}));
  EXPECT_EQ(net.Ask(2, CheckBlobs{0, std::vector<BlobId>(65)}).status.message(),
            "too many blobs are being fetched");
}

TEST(DaReconstruction, OfAnUnknownBlobIsNothing) {
  DaNet net(2, 1);
  net.StartAll();
  EXPECT_EQ(ColumnsFound(net, 1, BlobId()), 0U);
  EXPECT_EQ(ColumnsFound(net, 0, BlobId()), 0U);
}

TEST(DaReconstruction, UsesOwnColumns) {
  DaNet net(3, 2, {.replication = 1});
  net.StartAll();
  const BlobId blob = Dispersed_(net, 2);
  EXPECT_EQ(ColumnsFound(net, 0, blob), kColumns);
  net.Kill(0);
  EXPECT_EQ(ColumnsFound(net, 0, blob), 64U);
}

TEST(DaCommitments, AreAskedOfHolders) {
  DaNet net(4, 2);
  net.StartAll();
  const BlobId blob = Dispersed_(net, 3);
  const auto find = [&](std::size_t node, const BlobId& what) {
    return net.Ask(node, FindCommitment{0, what});
  };
  for (std::size_t i = 0; i < 4; ++i) {
    const DaReply reply = find(i, blob);
    ASSERT_TRUE(reply.status.ok()) << reply.status;
    EXPECT_EQ(BlobIdOf(std::get<Commitment>(reply.value)), blob);
  }
  EXPECT_TRUE(absl::IsNotFound(find(3, BlobId()).status));
  net[0].mute = net[1].mute = true;
  EXPECT_TRUE(absl::IsNotFound(find(3, blob).status));  // late
  net.Kill(3);
  EXPECT_TRUE(absl::IsNotFound(find(3, blob).status));  // at once
}

// Whatever comes and goes: each request gets one reply, and in the end everything is found.
TEST(DaSampling, HoldsUnderRandomFaults) {
  std::mt19937 random(11);
  for (int round = 0; round < 10; ++round) {
    DaNet net(6, 4, {.dispersal_timeout_ms = 3000});
    net.StartAll();
    for (int step = 0; step < 60; ++step) {
      const std::size_t node = random() % 6;
      switch (random() % 5) {
        case 0:
          net[node].mute = !net[node].mute;
          break;
        case 1:
          net.Kill(node);
          break;
        case 2:
          for (std::size_t i = 0; i < 6; ++i) {
            net.Disconnect(node, i);
            if (i != node) net.Connect(node, i);
          }
          break;
        case 3: {
          const DaReply reply = net.Ask(5, DisperseOf(static_cast<std::uint8_t>(step)));
          EXPECT_NE(reply.status.message(), "there is no reply");
          break;
        }
        default:
          EXPECT_NE(net.Ask(node, ReconstructBlob{0, BlobId()}).status.message(),
                    "there is no reply");
      }
      net.Pass(50);
    }
    for (std::size_t i = 0; i < 6; ++i) net[i].mute = false;
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        net.Disconnect(i, j);
        net.Connect(i, j);
      }
    }
    const BlobId blob = Dispersed_(net, 5, 200);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(net.Finds(i, blob)) << i;
  }
}

}  // namespace
}  // namespace gtestnet::node
