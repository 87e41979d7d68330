// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/transaction_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/record.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

constexpr char kNone[] = "in which there is nothing to judge: no transaction was submitted";

// ----- IncludesTransactions -----

TEST(IncludesTransactionsTest, JudgesTheFraction) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Transaction("t2").Transaction("t3", {}, {}, "400 unbalanced\nmore");
  builder.Idle(1).Transaction("t4").Block(0, {"t1", "t2", "other"});
  EXPECT_THAT(builder.Build(), IncludesTransactions(0.5));
  EXPECT_THAT(builder.Build(), Not(IncludesTransactions(Ge(0.9))));
  EXPECT_EQ(Explain(IncludesTransactions(Ge(0.5)), builder.Build()),
            "in which the fraction of included transactions is 0.5 (2 of 4, 1 were refused)");
  EXPECT_EQ(Explain(IncludesTransactions(Ge(0.9)), builder.Build()),
            "in which the fraction of included transactions is 0.5 (2 of 4, 1 were refused); the "
            "first that is missing is t4, submitted to validator-0 at 0.200 s; the first that was "
            "refused is t3, submitted to validator-0 at 0.000 s: 400 unbalanced");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(builder.Build(), IncludesTransactions(Ge(0.9))),
                          "includes a fraction of the submitted transactions that is >= 0.9");
}

// What was due and not sent counts against.
TEST(IncludesTransactionsTest, IsOfWhatWasDue) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Transaction("t2").Block(0, {"t1", "t2"});
  RunRecord record = builder.Build();
  WorkloadRecord workload;
  workload.name = chain::ChainOf(record)->transactions[0].workload;
  workload.due = 8;
  workload.left_out = {{"no node was healthy", 1}, {"no confirmed note was free", 5}};
  record.workloads = {workload};
  EXPECT_EQ(Explain(IncludesTransactions(Ge(0.9)), record),
            "in which the fraction of included transactions is 0.25 (2 of 8, 6 were not sent: no "
            "confirmed note was free (5); no node was healthy (1))");
  EXPECT_THAT(record, Not(IncludesTransactions(Ge(0.9))));
  EXPECT_THAT(record, IncludesTransactions(0.25));
  // The other three quarters took for ever.
  EXPECT_THAT(record, InclusionLatency(25, Le(1000)));
  EXPECT_THAT(record, Not(InclusionLatency(26, Le(1000))));
  EXPECT_THAT(Explain(InclusionLatency(95, Le(1000)), record),
              HasSubstr("percentile 95 of the inclusion latency is infinite: of 8 transactions, 2 "
                        "were included, 6 were not sent: "));
  EXPECT_THAT(record, Not(IncludesTransactions(Ge(0.1), Of("others"))));
}

TEST(IncludesTransactionsTest, CountsOnlyTheCanonicalChain) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Grow(3);
  RunRecord record = builder.Build();
  chain::BlockRecord side = chain::ChainOf(record)->blocks[0];
  side.id = "side";
  side.transactions = {"t1"};
  chain::MutableChainOf(record).blocks.push_back(side);
  EXPECT_THAT(record, IncludesTransactions(0));
}

TEST(IncludesTransactionsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(IncludesTransactions(Ge(0.9))),
            "includes a fraction of the submitted transactions that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(IncludesTransactions(Ge(0.9))),
            "includes a fraction of the submitted transactions that isn't >= 0.9");
}

TEST(IncludesTransactionsTest, NeedsTransactions) {
  RecordBuilder builder(3);
  builder.Grow(3);
  EXPECT_EQ(Explain(IncludesTransactions(Ge(0)), builder.Build()), kNone);
  EXPECT_THAT(builder.Build(), Not(IncludesTransactions(Ge(0))));
  RunRecord record = builder.Build();
  record.sections.Erase("chain");
  EXPECT_THAT(Explain(IncludesTransactions(Ge(0)), record), HasSubstr("the record has no chain"));
}

