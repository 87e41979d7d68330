// SPDX-License-Identifier: Apache-2.0
// Dispersal, and what a node keeps and gives away.
#include "da_engine.h"

#include "da_message.h"
#include "da_rig.h"
#include "gmock/gmock.h"

namespace gtestnet::node {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing_support::BlobData;
using testing_support::DaNet;
using testing_support::DisperseOf;

std::string Why(const DaReply& reply) { return std::string(reply.status.message()); }

BlobId BlobOf(const DaReply& reply) {
  EXPECT_TRUE(reply.status.ok()) << reply.status;
  const auto* blob = std::get_if<BlobId>(&reply.value);
  return blob == nullptr ? BlobId() : *blob;
}

TEST(DaDispersal, GivesEachMemberItsColumnsAndSubmitsTheOperation) {
  DaNet net(4, 3);  // the last one holds nothing
  net.StartAll();
  const BlobId blob = BlobOf(net.Ask(3, DisperseOf(1)));
  for (std::size_t i = 0; i < 3; ++i) {
    const ColumnSet columns = net[i].engine->placement().ColumnsOf(i);
    EXPECT_EQ(net[i].engine->Metrics().shares_stored, columns.count());
    const auto stored = net[i].store->List();
    ASSERT_EQ(stored->size(), 1U);
    EXPECT_EQ(stored->front().id, blob);
    EXPECT_EQ(stored->front().columns, columns);
  }
  ASSERT_EQ(net[3].submitted.size(), 1U);
  const SignedMantleTx& tx = net[3].submitted.front();
  const auto& op = std::get<ChannelBlob>(tx.tx.ops.front());
  EXPECT_EQ(op.blob, blob);
  EXPECT_EQ(op.blob_size, DisperseOf(1).data.size());
  EXPECT_EQ(op.channel, DisperseOf(1).channel);
  EXPECT_EQ(op.signer.Hex(), "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
  EXPECT_TRUE(CheckOpProofs(tx).ok());
  EXPECT_EQ(net[3].engine->Metrics().dispersal_blobs, 1U);
}

TEST(DaDispersal, MayBeRepeated) {
  DaNet net(3, 2);
  net.StartAll();
  const BlobId blob = BlobOf(net.Ask(2, DisperseOf(1)));
  net.submit_status = absl::AlreadyExistsError("Item already in mempool");
  EXPECT_EQ(BlobOf(net.Ask(2, DisperseOf(1))), blob);
  EXPECT_EQ(net[0].engine->Metrics().verifier_shares, kColumns);  // once
}

TEST(DaDispersal, AMemberMayDisperseToo) {
  DaNet net(2, 2);
  net.StartAll();
  BlobOf(net.Ask(0, DisperseOf(1)));
  EXPECT_EQ(net[0].engine->Metrics().shares_stored, kColumns);
  EXPECT_EQ(net[1].engine->Metrics().shares_stored, kColumns);
}

TEST(DaDispersal, NeedsOneHolderOfEachColumn) {
  DaNet net(4, 3);
  net.StartAll();
  net.Kill(0);
  net.Connect(1, 3);
  BlobOf(net.Ask(3, DisperseOf(1)));  // each column's other holder is there
  net.Disconnect(1, 3);
  EXPECT_EQ(Why(net.Ask(3, DisperseOf(2))), "no member took 43 of the columns in 20000 ms");
  EXPECT_EQ(net[3].engine->Metrics().dispersal_failed, 1U);
}

TEST(DaDispersal, WaitsForAMemberThatComesBack) {
  DaNet net(3, 2, {.replication = 1});
  net.StartAll();
  net.Disconnect(1, 2);
  DisperseBlob request = DisperseOf(1);
  request.token = 77;
  net.Handle(2, request);
  net.Settle();
  EXPECT_THAT(net[2].replies, IsEmpty());
  net.Connect(2, 1);
  BlobOf(net[2].replies[77]);
}

TEST(DaDispersal, NamesWhoDidNotAnswer) {
  DaNet net(3, 2);
  net.StartAll();
  net[1].mute = true;
  EXPECT_EQ(Why(net.Ask(2, DisperseOf(1))),
            "no member took 0 of the columns in 20000 ms; no answer of n1");
}

TEST(DaDispersal, OfWhatIsNoBlobIsRefused) {
  DaNet net(2, 1);
  net.StartAll();
  DisperseBlob request = DisperseOf(1);
  request.data.resize(32);
  EXPECT_THAT(Why(net.Ask(1, request)), HasSubstr("data must have a multiple of 31 bytes"));
  request.data.assign(31, 0);
  EXPECT_EQ(Why(net.Ask(1, request)), "data must not be all zero");
}

TEST(DaDispersal, IsBounded) {
  DaNet net(2, 1);
  net.StartAll();
  net[0].mute = true;
  for (std::uint64_t i = 0; i < 17; ++i) {
    DisperseBlob request = DisperseOf(static_cast<std::uint8_t>(i));
    request.token = 100 + i;
    net.Handle(1, request);
  }
  ASSERT_EQ(net[1].replies.size(), 1U);
  EXPECT_EQ(Why(net[1].replies[116]), "16 blobs are being dispersed already");
}

TEST(DaDispersal, TellsWhyTheTransactionIsRefused) {
  DaNet net(2, 1);
  net.StartAll();
  net.submit_status = absl::ResourceExhaustedError("The mempool is full");
  EXPECT_EQ(Why(net.Ask(1, DisperseOf(1))), "The mempool is full");
}

TEST(DaDispersal, FailsAtOnceWhenNobodyTakesAColumn) {
  DaNet net(3, 2);
  net.StartAll();
  net[0].store->broken = net[1].store->broken = true;
  EXPECT_EQ(Why(net.Ask(2, DisperseOf(1))), "no member took 128 of the columns");
  EXPECT_THAT(net[0].log, Contains(HasSubstr("cannot be stored: the disk is full")));
  EXPECT_EQ(net[2].engine->Failures().at("n0").dispersal, 1.0);
}

TEST(DaStorage, OutlivesTheProcessAndItsRetention) {
  DaNet net(3, 2, {.retention_slots = 10});
  net.StartAll();
  net.Pass(100, 5);
  const BlobId blob = BlobOf(net.Ask(2, DisperseOf(1)));
  net.Start(0);
  EXPECT_EQ(net[0].engine->Metrics().shares_stored, kColumns);
  EXPECT_TRUE(net[0].engine->StoredShare(blob, 100).has_value());
  net.Pass(100, 11);
  EXPECT_TRUE(net[0].engine->StoredCommitment(blob).has_value());
  net.Pass(100, 16);
  EXPECT_FALSE(net[0].engine->StoredCommitment(blob).has_value());
  EXPECT_EQ(net[0].engine->Metrics().shares_pruned, kColumns);
  EXPECT_THAT(*net[0].store->List(), IsEmpty());
}

TEST(DaStorage, GivesWhatIsAskedForInOrder) {
  DaNet net(4, 3);
  net.StartAll();
  const BlobId blob = BlobOf(net.Ask(3, DisperseOf(1)));
  DaEngine& da = *net[0].engine;
  const ColumnSet mine = da.placement().ColumnsOf(0);
  EXPECT_FALSE(mine[1]);
  EXPECT_FALSE(da.StoredShare(blob, 1).has_value());
  EXPECT_FALSE(da.StoredShare(blob, 1000).has_value());
  EXPECT_EQ(da.StoredShare(blob, 3)->column, 3);
  EXPECT_FALSE(da.StoredShares(BlobId(), {0}, {}, true).has_value());
  EXPECT_EQ(da.StoredShares(blob, {3, 1, 0}, {}, false)->size(), 2U);
  const Shares all = *da.StoredShares(blob, {3}, ColumnSet().set(0), true);
  ASSERT_EQ(all.size(), mine.count() - 1);
  EXPECT_EQ(all[0].column, 3);
  EXPECT_EQ(all[1].column, 2);
}

TEST(DaStorage, TakesASingleShareThatVerifies) {
  DaNet net(2, 2, {.replication = 1});
  net.StartAll();
  const ExtendedBlob blob = *net.kzg.Extend(BlobData(3));
  EXPECT_TRUE(net.Ask(0, AddShare{0, blob.commitment, blob.shares[2]}).status.ok());
  EXPECT_TRUE(net[0].engine->StoredShare(BlobIdOf(blob.commitment), 2).has_value());
  EXPECT_EQ(Why(net.Ask(0, AddShare{0, blob.commitment, blob.shares[3]})),
            "column 3 is not this node's");
  Share wrong = blob.shares[4];
  wrong.cell[5] ^= 1;
  EXPECT_EQ(Why(net.Ask(0, AddShare{0, blob.commitment, wrong})), "the share does not verify");
}

TEST(DaPeers, ABlockedOneIsKeptOut) {
  DaNet net(3, 2);
  net.StartAll();
  DaActions actions;
  EXPECT_TRUE(net[2].engine->Block("n0", &actions));
  EXPECT_FALSE(net[2].engine->Block("n0", &actions));
  net.Perform(2, actions);
  net.Settle();
  EXPECT_THAT(net[2].engine->Blocked(), ElementsAre("n0"));
  EXPECT_EQ(net[2].engine->Metrics().peers, 1U);
  net.dropped.clear();
  net.Connect(2, 0);
  EXPECT_EQ(net.dropped.size(), 1U);
  EXPECT_TRUE(net[2].engine->Unblock("n0"));
  EXPECT_FALSE(net[2].engine->Unblock("n0"));
  net.Connect(2, 0);
  EXPECT_EQ(net[2].engine->Metrics().peers, 2U);
  EXPECT_EQ(net[2].engine->Balances()[0].outbound, 2U);
  EXPECT_EQ(net[0].engine->Balances()[0].inbound, 1U);  // from n1; n2 is no member
}

TEST(DaPeers, OneThatSendsNonsenseIsDropped) {
  DaNet net(2, 1);
  net.StartAll();
  net.Handle(0, DaBytesReceived{1, {1, 2, 3}});
  EXPECT_THAT(net.dropped, ElementsAre(std::pair<std::size_t, PeerId>(0, 1)));
  EXPECT_THAT(net[0].log, Contains(HasSubstr("dropping n1: it sent what is wrong: Dispersed")));
  net.Settle();
  net.Handle(0, DaBytesReceived{1, {1, 2, 3}});  // of no matter any more
}

TEST(DaPeers, AnswersThatNobodyAskedForAreOfNoMatter) {
  DaNet net(2, 1);
  net.StartAll();
  net.Handle(0, DaBytesReceived{1, EncodeDaMessage(Dispersed{5, {}})});
  net.Handle(0, DaBytesReceived{1, EncodeDaMessage(SharesAnswer{5, {}, {}})});
  net.Handle(0, KzgDone{99, Verified()});
  net.Handle(0, BlobTxSubmitted{99, absl::OkStatus()});
  EXPECT_THAT(net.dropped, IsEmpty());
}

TEST(DaMisbehaviour, IncludesWithoutData) {
  DaNet net(3, 2);
  net[2].options.misbehaviour.include_without_data = true;
  net.StartAll();
  const BlobId blob = BlobOf(net.Ask(2, DisperseOf(1)));
  EXPECT_EQ(net[0].engine->Metrics().shares_stored, 0U);
  EXPECT_EQ(net[2].submitted.size(), 1U);
  EXPECT_TRUE(net.Finds(2, blob));
  EXPECT_FALSE(net.Finds(0, blob));
}

TEST(DaMisbehaviour, CorruptDispersalIsTakenByNobody) {
  for (const bool proofs : {false, true}) {
    DaNet net(3, 2);
    net[2].options.misbehaviour.corrupt_shares = !proofs;
    net[2].options.misbehaviour.corrupt_proofs = proofs;
    net.StartAll();
    EXPECT_EQ(Why(net.Ask(2, DisperseOf(1))), "no member took 128 of the columns");
    EXPECT_EQ(net[0].engine->Metrics().verifier_failed, kColumns);
    EXPECT_EQ(net[2].engine->Metrics().dispersal_failed, 1U);
  }
}

TEST(DaMisbehaviour, CorruptAndWithheldColumnsAreSeenAtTheStorage) {
  DaNet net(2, 1);
  net.StartAll();
  const BlobId blob = BlobOf(net.Ask(1, DisperseOf(1)));
  const Share right = *net[0].engine->StoredShare(blob, 7);
  net[0].options.misbehaviour.corrupt_shares = true;
  net.Start(0);
  Share share = *net[0].engine->StoredShare(blob, 7);
  EXPECT_NE(share.cell, right.cell);
  EXPECT_EQ(share.proof, right.proof);
  net[0].options.misbehaviour = {.corrupt_proofs = true};
  net.Start(0);
  share = *net[0].engine->StoredShare(blob, 7);
  EXPECT_EQ(share.cell, right.cell);
  EXPECT_NE(share.proof, right.proof);
  net[0].options.misbehaviour = {.withhold_shares = true};
  net.Start(0);
  EXPECT_FALSE(net[0].engine->StoredShare(blob, 7).has_value());
  EXPECT_FALSE(net[0].engine->StoredShares(blob, {7}, {}, true).has_value());
}

}  // namespace
}  // namespace gtestnet::node
