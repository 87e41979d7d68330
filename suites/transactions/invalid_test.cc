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
      cluster(),
      {.rate_per_block = 2,
       .flaws = {nomos::Flaw::kBadSignature, nomos::Flaw::kMissingNote, nomos::Flaw::kDoubleSpend,
                 nomos::Flaw::kUnbalanced, nomos::Flaw::kTooLarge, nomos::Flaw::kSpendsTwice,
                 nomos::Flaw::kBadMessageProof, nomos::Flaw::kNoMessageProof}});
  RunFor(Blocks(50));
}

INSTANTIATE_TEST_SUITE_P(
    Star, InvalidTransactionsTest,
    Clusters(Topology::Star().Validators(2).Executors(1).Wallets(12).SecurityParameter(5)),
    ClusterName);

}  // namespace
}  // namespace gtestnet