TEST(IncludesTransactionsTest, IsOfOneWorkloadByName) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Transaction("t2");
  builder.transaction().workload = "others";
  builder.Block(0, {"t1"});
  EXPECT_THAT(builder.Build(), IncludesTransactions(0.5));
  EXPECT_THAT(builder.Build(), IncludesTransactions(1, Of("transactions")));
  EXPECT_EQ(Explain(IncludesTransactions(1, Of("others")), builder.Build()),
            "in which the fraction of included transactions of \"others\" is 0 (0 of 1); the first "
            "that is missing is t2, submitted to validator-0 at 0.000 s");
  EXPECT_EQ(Describe<RunRecord>(IncludesTransactions(1, Of("others"))),
            "includes a fraction of the submitted transactions of \"others\" that is equal to 1");
  EXPECT_EQ(Explain(IncludesTransactions(Ge(0), Of("nobody")), builder.Build()),
            "in which there is nothing to judge: no transaction of \"nobody\" was submitted");
}

TEST(IncludesTransactionsTest, LeavesOutWhatIsWrongOnPurpose) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Transaction("t2");
  builder.transaction().flaw = "bad signature";
  builder.Block(0, {"t1"});
  EXPECT_THAT(builder.Build(), IncludesTransactions(1));
}

// ----- FinalisesTransactions -----

TEST(FinalisesTransactionsTest, CountsWhatIsFinal) {
  RecordBuilder builder(3);
  builder.SecurityParameter(3).Transaction("t1").Transaction("t2");
  builder.Block(0, {"t1"}).Grow(2).Block(1, {"t2"}).Grow(1);
  EXPECT_THAT(builder.Build(), IncludesTransactions(1));
  EXPECT_THAT(builder.Build(), FinalisesTransactions(0.5));
  EXPECT_EQ(Explain(FinalisesTransactions(1), builder.Build()),
            "in which the fraction of final transactions is 0.5 (1 of 2); the first that is not "
            "final is t2, submitted to validator-0 at 0.000 s");
  builder.Grow(2);
  EXPECT_THAT(builder.Build(), FinalisesTransactions(1));
}

TEST(FinalisesTransactionsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(FinalisesTransactions(Ge(0.9))),
            "finalises a fraction of the submitted transactions that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(FinalisesTransactions(Ge(0.9), Of("x"))),
            "finalises a fraction of the submitted transactions of \"x\" that isn't >= 0.9");
}

TEST(FinalisesTransactionsTest, NeedsTransactions) {
  EXPECT_EQ(Explain(FinalisesTransactions(Ge(0)), RecordBuilder(2).Grow(3).Build()), kNone);
}

// ----- InclusionLatency -----

TEST(InclusionLatencyTest, JudgesThePercentileInBlockIntervals) {
  RecordBuilder builder(3);
  builder.Coefficient("0.5");  // a block each 400 ms
  for (int i = 0; i < 9; ++i) builder.Transaction(std::string(1, static_cast<char>('a' + i)));
  builder.Idle(2).Block(0, {"a", "b", "c", "d", "e", "f", "g", "h"}).Idle(1).Block(1, {"i"});
  EXPECT_THAT(builder.Build(), InclusionLatency(80, Le(1)));
  EXPECT_THAT(builder.Build(), InclusionLatency(100, 2));
  EXPECT_EQ(Explain(InclusionLatency(95, Le(1)), builder.Build()),
            "in which percentile 95 of the inclusion latency is 2 block intervals (800 ms, of 9 "
            "transactions)");
}

