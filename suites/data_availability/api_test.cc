// SPDX-License-Identifier: Apache-2.0
// The counterparts of the real node's own tests of dispersal and of the API of data availability
// (not those across sessions, which the bundled node does not have).
#include <algorithm>
#include <vector>

#include "data_availability/da_test.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class DispersalTest : public DaTest {};

// disseminate_retrieve_reconstruct: blobs of 31·i bytes on one channel, each in the chain and
// reconstructed; the shares of both halves are there; no peer failed.
TEST_P(DispersalTest, BlobsAreDispersedRetrievedAndReconstructed) {
  std::vector<SentBlob> blobs;
  for (size_t i = 1; i <= 3; ++i) {
    GTESTNET_ASSERT_OK_AND_ASSIGN(SentBlob blob, Disperse(Data(31 * i, static_cast<int>(i))));
    blobs.push_back(std::move(blob));
  }
  for (const SentBlob& blob : blobs) AwaitIncluded(blob.transaction);
  for (const SentBlob& blob : blobs) {
    for (NodeIndex node : Validators()) {
      const auto shares = Client(node).GetShares(blob.id, {.return_available = true});
      GTESTNET_ASSERT_OK(shares);
      // With two validators, each has every column; the first ones are the data.
      EXPECT_THAT(*shares, SizeIs(nomos::kBlobColumns));
      const auto data = nomos::DataOf(*shares, blob.data.size());
      GTESTNET_ASSERT_OK(data);
      EXPECT_EQ(*data, blob.data);
    }
    EXPECT_EQ(Retrieve(Executor(), blob), blob.data);
  }
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto balancer, Executor().GetBalancer());
  EXPECT_THAT(balancer, SizeIs(nomos::kBlobColumns));
  for (const auto& [column, peers] : balancer) {
    EXPECT_EQ(peers.inbound + peers.outbound, 2) << column;
  }
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto monitor, Executor().GetMonitor());
  EXPECT_THAT(monitor, IsEmpty());
}

// disseminate_from_non_membership: the executor holds no column, and disperses.
TEST_P(DispersalTest, AnExecutorOutsideTheMembershipDisperses) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::DaMembership membership, Executor().GetMembership());
  EXPECT_THAT(membership.holders, SizeIs(nomos::kBlobColumns));
  for (const auto& [column, holders] : membership.holders) {
    EXPECT_THAT(holders, Not(Contains(Executor().node().name))) << column;
  }
  EXPECT_THAT(membership.addresses, SizeIs(2));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31)));
  AwaitIncluded(blob.transaction);
  EXPECT_THAT(ColumnsAt(Executor(), blob.id), IsEmpty());
}

// disseminate_same_data: the same blob, whatever message carries it.
TEST_P(DispersalTest, TheSameDataIsTheSameBlob) {
  std::vector<SentBlob> blobs;
  for (int i = 0; i < 4; ++i) {
    GTESTNET_ASSERT_OK_AND_ASSIGN(SentBlob blob, Disperse(Data(31 * 3)));
    blobs.push_back(std::move(blob));
  }
  for (const SentBlob& blob : blobs) {
    EXPECT_EQ(blob.id, blobs[0].id);
    AwaitIncluded(blob.transaction);
  }
  EXPECT_NE(blobs[1].transaction, blobs[0].transaction);
  EXPECT_THAT(ColumnsAt(Client(0), blobs[0].id), SizeIs(nomos::kBlobColumns));
}

// What cannot be a blob is refused, and says why.
TEST_P(DispersalTest, WhatIsNoBlobIsRefused) {
  for (const std::string& data : {std::string(), std::string(30, 'x'), std::string(31, '\0'),
                                  Data(nomos::kMostBlobBytes + 31)}) {
    const auto blob = Disperse(data);
    EXPECT_FALSE(blob.ok()) << data.size();
    EXPECT_THAT(std::string(blob.status().message()), testing::HasSubstr("disperse"))
        << data.size();
  }
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(nomos::kMostBlobBytes)));
  EXPECT_TRUE(Retrieve(Executor(), blob) == blob.data);
}

// A blob that nobody ever had is in no block, and holds up no other transaction.
TEST_P(DispersalTest, ABlobWithoutDataIsNeverIncluded) {
  ExpectAtTearDown(ConsensusIsLive());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob there, Disperse(Data(31)));
  const nomos::KeyPair key = nomos::KeyPair::FromSeed({7});
  const std::string channel(64, 'e');
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction opening,
                                nomos::Transfer().Inscribe({.channel = channel}, key).Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(
      const nomos::SignedTransaction nothing,
      nomos::MakeBlobTransaction(channel, opening.messages.front(), std::string(64, 'f'), 31, key));
  const NodeClient node = cluster().node_clients()[0];
  GTESTNET_ASSERT_OK(node.Submit(opening));
  GTESTNET_ASSERT_OK(node.Submit(nothing));
  AwaitIncluded(opening.hash);
  AwaitIncluded(there.transaction);
  RunFor(Blocks(6));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto status, node.GetStatus({nothing.hash}));
  EXPECT_NE(status.front().kind, nomos::TransactionStatus::Kind::kInBlock);
}

class DaApiTest : public DaTest {};

