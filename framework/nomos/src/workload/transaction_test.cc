// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <deque>
#include <mutex>
#include <set>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/runner.h"
#include "nomos/src/workload/note_book.h"
#include "nomos/src/workload/rates.h"
#include "nomos/src/workload/testing/fake_network.h"
#include "nomos/src/workload/transaction_driver.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AnyOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::FakeCluster;
using testing_support::FakeTopology;
using testing_support::FakeWorld;
using testing_support::ManualClock;

std::vector<ClaimedWallet> Users(int users, int notes) {
  ClusterSpec spec;
  spec.topology = Topology::Star().Validators(1).Wallets(users).NotesPerWallet(notes);
  spec.seed = 3;
  return Wallets(spec).Claim(0).value();
}

TEST(NoteBookTest, SpendsEachNoteOnceInAnOrderOfItsSeed) {
  NoteBook a(Users(3, 2), Random(1), false), b(Users(3, 2), Random(1), false),
      c(Users(3, 2), Random(2), false);
  std::vector<std::string> of_a, of_b, of_c;
  for (auto [book, into] : {std::pair{&a, &of_a}, {&b, &of_b}, {&c, &of_c}}) {
    while (std::optional<OwnedNote> note = book->Take()) {
      const size_t owner = note->owner;
      const NoteBook::Payment payment = book->Pay(*std::move(note)).value();
      EXPECT_THAT(payment.spent, SizeIs(1));
      ASSERT_THAT(payment.owners, SizeIs(1));
      EXPECT_NE(payment.owners[0], owner);
      into->push_back(payment.transaction.hash);
    }
  }
  EXPECT_THAT(of_a, SizeIs(6));
  EXPECT_THAT(std::set<std::string>(of_a.begin(), of_a.end()), SizeIs(6));
  EXPECT_EQ(of_a, of_b);
  EXPECT_NE(of_a, of_c);
}

TEST(NoteBookTest, ASingleUserPaysItself) {
  NoteBook book(Users(1, 1), Random(1), false);
  EXPECT_EQ(book.Pay(book.Take().value()).value().owners, std::vector<size_t>{0});
  EXPECT_FALSE(book.Take().has_value());
}

// A long life of notes of which each is confirmed at once, or some time later.
TEST(NoteBookTest, GivesChangeAndKeepsValueAndNumberWithinBounds) {
  for (size_t under_way : {size_t{0}, size_t{20}}) {
    NoteBook book(Users(4, 10), Random(1), true);
    std::deque<NoteBook::Payment> waiting;
    const auto confirm = [&] {
      const NoteBook::Payment& payment = waiting.front();
      for (size_t i = 0; i < payment.owners.size(); ++i) {
        book.Put({payment.transaction.makes[i], payment.owners[i]});
      }
      waiting.pop_front();
    };
    size_t with_change = 0, of_two = 0;
    for (int i = 0; i < 3000; ++i) {
      std::optional<OwnedNote> note = book.Take();
      ASSERT_TRUE(note.has_value());
      waiting.push_back(book.Pay(*std::move(note)).value());
      with_change += waiting.back().owners.size() == 2 ? 1 : 0;
      of_two += waiting.back().spent.size() == 2 ? 1 : 0;
      if (waiting.size() > under_way) confirm();
    }
    while (!waiting.empty()) confirm();
    EXPECT_LE(book.free(), 40 + 2 * under_way + 4);
    EXPECT_GT(with_change, 500u);
    EXPECT_GT(of_two, 500u);
    uint64_t value = 0;
    for (const ClaimedWallet& wallet : book.Close()) {
      for (const Note& owned : wallet.notes) value += owned.value;
    }
    EXPECT_EQ(value, 4u * 10u * 100u);
  }
}