TEST(InclusionLatencyTest, JudgesSeconds) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Idle(4).Block(0, {"t1"});
  EXPECT_THAT(builder.Build(), InclusionLatency(50, Seconds(Le(0.8))));
  EXPECT_THAT(builder.Build(), Not(InclusionLatency(50, Seconds(Le(0.7)))));
  EXPECT_EQ(Describe<RunRecord>(InclusionLatency(95, Seconds(Le(3)))),
            "has an inclusion latency the percentile 95 of which, in seconds, is <= 3");
  EXPECT_THAT(
      Explain(InclusionLatency(50, Seconds(Le(0.7)), Of("transactions")), builder.Build()),
      HasSubstr("the inclusion latency of \"transactions\" is 3.6 block intervals (800 ms"));
}

TEST(InclusionLatencyTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(InclusionLatency(95, Le(3))),
            "has an inclusion latency the percentile 95 of which, in block intervals, is <= 3");
  EXPECT_EQ(
      DescribeNot<RunRecord>(InclusionLatency(99.9, Le(3))),
      "has an inclusion latency the percentile 99.9 of which, in block intervals, isn't <= 3");
}

TEST(InclusionLatencyTest, NeedsIncludedTransactionsAndASoundPercentile) {
  RecordBuilder builder(3);
  EXPECT_EQ(Explain(InclusionLatency(95, Le(3)), builder.Build()), kNone);
  builder.Transaction("t1").Grow(3);
  EXPECT_EQ(Explain(InclusionLatency(95, Le(3)), builder.Build()),
            "in which there is nothing to judge: none of 1 transaction was included");
  EXPECT_THAT(Explain(InclusionLatency(0, Le(3)), builder.Build()),
              HasSubstr("is not in (0, 100]"));
  EXPECT_THAT(builder.Build(), Not(InclusionLatency(101, Le(3))));
}

// ----- SpendsEachNoteOnce -----

TEST(SpendsEachNoteOnceTest, NamesTheNoteAndBothTransactions) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"note1", 5}}).Transaction("t2", {{"note1", 5}});
  builder.Block(0, {"t1"});
  EXPECT_THAT(builder.Build(), SpendsEachNoteOnce());
  EXPECT_EQ(Explain(SpendsEachNoteOnce(), builder.Build()),
            "in which 1 transaction in 1 chain spend each note once");
  builder.Block(1, {"t2"});
  EXPECT_THAT(builder.Build(), Not(SpendsEachNoteOnce()));
  EXPECT_EQ(Explain(SpendsEachNoteOnce(), builder.Build()),
            "in which in the chain of validator-0, note note1 is spent twice, by t1 in block b1 at "
            "height 1 and by t2 in block b2 at height 2");
}

TEST(SpendsEachNoteOnceTest, NamesATransactionThatIsThereTwice) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"note1", 5}}).Block(0, {"t1"}).Block(1, {"t1"});
  EXPECT_THAT(Explain(SpendsEachNoteOnce(), builder.Build()),
              HasSubstr("transaction t1 in block b1 at height 1 is there again in block b2"));
}

TEST(SpendsEachNoteOnceTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(SpendsEachNoteOnce()),
            "spends each note once: no chain has two transactions that spend one note, nor one "
            "transaction twice");
  EXPECT_EQ(
      DescribeNot<RunRecord>(SpendsEachNoteOnce()),
      "doesn't spend each note once: a chain has two transactions that spend one note, or one "
      "transaction twice");
}

TEST(SpendsEachNoteOnceTest, NeedsAnIncludedTransaction) {
  RecordBuilder builder(2);
  builder.Transaction("t1").Grow(3);
  EXPECT_EQ(Explain(SpendsEachNoteOnce(), builder.Build()),
            "in which there is nothing to judge: no known transaction was included");
}

// ----- ConservesSupply -----

TEST(ConservesSupplyTest, MatchesBalancedTransactions) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"n1", 100}}, {{"n2", 60}, {"n3", 40}});
  builder.Transaction("t2", {{"n2", 60}}, {{"n4", 60}}).Block(0, {"t1", "t2"});
  EXPECT_THAT(builder.Build(), ConservesSupply());
  EXPECT_EQ(Explain(ConservesSupply(), builder.Build()),
            "in which 2 transactions make what they spend, and hold 100 of a supply of 1000000");
}

