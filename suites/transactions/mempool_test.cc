// SPDX-License-Identifier: Apache-2.0
// The counterparts of the real node's own tests of the mempool, and of transactions that no block
// may hold.
#include <gtestnet/gtestnet.h>

#include <set>
#include <string>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

class MempoolTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
  }

  const nomos::Wallet& wallet(size_t i) { return cluster().wallets()[i]; }

  // A transfer of the wallet's n-th note at genesis to the next wallet.
  nomos::Transfer TransferOf(size_t from, size_t note) {
    const nomos::Note& spent = wallet(from).genesis_notes().at(note);
    return nomos::Transfer()
        .Spend(spent, wallet(from).key())
        .Pay(wallet((from + 1) % cluster().wallets().size()).public_key(), spent.value);
  }

  nomos::TransactionStatus::Kind StatusOf(const NodeClient& node,
                                          const nomos::SignedTransaction& transaction) {
    auto status = node.GetStatus({transaction.hash});
    EXPECT_THAT(status, IsOk());
    return status.ok() && !status->empty() ? status->front().kind
                                           : nomos::TransactionStatus::Kind::kUnknown;
  }
};

// test_post_mantle_tx, and what follows: the other nodes hear of it, and it is in a block.
TEST_P(MempoolTest, APostedTransactionIsInABlock) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction transaction,
                                TransferOf(0, 0).Build());
  const NodeClients clients = cluster().node_clients();
  GTESTNET_ASSERT_OK(clients[0].Submit(transaction));
  AssertEventually([&] {
    for (const NodeClient& client : clients.all()) {
      EXPECT_EQ(StatusOf(client, transaction), nomos::TransactionStatus::Kind::kInBlock)
          << client.name();
    }
  });
  RunFor(Blocks(20));
}

TEST_P(MempoolTest, TheSameTransactionIsRefusedTheSecondTime) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction transaction,
                                TransferOf(0, 1).Build());
  const NodeClient node = cluster().node_clients()[0];
  GTESTNET_ASSERT_OK(node.Submit(transaction));
  EXPECT_THAT(node.Submit(transaction), StatusIs(absl::StatusCode::kAlreadyExists, testing::_));
  RunFor(Blocks(20));
}

// invalid_transactions_are_handled: an unbalanced transaction is taken, and never is in a block,
// while valid ones before and after it are.
TEST_P(MempoolTest, InvalidTransactionsNeverReachABlock) {
  const NodeClient node = cluster().node_clients()[0];
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction before, TransferOf(0, 0).Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction unbalanced,
                                TransferOf(1, 0).With(nomos::Flaw::kUnbalanced).Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction forged,
                                TransferOf(1, 1).With(nomos::Flaw::kBadSignature).Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction missing,
                                TransferOf(1, 2).With(nomos::Flaw::kMissingNote).Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction after, TransferOf(0, 1).Build());
  for (const nomos::SignedTransaction* transaction :
       {&before, &unbalanced, &forged, &missing, &after}) {
    GTESTNET_ASSERT_OK(node.Submit(*transaction));
  }
  AssertEventually([&] {
    EXPECT_EQ(StatusOf(node, before), nomos::TransactionStatus::Kind::kInBlock);
    EXPECT_EQ(StatusOf(node, after), nomos::TransactionStatus::Kind::kInBlock);
  });
  RunFor(Blocks(20));
  for (const nomos::SignedTransaction* invalid : {&unbalanced, &forged, &missing}) {
    EXPECT_NE(StatusOf(node, *invalid), nomos::TransactionStatus::Kind::kInBlock) << *invalid;
  }
}

// Of two transactions that spend one note, sent to two nodes at once, one is in the chain.
TEST_P(MempoolTest, ADoubleSpendIsInTheChainOnce) {
  const NodeClients clients = cluster().node_clients();
  const nomos::Note& note = wallet(2).genesis_notes().front();
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction first,
                                nomos::Transfer()
                                    .Spend(note, wallet(2).key())
                                    .Pay(wallet(0).public_key(), note.value)
                                    .Build());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::SignedTransaction second,
                                nomos::Transfer()
                                    .Spend(note, wallet(2).key())
                                    .Pay(wallet(1).public_key(), note.value)
                                    .Build());
  GTESTNET_ASSERT_OK(clients[0].Submit(first));
  GTESTNET_ASSERT_OK(clients[1].Submit(second));
  RunFor(Blocks(20));
  int included = 0;
  for (const nomos::SignedTransaction* transaction : {&first, &second}) {
    if (StatusOf(clients[0], *transaction) == nomos::TransactionStatus::Kind::kInBlock) ++included;
  }
  EXPECT_EQ(included, 1);
}

// The invalid_transactions test of the real node uses inscriptions, too: parent-linked messages on
// one channel are in the chain, one after the other.
TEST_P(MempoolTest, InscriptionsOnAChannelAreIncluded) {
  const NodeClient node = cluster().node_clients()[0];
  const std::string channel(64, 'c');
  std::string parent;
  for (const char* text : {"one", "two"}) {
    GTESTNET_ASSERT_OK_AND_ASSIGN(
        const nomos::SignedTransaction message,
        nomos::Transfer()
            .Inscribe({.channel = channel, .bytes = text, .parent = parent}, wallet(0).key())
            .Build());
    GTESTNET_ASSERT_OK(node.Submit(message));
    AssertEventually([&] {
      ASSERT_EQ(StatusOf(node, message), nomos::TransactionStatus::Kind::kInBlock) << text;
    });
    parent = message.messages.front();
  }
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(Star, MempoolTest,
                         Clusters(Topology::Star().Validators(2).Wallets(3).Slot(100ms)),
                         ClusterName);

}  // namespace
}  // namespace gtestnet