TEST(TransactionScheduleTest, IsSetByTimeAlone) {
  const Clock::TimePoint start{seconds(100)};
  const TransactionSchedule schedule{start, milliseconds(250)};
  EXPECT_EQ(schedule.At(0), start + milliseconds(250));
  EXPECT_EQ(schedule.At(99), start + seconds(25));
  EXPECT_EQ(schedule.DueBy(start), 0);
  EXPECT_EQ(schedule.DueBy(start + milliseconds(249)), 0);
  EXPECT_EQ(schedule.DueBy(start + milliseconds(250)), 1);
  EXPECT_EQ(schedule.DueBy(start + seconds(25)), 100);
  const TransactionSchedule hopeless{start, std::chrono::duration<double, std::nano>(1e30)};
  EXPECT_EQ(hopeless.At(0), start + kLongestPause);
}

// Nodes as the driver sees them.
class FakePort {
 public:
  explicit FakePort(Runner& runner) : runner_(runner) {}

  TransactionPort Get() {
    return {.submit =
                [this](const NodeInfo& node, const SignedTransaction& transaction) {
                  return Submit(node, transaction);
                },
            .status = [this](const NodeInfo& node, const std::vector<std::string>& hashes)
                -> absl::StatusOr<std::vector<TransactionStatus>> {
              std::lock_guard lock(mutex_);
              std::vector<TransactionStatus> all(hashes.size());
              for (size_t i = 0; i < hashes.size(); ++i) {
                if (pending_[node.index].count(hashes[i]) > 0) {
                  all[i].kind = TransactionStatus::Kind::kPending;
                }
              }
              return all;
            }};
  }

  // What the n-th submission gets instead.
  std::map<int, absl::Status> answers;
  bool include = true;  // what is taken is final at once
  bool forget = false;  // what is taken is lost at once

  std::vector<std::pair<NodeIndex, std::string>> submitted() {
    std::lock_guard lock(mutex_);
    return submitted_;
  }

 private:
  absl::Status Submit(const NodeInfo& node, const SignedTransaction& transaction) {
    std::lock_guard lock(mutex_);
    submitted_.emplace_back(node.index, transaction.hash);
    auto answer = answers.find(static_cast<int>(submitted_.size()));
    if (answer != answers.end()) return answer->second;
    if (include) {
      FakeNetwork::Of(runner_).Include(transaction.hash, {"block", 1, true});
    } else if (!forget) {
      pending_[node.index].insert(transaction.hash);
    }
    return absl::OkStatus();
  }

  Runner& runner_;
  std::mutex mutex_;
  std::vector<std::pair<NodeIndex, std::string>> submitted_;
  std::map<NodeIndex, std::set<std::string>> pending_;
};