TEST(ConservesSupplyTest, NamesWhatDoesNotBalance) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"n1", 100}}, {{"n2", 60}, {"n3", 41}});
  builder.Transaction("t2", {{"n2", 61}}, {{"n4", 61}});
  builder.Transaction("t3", {{"n5", 1}}, {{"n3", 1}}).Block(0, {"t1", "t2", "t3"});
  EXPECT_THAT(builder.Build(), Not(ConservesSupply()));
  EXPECT_EQ(Explain(ConservesSupply(), builder.Build()),
            "in which transaction t1 in block b1 at height 1: it spends 100 and makes 101; "
            "transaction t2 in block b1 at height 1: note n2 was made with value 60 and is spent "
            "with 61; transaction t3 in block b1 at height 1: note n3 is made twice");
}

TEST(ConservesSupplyTest, NamesMoreThanTheSupply) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"n1", 2'000'000}}, {{"n2", 2'000'000}}).Block(0, {"t1"});
  EXPECT_THAT(Explain(ConservesSupply(), builder.Build()),
              HasSubstr("are worth 2000000, and the supply is 1000000"));
}

TEST(ConservesSupplyTest, NoSumOverflows) {
  constexpr uint64_t kMost = ~uint64_t{0};
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"n1", 100}}, {{"n2", kMost}, {"n3", 101}}).Block(0, {"t1"});
  EXPECT_EQ(Explain(ConservesSupply(), builder.Build()),
            "in which transaction t1 in block b1 at height 1: it spends 100 and makes "
            "18446744073709551716");
  RecordBuilder both(2);
  both.Transaction("t1", {{"n1", kMost}, {"n2", 101}}, {{"n3", kMost}, {"n4", 101}});
  both.Block(0, {"t1"});
  EXPECT_EQ(Explain(ConservesSupply(), both.Build()),
            "in which the notes that transactions made are worth 18446744073709551716, and the "
            "supply is 1000000");
}

TEST(ConservesSupplyTest, ANoteOfTheGenesisHasOneValue) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"n1", 100}}, {{"n2", 100}}, "refused");
  builder.Transaction("t2", {{"n1", 3000}}, {{"n3", 3000}}).Block(0, {"t2"});
  EXPECT_EQ(Explain(ConservesSupply(), builder.Build()),
            "in which transaction t2 in block b1 at height 1: note n1 is spent with 3000, and t1, "
            "submitted to validator-0 at 0.000 s, spends it with 100");
  RecordBuilder wrong(2);
  wrong.Transaction("t1", {{"n1", 100}}, {{"n2", 100}}, "refused");
  wrong.transaction().flaw = "unbalanced";
  wrong.Transaction("t2", {{"n1", 3000}}, {{"n3", 3000}}).Block(0, {"t2"});
  EXPECT_THAT(wrong.Build(), ConservesSupply()) << "what is wrong on purpose is no witness";
}

