// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <limits>
#include <mutex>
#include <optional>
#include <set>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/invalid_transaction_workload.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/runner.h"
#include "nomos/src/workload/invalid_transaction_driver.h"
#include "nomos/src/workload/testing/fake_network.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Ne;
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

std::string Refusal(const InvalidTransactionOptions& options,
                    const TopologySpec& topology = Topology::Star().Validators(3).Wallets(2)) {
  return std::string(Validate(options, topology).message());
}

TEST(InvalidTransactionOptionsTest, RefusesWhatCannotBe) {
  const std::string who = "invalid transactions \"invalid transactions\": ";
  EXPECT_EQ(Refusal({}), "");
  for (double rate : {0.0, -1.0, 100.5, std::numeric_limits<double>::infinity(),
                      std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(
        Refusal({.rate_per_block = rate}),
        AllOf(HasSubstr(who + "rate_per_block is "), HasSubstr("; it must be from 1e-06 to 100")));
  }
  EXPECT_EQ(Refusal({.flaws = {}}), who + "no flaw is given");
  EXPECT_EQ(Refusal({.users = 3}),
            who + "3 users, but it needs at least 1, and the topology has 2 wallets");
  EXPECT_EQ(Refusal({.users = 0, .name = "bad"}),
            "invalid transactions \"bad\": 0 users, but it needs at least 1, and the topology has "
            "2 wallets");
  EXPECT_EQ(Refusal({}, Topology::Star().Validators(1).Wallets(1).NotesPerWallet(1)),
            who + "a wallet has 1 note; it needs .NotesPerWallet(2)");
  EXPECT_EQ(Refusal({}, FakeTopology::Star().Nodes(3)), who + "only Nomos nodes take them");
}

class InvalidTransactionDriverTest : public testing::Test {
 protected:
  InvalidTransactionDriverTest() {
    static int runs = 0;
    ClusterSpec spec;
    spec.topology = FakeTopology::Star().Nodes(3);
    spec.run_id = "invalid-transaction-test-" + std::to_string(++runs);
    spec.seed = 5;
    FakeNetwork::Watch(spec);
    RunnerOptions options;
    options.clock = &clock_;
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  FakeWorld& world() { return testing_support::WorldOf(runner_->cluster().spec()); }

  std::unique_ptr<Workload> Start(InvalidTransactionOptions options, int notes = 2) {
    users_ = Users(options.users, notes);
    return std::make_unique<Workload>(
        runner_->context(), WorkloadOptions{.name = options.name}, [=, this](WorkloadRun& run) {
          const TransactionPort port{
              .submit = [this](const NodeInfo&, const SignedTransaction& t) { return Submit(t); },
              .status = nullptr};
          return InvalidTransactionDriver(run, options, users_, port).Run();
        });
  }
  // A block is 100 ms.
  void Run(InvalidTransactionOptions options, Timespan time) {
    const auto workload = Start(std::move(options));
    EXPECT_EQ(runner_->RunFor(time), absl::OkStatus());
    EXPECT_EQ(runner_->Finish(), absl::OkStatus());
  }
  void Finalise(const std::string& hash, bool final) {
    FakeNetwork::Of(*runner_).Include(hash, {"block", 1, final});
  }
  std::vector<SignedTransaction> submitted() {
    const std::lock_guard lock(mutex_);
    return submitted_;
  }

  const WorkloadRecord& workload() { return runner_->record().workloads.at(0); }
  const std::vector<chain::TransactionRecord>& transactions() {
    return chain::ChainOf(runner_->record())->transactions;
  }

  // What every submission is answered.
  std::function<absl::Status(const SignedTransaction&)> answer_ = [](const SignedTransaction&) {
    return absl::OkStatus();
  };
  std::vector<ClaimedWallet> users_;
  ManualClock clock_{2};  // the runner and the driver
  std::unique_ptr<Runner> runner_;

 private:
  absl::Status Submit(const SignedTransaction& transaction) {
    const std::lock_guard lock(mutex_);
    submitted_.push_back(transaction);
    return answer_(transaction);
  }

  std::mutex mutex_;
  std::vector<SignedTransaction> submitted_;
};

TEST_F(InvalidTransactionDriverTest, SendsOneFlawAfterTheOtherToOneNodeAfterTheOther) {
  Run({.flaws = {Flaw::kBadSignature, Flaw::kMissingNote, Flaw::kUnbalanced, Flaw::kTooLarge}},
      seconds(4));
  EXPECT_GE(transactions().size(), 35u);
  EXPECT_LE(transactions().size(), 40u);
  EXPECT_EQ(workload().actions, static_cast<int64_t>(transactions().size()));
  const char* const flaws[] = {"bad signature", "missing note", "unbalanced", "too large"};
  std::set<std::string> hashes;
  for (size_t i = 0; i < transactions().size(); ++i) {
    EXPECT_EQ(transactions()[i].flaw, flaws[i % 4]);
    EXPECT_EQ(transactions()[i].node, static_cast<NodeIndex>(i % 3));
    EXPECT_EQ(transactions()[i].workload, "invalid transactions");
    hashes.insert(transactions()[i].hash);
  }
  EXPECT_EQ(hashes.size(), transactions().size()) << "each is another one";
}

TEST_F(InvalidTransactionDriverTest, WhatItSendsIsWrongInItsWay) {
  Run({.flaws = {Flaw::kMissingNote, Flaw::kUnbalanced, Flaw::kTooLarge}}, milliseconds(450));
  ASSERT_GE(submitted().size(), 3u);
  const Note mine = users_[0].notes.front();
  EXPECT_NE(submitted()[0].spends.at(0).id, mine.id);
  EXPECT_EQ(submitted()[1].spends.at(0), mine);
  EXPECT_EQ(submitted()[1].makes.at(0).value, mine.value + 1);
  EXPECT_GT(submitted()[2].json.size(), 70u * 1024);
}

TEST_F(InvalidTransactionDriverTest, RecordsWhatANodeAnswers) {
  int asked = 0;
  answer_ = [&](const SignedTransaction&) {
    return ++asked % 2 == 1 ? absl::InvalidArgumentError("Invalid signature") : absl::OkStatus();
  };
  Run({.flaws = {Flaw::kBadSignature}}, milliseconds(450));
  ASSERT_GE(transactions().size(), 2u);
  for (size_t i = 0; i < transactions().size(); ++i) {
    EXPECT_EQ(transactions()[i].refusal, i % 2 == 0 ? "Invalid signature" : "");
  }
  const size_t taken = transactions().size() / 2;
  EXPECT_EQ(workload().plan, "1 wrong transactions per block: bad signature; " +
                                 std::to_string(transactions().size() - taken) + " refused, " +
                                 std::to_string(taken) + " taken by a node");
}

TEST_F(InvalidTransactionDriverTest, NoAnswerIsNoEvidence) {
  answer_ = [n = 0](const SignedTransaction&) mutable {
    return ++n % 2 == 1 ? absl::UnavailableError("refused") : absl::DeadlineExceededError("late");
  };
  Run({.flaws = {Flaw::kBadSignature}}, milliseconds(450));
  EXPECT_GE(submitted().size(), 2u);
  EXPECT_EQ(workload().actions, 0);
  EXPECT_THAT(transactions(), IsEmpty());
}

TEST_F(InvalidTransactionDriverTest, PassesOverNodesThatAreDown) {
  ASSERT_TRUE(runner_->context().node_control().Kill(1).ok());
  Run({.flaws = {Flaw::kUnbalanced}}, seconds(1));
  EXPECT_GE(transactions().size(), 8u);
  EXPECT_THAT(transactions(), Each(Field(&chain::TransactionRecord::node, Ne(1))));
}

TEST_F(InvalidTransactionDriverTest, WithNoNodeItWaits) {
  for (NodeIndex node : {0, 1, 2}) ASSERT_TRUE(runner_->context().node_control().Kill(node).ok());
  Run({.flaws = {Flaw::kUnbalanced, Flaw::kDoubleSpend}}, seconds(1));
  EXPECT_THAT(submitted(), IsEmpty());
}

TEST_F(InvalidTransactionDriverTest, SpendsANoteAgainOnceTheFirstTimeIsFinal) {
  std::string first;
  // In a block once it was submitted for the third time, and final at some time after that.
  answer_ = [&, n = 0](const SignedTransaction& transaction) mutable {
    if (++n == 1) first = transaction.hash;
    if (n == 3) Finalise(transaction.hash, false);
    return absl::OkStatus();
  };
  std::optional<RunTime> final_at;
  runner_->OnProgress([&](const Snapshot& snapshot) {
    if (final_at || snapshot.at - runner_->record().begun < milliseconds(600)) return;
    final_at = snapshot.at;
    Finalise(submitted().at(0).hash, true);
  });
  Run({.flaws = {Flaw::kDoubleSpend}}, milliseconds(1550));

  ASSERT_TRUE(final_at.has_value());
  EXPECT_EQ(transactions().size() + 2, submitted().size()) << "the first is recorded once";
  ASSERT_GE(transactions().size(), 4u);
  EXPECT_EQ(transactions()[0].hash, first);
  EXPECT_EQ(transactions()[0].flaw, "") << "that one is valid";
  for (size_t i = 1; i < transactions().size(); ++i) {
    EXPECT_EQ(transactions()[i].flaw, "double spend");
    EXPECT_EQ(transactions()[i].spends, transactions()[0].spends);
    EXPECT_NE(transactions()[i].hash, first);
    EXPECT_GE(transactions()[i].submitted_at, *final_at);
  }
  EXPECT_EQ(users_[0].notes.back(), submitted()[0].makes.front()) << "what it owns now";
}

TEST_F(InvalidTransactionDriverTest, ADoubleSpendNeedsANoteOfItsOwn) {
  const auto workload = Start({.flaws = {Flaw::kDoubleSpend}, .name = "bad"}, /*notes=*/1);
  EXPECT_THAT(std::string(runner_->RunFor(seconds(1)).message()),
              HasSubstr("invalid transactions \"bad\": its wallet has 1 notes left; a double spend "
                        "needs 2"));
}

TEST_F(InvalidTransactionDriverTest, AKindWithoutTransactionsBreaksTheRun) {
  InvalidTransactionWorkload workload(runner_->context());
  EXPECT_THAT(std::string(runner_->RunFor(seconds(9)).message()),
              HasSubstr("only Nomos nodes take them"));
}

}  // namespace
}  // namespace gtestnet::nomos