class TransactionDriverTest : public testing::Test {
 protected:
  TransactionDriverTest() {
    static int runs = 0;
    ClusterSpec spec;
    spec.topology = FakeTopology::Star().Nodes(3);
    spec.run_id = "transaction-test-" + std::to_string(++runs);
    spec.seed = 5;
    FakeNetwork::Watch(spec);
    RunnerOptions options;
    options.clock = &clock_;
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    port_ = std::make_unique<FakePort>(*runner_);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  FakeWorld& world() { return testing_support::WorldOf(runner_->cluster().spec()); }

  // A run with these notes, of ten blocks a second.
  const WorkloadRecord& Run(int users, int notes, double rate, Timespan duration) {
    return Run(users, notes, {.rate_per_block = rate}, duration);
  }
  const WorkloadRecord& Run(int users, int notes, TransactionOptions options, Timespan duration) {
    Workload workload(runner_->context(), {.name = "transactions"}, [=, this](WorkloadRun& run) {
      TransactionDriver driver(run, options, Users(users, notes), port_->Get(), 1);
      absl::Status result = driver.Run();
      left_ = driver.Close();
      return result;
    });
    EXPECT_EQ(runner_->RunFor(duration), absl::OkStatus());
    EXPECT_EQ(runner_->Finish(), absl::OkStatus());
    return runner_->record().workloads.at(0);
  }
  const std::vector<chain::TransactionRecord>& transactions() {
    return chain::ChainOf(runner_->record())->transactions;
  }

  std::vector<ClaimedWallet> left_;
  ManualClock clock_{3};  // the runner, the driver and its sender
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<FakePort> port_;
};

TEST_F(TransactionDriverTest, KeepsTheRateAndGoesRoundTheNodes) {
  const WorkloadRecord& record = Run(4, 10, 2, seconds(5));
  EXPECT_GE(record.actions, 98);
  EXPECT_LE(record.actions, 102);
  EXPECT_THAT(record.plan, HasSubstr("4 users, 2 transactions per block"));
  std::map<NodeIndex, int> by_node;
  std::set<std::string> hashes;
  for (const chain::TransactionRecord& transaction : transactions()) {
    ++by_node[transaction.node];
    hashes.insert(transaction.hash);
    EXPECT_EQ(transaction.refusal, "");
    // With change, of two notes, or of a note that cannot be parted.
    EXPECT_THAT(transaction.spends.size() + transaction.makes.size(), AnyOf(2u, 3u));
  }
  EXPECT_EQ(hashes.size(), transactions().size());
  EXPECT_THAT(by_node, SizeIs(3));
  EXPECT_NEAR(by_node[0], by_node[2], 3);
}

TEST_F(TransactionDriverTest, SpendsOnlyWhatIsConfirmed) {
  port_->include = false;
  const WorkloadRecord& record = Run(2, 3, 1, seconds(3));
  EXPECT_EQ(record.actions, 6);
  EXPECT_THAT(record.plan, HasSubstr("left out because no confirmed note was free"));
  ASSERT_TRUE(record.due.has_value());
  EXPECT_NEAR(static_cast<double>(*record.due), 30, 2);
  EXPECT_EQ(record.left_out.Get("no confirmed note was free"),
            static_cast<double>(*record.due - record.actions));
  EXPECT_EQ(record.at_least, 0.95);
}

TEST_F(TransactionDriverTest, PassesOverNodesThatAreDown) {
  EXPECT_TRUE(runner_->context().node_control().Kill(1).ok());
  Run(4, 10, 1, seconds(2));
  for (const chain::TransactionRecord& transaction : transactions()) EXPECT_NE(transaction.node, 1);
}

TEST_F(TransactionDriverTest, LeavesOutWhatNoNodeCouldTake) {
  for (NodeIndex node : {0, 1, 2}) EXPECT_TRUE(runner_->context().node_control().Kill(node).ok());
  const WorkloadRecord& record = Run(4, 10, 1, seconds(1));
  EXPECT_EQ(record.actions, 0);
  EXPECT_THAT(record.plan, HasSubstr("left out because no node was up"));
}

TEST_F(TransactionDriverTest, AsksNodesThatAreSlowOrIllWhereNoneIsHealthy) {
  {
    std::lock_guard lock(world().mutex);
    world().mode = "Bootstrapping";
  }
  const WorkloadRecord& record = Run(4, 10, 1, seconds(1));
  EXPECT_GE(record.actions, 8);
}

TEST_F(TransactionDriverTest, ARefusalIsRecordedAndTheNoteComesBack) {
  port_->answers[1] = absl::InvalidArgumentError("Invalid signature for operation at index 0");
  Run(1, 1, 1, seconds(1));
  ASSERT_GE(transactions().size(), 2u);
  EXPECT_EQ(transactions()[0].refusal, "Invalid signature for operation at index 0");
  EXPECT_EQ(transactions()[1].refusal, "");
  EXPECT_EQ(transactions()[0].spends, transactions()[1].spends);
}

TEST_F(TransactionDriverTest, WithNoClearAnswerTheNoteComesBackOnlyWhenNobodyKnowsOfIt) {
  port_->answers[1] = absl::DeadlineExceededError("node-0 did not answer");
  Run(1, 1, 1, seconds(2));
  ASSERT_GE(transactions().size(), 2u);
  EXPECT_EQ(transactions()[0].refusal, "node-0 did not answer");
  EXPECT_EQ(transactions()[0].spends, transactions()[1].spends);
  EXPECT_GE(transactions()[1].submitted_at - transactions()[0].submitted_at, milliseconds(400));
}

TEST_F(TransactionDriverTest, ALostTransactionIsSubmittedToAnotherNodeAndRecordedOnce) {
  port_->include = false;
  port_->forget = true;
  const WorkloadRecord& record = Run(1, 1, 1, seconds(3));
  EXPECT_EQ(record.actions, 1);
  EXPECT_THAT(transactions(), SizeIs(1));
  EXPECT_THAT(record.plan, HasSubstr("submitted again after they were lost"));
  const auto submitted = port_->submitted();
  ASSERT_GE(submitted.size(), 3u);
  EXPECT_NE(submitted[0].first, submitted[1].first);
  EXPECT_EQ(submitted[0].second, submitted[1].second);
}

TEST_F(TransactionDriverTest, ATransactionThatOneNodeStillHasIsLeftAlone) {
  port_->include = false;
  Run(1, 1, 1, seconds(3));
  EXPECT_THAT(port_->submitted(), SizeIs(1));
}

TEST_F(TransactionDriverTest, CountsHowOftenATransactionWasLost) {
  port_->include = false;
  port_->forget = true;
  Run(1, 1, 1, seconds(3));
  ASSERT_THAT(transactions(), SizeIs(1));
  EXPECT_GE(transactions()[0].lost, 1);
}

TEST_F(TransactionDriverTest, KeepsARatePerSecond) {
  const WorkloadRecord& record = Run(4, 10, {.rate_per_second = 20}, seconds(5));
  EXPECT_GE(record.actions, 98);
  EXPECT_LE(record.actions, 102);
}

TEST_F(TransactionDriverTest, SubmitsToOneNodeOnly) {
  Run(4, 10, {.rate_per_block = 1, .spread = Spread::kOneNode, .node = 2}, seconds(2));
  ASSERT_GE(transactions().size(), 10u);
  for (const chain::TransactionRecord& transaction : transactions()) EXPECT_EQ(transaction.node, 2);
}

TEST_F(TransactionDriverTest, SubmitsToAnyNode) {
  Run(4, 10, {.rate_per_block = 1, .spread = Spread::kRandom}, seconds(6));
  std::map<NodeIndex, int> by_node;
  bool in_turn = true;
  for (size_t i = 0; i < transactions().size(); ++i) {
    ++by_node[transactions()[i].node];
    in_turn &= i < 3 || transactions()[i].node == transactions()[i - 3].node;
  }
  EXPECT_THAT(by_node, SizeIs(3));
  EXPECT_FALSE(in_turn);
}

TEST_F(TransactionDriverTest, GivesBackWhatTheUsersOwnAndWhatIsUnderWay) {
  port_->include = false;
  Run(2, 3, 1, milliseconds(450));
  ASSERT_THAT(left_, SizeIs(2));
  const size_t free = left_[0].notes.size() + left_[1].notes.size();
  const size_t incoming = left_[0].incoming.size() + left_[1].incoming.size();
  EXPECT_EQ(free, 6 - transactions().size());
  EXPECT_EQ(incoming, 2 * transactions().size());
}

TEST(WalletsTest, AreClaimedByOneAtATime) {
  ClusterSpec spec;
  spec.topology = Topology::Star().Validators(1).Wallets(3).NotesPerWallet(2);
  spec.run_id = "wallets-test";
  Wallets wallets(spec);
  std::vector<ClaimedWallet> two = wallets.Claim(2).value();
  EXPECT_THAT(two[0].notes, SizeIs(2));
  // Another context of the same run.
  Wallets again(spec);
  EXPECT_EQ(std::string(again.Claim(2).status().message()),
            "it needs 2 wallets, but of the topology's 3 other workloads have left 1");
  EXPECT_THAT(again.Claim(0).value(), SizeIs(1));
  EXPECT_FALSE(wallets.Claim(0).ok());
  two[1].notes.pop_back();
  wallets.Return(std::move(two[1]));
  EXPECT_THAT(again.Claim(1).value()[0].notes, SizeIs(1));
}

TEST_F(TransactionDriverTest, AKindWithoutTransactionsBreaksTheRun) {
  TransactionWorkload workload(runner_->context());
  EXPECT_THAT(std::string(runner_->RunFor(seconds(9)).message()),
              HasSubstr("only Nomos nodes take them"));
}

}  // namespace
}  // namespace gtestnet::nomos