// "A genesis note of 100 that is spent as 3,000", and makes 3,000.
TEST(ConservesSupplyTest, ANoteOfTheGenesisHasTheValueThatItHasThere) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {{"g1", 100}}, {{"n1", 100}}).Block(0, {"t1"});
  builder.Transaction("t2", {{"g2", 3000}}, {{"n2", 3000}}).Block(1, {"t2"}).Grow(2);
  RunRecord record = builder.Build();
  EXPECT_THAT(record, ConservesSupply()) << "it tells nothing of genesis";
  MutableChainOf(record).genesis_notes = {{1000, "key", true, {"s1", "s2"}},
                                          {100, "wallet", false, {"g1", "g2", "g3"}}};
  EXPECT_EQ(Explain(ConservesSupply(), record),
            "in which transaction t2 in block b2 at height 2: note g2 has value 100 at genesis and "
            "is spent with 3000");
  MutableChainOf(record).transactions[1].spends[0].value = 100;
  EXPECT_EQ(Explain(ConservesSupply(), record),
            "in which transaction t2 in block b2 at height 2: it spends 100 and makes 3000");
  MutableChainOf(record).transactions[1].makes[0].value = 100;
  EXPECT_EQ(Explain(ConservesSupply(), record),
            "in which 2 transactions make what they spend, and hold 200 of a supply of 1000000");
  // One that another run on the same cluster made.
  MutableChainOf(record).transactions[1].spends[0].id = "n77";
  EXPECT_THAT(record, ConservesSupply());
  MutableChainOf(record).transactions[1].makes[0].id = "g3";
  EXPECT_THAT(Explain(ConservesSupply(), record),
              HasSubstr("note g3, which it makes, was there at genesis"));
}

TEST(ConservesSupplyTest, DescribesItself) {
  EXPECT_EQ(
      Describe<RunRecord>(ConservesSupply()),
      "conserves the supply: each included transaction makes exactly the value that it spends");
  EXPECT_EQ(DescribeNot<RunRecord>(ConservesSupply()),
            "doesn't conserve the supply: an included transaction makes another value than it "
            "spends");
}

// ----- MempoolDrains -----

TEST(MempoolDrainsTest, NamesTheNodeAndWhatWaits) {
  RecordBuilder builder(3);
  builder.Transaction("t1").Mempool(1, 4).Grow(3);
  EXPECT_THAT(builder.Build(), Not(MempoolDrains()));
  EXPECT_EQ(Explain(MempoolDrains(), builder.Build()),
            "in which validator-1 has 4 transactions in its mempool at 0.600 s");
  builder.Mempool(1, 0).Grow(1);
  EXPECT_THAT(builder.Build(), MempoolDrains());
  EXPECT_EQ(Explain(MempoolDrains(), builder.Build()),
            "in which the mempools of 3 nodes are empty after 1 transaction");
  builder.Silence(2).Grow(1);
  EXPECT_EQ(Explain(MempoolDrains(), builder.Build()),
            "in which validator-2 did not answer at the end");
}

TEST(MempoolDrainsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(MempoolDrains()),
            "has mempools that drain: at the end no node that is up has a transaction waiting");
  EXPECT_EQ(DescribeNot<RunRecord>(MempoolDrains()),
            "has a mempool that doesn't drain: at the end a node that is up has a transaction "
            "waiting");
}

TEST(MempoolDrainsTest, NeedsATransaction) {
  RecordBuilder builder(3);
  builder.Grow(3);
  EXPECT_EQ(Explain(MempoolDrains(), builder.Build()),
            "in which there is nothing to judge: no transaction was submitted, and no mempool ever "
            "had one");
}

// ----- ReachesEveryMempool -----

TEST(ReachesEveryMempoolTest, NamesWhoNeverHadIt) {
  RecordBuilder builder(3);
  builder.Transaction("t1");
  builder.transaction().seen_by = {0, 1, 2};
  builder.Transaction("t2", {}, {}, "refused").Grow(1).Transaction("t3");
  builder.transaction().seen_by = {0, 2};
  builder.Grow(2);
  EXPECT_EQ(Explain(ReachesEveryMempool(), builder.Build()),
            "in which the fraction of transactions that reached every mempool is 0.5 (1 of 2); the "
            "first that did not is t3, submitted to validator-0 at 0.200 s: validator-1 was never "
            "seen to have it, 2 of 3 nodes were");
  EXPECT_THAT(builder.Build(), Not(ReachesEveryMempool()));
  EXPECT_THAT(builder.Build(), ReachesEveryMempool(Ge(0.5)));
  builder.transaction().seen_by = {1};
  EXPECT_THAT(Explain(ReachesEveryMempool(), builder.Build()),
              HasSubstr("validator-0, validator-2 were never seen to have it, 1 of 3 nodes was"));
  builder.transaction().seen_by = {0, 1, 2};
  EXPECT_THAT(builder.Build(), ReachesEveryMempool());
  EXPECT_EQ(Explain(ReachesEveryMempool(), builder.Build()),
            "in which the fraction of transactions that reached every mempool is 1 (2 of 2)");
}

