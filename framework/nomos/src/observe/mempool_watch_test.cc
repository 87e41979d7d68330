// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/mempool_watch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "gtestnet/chain/record.h"

namespace gtestnet::nomos {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

class MempoolWatchTest : public testing::Test {
 protected:
  void Submit(const std::string& hash, RunTime at, const std::string& refusal = "") {
    chain::TransactionRecord& transaction = submitted_.emplace_back();
    transaction.hash = hash;
    transaction.submitted_at = at;
    transaction.refusal = refusal;
  }
  // Asks a node that has these; keeps what it was asked for.
  void Ask(NodeIndex node, int at_ms, const std::set<std::string>& has,
           TransactionStatus::Kind as = TransactionStatus::Kind::kPending) {
    asked_.clear();
    watch_.AskAfter(node, RunTime(at_ms), [&](const std::vector<std::string>& hashes) {
      asked_.insert(asked_.end(), hashes.begin(), hashes.end());
      std::vector<TransactionStatus> all(hashes.size());
      for (size_t i = 0; i < hashes.size(); ++i) {
        if (has.count(hashes[i]) > 0) all[i].kind = as;
      }
      return absl::StatusOr<std::vector<TransactionStatus>>(all);
    });
  }
  std::vector<chain::TransactionRecord> Filled() {
    std::vector<chain::TransactionRecord> transactions = submitted_;
    watch_.Fill(transactions);
    return transactions;
  }

  std::vector<chain::TransactionRecord> submitted_;
  std::vector<std::string> asked_;
  MempoolWatch watch_{[this](size_t skip) {
                        return std::vector<chain::TransactionRecord>(
                            submitted_.begin() + static_cast<std::ptrdiff_t>(skip),
                            submitted_.end());
                      },
                      RunTime(1000)};
};

TEST_F(MempoolWatchTest, KeepsFirstAndLastSightAndWhoHadIt) {
  Submit("a", RunTime(0));
  Submit("b", RunTime(0));
  Ask(0, 100, {"a"});
  Ask(1, 200, {"a"}, TransactionStatus::Kind::kInBlock);
  EXPECT_THAT(asked_, ElementsAre("a", "b"));
  Ask(0, 300, {});
  EXPECT_THAT(asked_, ElementsAre("b"));
  const std::vector<chain::TransactionRecord> filled = Filled();
  EXPECT_EQ(filled[0].seen_by, (chain::NodeSet{0, 1}));
  EXPECT_THAT(filled[0].first_seen, Optional(RunTime(100)));
  EXPECT_THAT(filled[0].last_seen, Optional(RunTime(200)));
  EXPECT_TRUE(filled[1].seen_by.empty());
  EXPECT_EQ(filled[1].first_seen, std::nullopt);
}

TEST_F(MempoolWatchTest, ARejectedOneIsNotSeen) {
  Submit("a", RunTime(0));
  Ask(0, 100, {"a"}, TransactionStatus::Kind::kRejected);
  EXPECT_TRUE(Filled()[0].seen_by.empty());
}

TEST_F(MempoolWatchTest, DoesNotLookForWhatWasRefusedNorForEver) {
  Submit("refused", RunTime(0), "no");
  Submit("a", RunTime(0));
  Ask(0, 900, {});
  EXPECT_THAT(asked_, ElementsAre("a"));
  Submit("b", RunTime(950));
  Ask(0, 1100, {});
  EXPECT_THAT(asked_, ElementsAre("b"));
}

TEST_F(MempoolWatchTest, AsksAgainAfterAnErrorAndInBatches) {
  for (int i = 0; i < 1200; ++i) Submit(std::to_string(i), RunTime(0));
  int questions = 0;
  watch_.AskAfter(0, RunTime(100), [&](const std::vector<std::string>& hashes) {
    EXPECT_LE(hashes.size(), 512u);
    ++questions;
    return absl::StatusOr<std::vector<TransactionStatus>>(absl::UnavailableError("down"));
  });
  EXPECT_EQ(questions, 1);
  Ask(0, 200, {"7", "1199"});
  EXPECT_THAT(asked_, SizeIs(1200));
  Ask(0, 300, {});
  EXPECT_THAT(asked_, SizeIs(1198));
}

}  // namespace
}  // namespace gtestnet::nomos