// A holder that is not connected when a blob is dispersed never gets its columns.
TEST_P(DaApiTest, ARunBeginsWhenEveryHolderIsConnected) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto balancer, Executor().GetBalancer());
  EXPECT_THAT(balancer, SizeIs(nomos::kBlobColumns));
  for (const auto& [column, peers] : balancer) {
    EXPECT_EQ(peers.inbound + peers.outbound, 2) << column;
  }
}

// test_get_share_data: what was dispersed is stored, and commitments are served.
TEST_P(DaApiTest, SharesAndCommitmentsAreServed) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31 * 2)));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto commitment,
                                Client(0).GetCommitment(blob.id, /*ask_holders=*/false));
  ASSERT_TRUE(commitment.has_value());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto asked,
                                Executor().GetCommitment(blob.id, /*ask_holders=*/true));
  EXPECT_EQ(asked, commitment);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto share, Client(0).GetShare(blob.id, 5));
  ASSERT_TRUE(share.has_value());
  EXPECT_EQ(share->column, 5);
  // It takes again what it has, and not what has a wrong byte.
  GTESTNET_EXPECT_OK(Client(0).AddShare(*share, *commitment));
  nomos::Share wrong = *share;
  wrong.cell[100] = static_cast<char>(wrong.cell[100] ^ 1);
  EXPECT_FALSE(Client(0).AddShare(wrong, *commitment).ok());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto unknown, Client(0).GetShare(std::string(64, '0'), 5));
  EXPECT_FALSE(unknown.has_value());
}

// test_get_shares: requested, filtered, and available ones.
TEST_P(DaApiTest, SharesAreChosen) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31 * 2)));
  const DaClient node = Client(0);
  const auto columns = [&](const nomos::ShareRequest& request) {
    std::vector<int> numbers;
    const auto shares = node.GetShares(blob.id, request);
    EXPECT_THAT(shares, IsOk());
    if (!shares.ok()) return numbers;
    for (const nomos::Share& share : *shares) numbers.push_back(share.column);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  };
  EXPECT_THAT(columns({.requested = {0, 9}}), ElementsAre(0, 9));
  EXPECT_THAT(columns({.return_available = true}), SizeIs(nomos::kBlobColumns));
  EXPECT_THAT(columns({.filter = {1, 2}, .return_available = true}),
              testing::AllOf(SizeIs(nomos::kBlobColumns - 2), Not(Contains(1)), Not(Contains(2))));
  EXPECT_THAT(columns({.requested = {3}, .filter = {3}, .return_available = true}), Contains(3));
  EXPECT_THAT(columns({.requested = {4}, .filter = {5}}), ElementsAre(4));
  EXPECT_THAT(
      std::string(node.GetShares(std::string(64, '0'), {.requested = {0}}).status().message()),
      testing::HasSubstr("Blob index not found"));
}

// test_block_peer.
TEST_P(DaApiTest, PeersAreBlockedAndUnblocked) {
  const DaClient node = Client(0);
  const std::string peer = cluster().node(1).name;
  GTESTNET_ASSERT_OK_AND_ASSIGN(const bool blocked, node.BlockPeer(peer));
  EXPECT_TRUE(blocked);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const bool again, node.BlockPeer(peer));
  EXPECT_FALSE(again);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto list, node.GetBlockedPeers());
  EXPECT_THAT(list, ElementsAre(peer));
  const auto connected = [&] {
    int peers = 0;
    const auto balancer = node.GetBalancer();
    EXPECT_THAT(balancer, IsOk());
    if (!balancer.ok()) return peers;
    for (const auto& [column, counts] : *balancer) peers += counts.inbound + counts.outbound;
    return peers;
  };
  AssertEventually([&] { EXPECT_EQ(connected(), 0); });
  GTESTNET_ASSERT_OK_AND_ASSIGN(const bool unblocked, node.UnblockPeer(peer));
  EXPECT_TRUE(unblocked);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const bool twice, node.UnblockPeer(peer));
  EXPECT_FALSE(twice);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto none, node.GetBlockedPeers());
  EXPECT_THAT(none, IsEmpty());
  AssertEventually([&] { EXPECT_GT(connected(), 0); });
}

// test_historical_sampling, of the one session that there is.
TEST_P(DaApiTest, HistoricBlobsAreSampled) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31 * 4)));
  AwaitIncluded(blob.transaction);
  const NodeClient client = cluster().node_clients()[0];
  GTESTNET_ASSERT_OK_AND_ASSIGN(const auto status, client.GetStatus({blob.transaction}));
  const std::string block = status.front().block;
  const auto can_sample = [&](const std::string& at, const std::vector<std::string>& blobs) {
    const auto answer = Client(0).CanSample(at, blobs);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() && *answer;
  };
  EXPECT_TRUE(can_sample(block, {blob.id}));
  EXPECT_FALSE(can_sample(block, {blob.id, std::string(64, '1')}));
  EXPECT_FALSE(can_sample(std::string(64, '2'), {blob.id}));
}

Topology Pair() {
  return Topology::Star().Validators(2).Executors(1).SecurityParameter(4).DataAvailability();
}
INSTANTIATE_TEST_SUITE_P(Star, DispersalTest, Clusters(Pair()), ClusterName);
INSTANTIATE_TEST_SUITE_P(Star, DaApiTest, Clusters(Pair()), ClusterName);

}  // namespace
}  // namespace gtestnet