TEST(ReachesEveryMempoolTest, NoNodeStandsForAnother) {
  RecordBuilder builder(3);
  builder.Grow(1).Transaction("t1");
  builder.transaction().seen_by = {0, 2};
  builder.transaction().first_seen = RunTime(250);
  builder.transaction().last_seen = RunTime(300);
  builder.Grow(5).Kill(2).Grow(5);
  EXPECT_THAT(builder.Build(), Not(ReachesEveryMempool()));
  EXPECT_THAT(Explain(ReachesEveryMempool(), builder.Build()),
              HasSubstr("validator-1 was never seen to have it, 2 of 3 nodes were"));
  builder.transaction().seen_by = {0, 1};
  EXPECT_THAT(builder.Build(), ReachesEveryMempool()) << "the one that did not is down";
}

TEST(ReachesEveryMempoolTest, InARecordThatOnlyCountedNoHeadStandsForAnother) {
  RecordBuilder builder(3);
  builder.Grow(1).Transaction("t1");
  builder.transaction().seen_by = NodeSet::Unnamed(2);
  builder.transaction().first_seen = RunTime(250);
  builder.transaction().last_seen = RunTime(300);
  builder.Grow(2);
  EXPECT_THAT(Explain(ReachesEveryMempool(), builder.Build()), HasSubstr("2 of 3 nodes had it"));
  builder.Grow(3).Kill(2).Grow(5);
  EXPECT_THAT(builder.Build(), Not(ReachesEveryMempool()));
  EXPECT_EQ(Explain(ReachesEveryMempool(), builder.Build()),
            "in which the fraction of transactions that reached every mempool is 0 (0 of 1); the "
            "first that did not is t1, submitted to validator-0 at 0.200 s: 2 of 3 nodes had it, "
            "and nothing shows that validator-1 was one of them");
  RecordBuilder included(3);
  included.Grow(1).Transaction("t1");
  included.transaction().seen_by = NodeSet::Unnamed(2);
  included.transaction().first_seen = included.transaction().last_seen = RunTime(300);
  included.Block(0, {"t1"}).Grow(5).Kill(2).Grow(5);
  EXPECT_THAT(included.Build(), ReachesEveryMempool()) << "it is in the chain of those that are up";
}

TEST(ReachesEveryMempoolTest, OneThatNobodyHadDidNot) {
  RecordBuilder builder(2);
  builder.Transaction("t1").Grow(3).Kill(0).Kill(1).Grow(1).Start(0).Start(1).Grow(5);
  EXPECT_THAT(Explain(ReachesEveryMempool(), builder.Build()),
              HasSubstr("is 0 (0 of 1); the first that did not is t1, submitted to validator-0 at "
                        "0.000 s: no node was seen to have it"));
}

TEST(ReachesEveryMempoolTest, ALostOneDidNot) {
  RecordBuilder builder(2);
  builder.Transaction("t1");
  builder.transaction().seen_by = {0, 1};
  builder.transaction().lost = 1;
  EXPECT_THAT(Explain(ReachesEveryMempool(), builder.Grow(2).Build()),
              HasSubstr("t1, submitted to validator-0 at 0.000 s: no node knew of it any more"));
}

TEST(ReachesEveryMempoolTest, ANodeThatWasDownNeedNotHaveIt) {
  RecordBuilder builder(3);
  builder.Grow(2).Kill(2).Transaction("t1");
  builder.transaction().seen_by = {0, 1};
  builder.Grow(2);
  EXPECT_THAT(builder.Build(), ReachesEveryMempool());
  EXPECT_THAT(builder.Start(2).Grow(2).Build(), ReachesEveryMempool());
}

