// SPDX-License-Identifier: Apache-2.0
// Wrong transactions of every sort, beside right ones that they must not hold up.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

class InvalidTransactionsTest : public ClusterTest {};

TEST_P(InvalidTransactionsTest, AreInNoBlock) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(RefusesInvalidTransactions());
  ExpectAtTearDown(IncludesTransactions(1, Of("transactions")));
  ExpectAtTearDown(SpendsEachNoteOnce());
  ExpectAtTearDown(ConservesSupply());
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  InvalidTransactionWorkload invalid(
      cluster(), {.rate_per_block = 2,
                  .flaws = {Flaw::kBadSignature, Flaw::kMissingNote, Flaw::kDoubleSpend,
                            Flaw::kUnbalanced, Flaw::kTooLarge, Flaw::kSpendsTwice,
                            Flaw::kBadMessageProof, Flaw::kNoMessageProof}});
  RunFor(Blocks(50));
}

INSTANTIATE_TEST_SUITE_P(
    Star, InvalidTransactionsTest,
    Clusters(Topology::Star().Validators(2).Executors(1).Wallets(12).SecurityParameter(5)),
    ClusterName);

}  // namespace
}  // namespace gtestnet
