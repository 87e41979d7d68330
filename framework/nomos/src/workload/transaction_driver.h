// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_TRANSACTION_DRIVER_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_TRANSACTION_DRIVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/run_context.h"
#include "nomos/src/workload/note_book.h"
#include "nomos/src/workload/rates.h"

namespace gtestnet::nomos {

// How the driver talks to nodes.
struct TransactionPort {
  std::function<absl::Status(const NodeInfo&, const SignedTransaction&)> submit;
  std::function<absl::StatusOr<std::vector<TransactionStatus>>(const NodeInfo&,
                                                               const std::vector<std::string>&)>
      status;
};
// By HTTP. An answer is waited for during four blocks, at least 1 s and at most 5 s (stretched by
// GTESTNET_TIMEOUT_SCALE).
TransactionPort MakeTransactionPort(const Pace& pace);

// The i-th submission is due at `start` + (i + 1) × `interval`, whatever became of the others.
struct TransactionSchedule {
  Clock::TimePoint start;
  std::chrono::duration<double, std::nano> interval;
  Clock::TimePoint At(int64_t i) const {
    return start + PauseOf(interval * static_cast<double>(i + 1));
  }
  // How many are.
  int64_t DueBy(Clock::TimePoint now) const {
    auto due = static_cast<int64_t>((now - start) / interval);
    while (At(due) <= now) ++due;
    while (due > 0 && At(due - 1) > now) --due;
    return due;
  }
};

// Drives a TransactionWorkload. Each note goes round: it is free, spent by a transaction that is
// under way, and what that one made is free once its block is final.
class TransactionDriver {
 public:
  // `senders` threads submit for `users`, so that a node that does not answer holds up one only.
  TransactionDriver(WorkloadRun& run, TransactionOptions options, std::vector<ClaimedWallet> users,
                    TransactionPort port, int senders);

  // Until the workload is to stop.
  absl::Status Run();
  // After Run: the users with what they own by now.
  std::vector<ClaimedWallet> Close();

 private:
  struct UnderWay {
    SignedTransaction transaction;
    std::vector<OwnedNote> spent;
    std::vector<size_t> owners;  // of what it makes
    NodeIndex node = 0;          // where it was submitted last
    bool in_doubt = false;       // the node gave no clear answer: it may have taken it or not
    bool in_block = false;
    Clock::TimePoint look_at{};  // when to ask after it if it is in no block by then
  };
  struct Counts {
    int64_t submitted = 0, refused = 0, resubmitted = 0, without_note = 0, without_node = 0;
  };

  void Send(std::stop_token stop);
  void SubmitNext(int64_t number);
  void Conclude(UnderWay entry, RunTime at, const absl::Status& answer);
  void Fail(const absl::Status& status);

  // The healthy nodes; without one, those that are up.
  const std::vector<NodeInfo>& Takers();
  // The one whose turn it is; null if there is none.
  const NodeInfo* Choose(int64_t number);
  // Those that are final make room for others.
  void Settle();
  // Asks after those that should be in a block by now.
  void LookForLost();
  std::vector<std::string> DueToLookFor();
  // By hash: what the nodes that are up know together, and who of them answered.
  struct Answers {
    std::map<std::string, bool> known;
    std::set<NodeIndex> answered;
    bool everyone = true;
  };
  Answers AskAfter(const std::vector<std::string>& hashes);
  void TreatLost(const std::string& hash, const Answers& answers);
  std::string Words() const;
  // Of so many that were due.
  Numbers LeftOut(int64_t due) const;
  // Sent or left out.
  int64_t Treated() const;
  int64_t Unsent(int64_t due) const;
  // What this program did not send while it did not run itself, as it was stopped or starved, it
  // does not owe. A sleep was to end at `until`.
  void NoteStandstill(Clock::TimePoint until);

  WorkloadRun& run_;
  RunContext& context_;
  const TransactionOptions options_;
  const TransactionPort port_;
  const int senders_;
  const std::chrono::nanoseconds block_;  // the mean block interval
  const size_t users_;
  const double rate_;  // per mean block interval
  const TransactionSchedule schedule_;

  mutable std::mutex mutex_;
  NoteBook book_;
  int64_t next_ = 0;
  Counts counts_;
  std::map<std::string, UnderWay> under_way_;
  std::map<NodeIndex, RunTime> silent_since_;  // did not answer a submission then
  std::vector<NodeInfo> healthy_;              // as of healthy_at_
  std::optional<Clock::TimePoint> healthy_at_;
  Random spread_random_;
  // What an earlier workload left under way.
  struct Incoming {
    std::string transaction;
    OwnedNote note;
  };
  std::vector<Incoming> incoming_;
  int64_t while_stopped_ = 0;  // due while this program did not run; of Run's thread
  absl::Status failure_;
  std::stop_source failed_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_TRANSACTION_DRIVER_H_