TEST(ReachesEveryMempoolTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(ReachesEveryMempool()),
            "has every transaction reach every mempool");
  EXPECT_EQ(DescribeNot<RunRecord>(ReachesEveryMempool(Of("x"))),
            "has a transaction of \"x\" that doesn't reach every mempool");
  EXPECT_EQ(Describe<RunRecord>(ReachesEveryMempool(Ge(0.9))),
            "has a fraction of transactions that reached every mempool that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(ReachesEveryMempool(Ge(0.9))),
            "has a fraction of transactions that reached every mempool that isn't >= 0.9");
}

TEST(ReachesEveryMempoolTest, NeedsATransactionThatWasTaken) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {}, {}, "refused").Grow(3);
  EXPECT_EQ(Explain(ReachesEveryMempool(), builder.Build()),
            "in which there is nothing to judge: no transaction was taken");
}

// ----- RefusesInvalidTransactions -----

TEST(RefusesInvalidTransactionsTest, NamesTheOneThatIsInABlock) {
  RecordBuilder builder(2);
  builder.Transaction("t1").Transaction("t2", {}, {}, "HTTP 400");
  builder.transaction().flaw = "too large";
  builder.Transaction("t3");
  builder.transaction().flaw = "double spend";
  builder.Block(0, {"t1"});
  EXPECT_THAT(builder.Build(), RefusesInvalidTransactions());
  EXPECT_EQ(
      Explain(RefusesInvalidTransactions(), builder.Build()),
      "in which no block has any of 2 invalid transactions, of which nodes refused 1 (and they "
      "took 1 of 1 valid transaction)");
  builder.Block(0, {"t3"});
  EXPECT_THAT(builder.Build(), Not(RefusesInvalidTransactions()));
  EXPECT_EQ(Explain(RefusesInvalidTransactions(), builder.Build()),
            "in which t3, submitted to validator-0 at 0.000 s with this flaw: double spend, is in "
            "block b2 at height 2");
}

TEST(RefusesInvalidTransactionsTest, IsNotMetWhereNodesRefuseAll) {
  RecordBuilder builder(2);
  builder.Transaction("t1", {}, {}, "HTTP 400: no").Transaction("t2", {}, {}, "HTTP 400: no");
  builder.transaction().flaw = "too large";
  builder.Grow(3);
  EXPECT_THAT(builder.Build(), Not(RefusesInvalidTransactions()));
  EXPECT_EQ(Explain(RefusesInvalidTransactions(), builder.Build()),
            "in which nodes refused all valid transactions too, 1 of 1: t1, submitted to "
            "validator-0 at 0.000 s: HTTP 400: no");
  RecordBuilder alone(2);
  alone.Transaction("t1", {}, {}, "HTTP 400");
  alone.transaction().flaw = "too large";
  alone.Grow(3);
  EXPECT_EQ(Explain(RefusesInvalidTransactions(), alone.Build()),
            "in which there is nothing to judge: no valid transaction was submitted, so nodes may "
            "refuse all alike");
}

TEST(RefusesInvalidTransactionsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(RefusesInvalidTransactions()),
            "refuses invalid transactions: none is in a block");
  EXPECT_EQ(DescribeNot<RunRecord>(RefusesInvalidTransactions(Of("x"))),
            "doesn't refuse invalid transactions of \"x\": one is in a block");
}

TEST(RefusesInvalidTransactionsTest, NeedsAnInvalidTransaction) {
  RecordBuilder builder(2);
  builder.Transaction("t1").Grow(3);
  EXPECT_EQ(Explain(RefusesInvalidTransactions(), builder.Build()),
            "in which there is nothing to judge: no transaction was wrong on purpose");
}

}  // namespace
}  // namespace gtestnet::matching
