// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_INVALID_TRANSACTION_DRIVER_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_INVALID_TRANSACTION_DRIVER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/nomos/invalid_transaction_workload.h"
#include "gtestnet/run_context.h"
#include "nomos/src/workload/transaction_driver.h"

namespace gtestnet::nomos {

// Drives an InvalidTransactionWorkload: one flaw after the other, to one node after the other. The
// options and the users must outlive it.
class InvalidTransactionDriver {
 public:
  // One is spent for double spends, the other is what all else pretends to spend.
  static constexpr size_t kNotesOfUser = 2;

  InvalidTransactionDriver(WorkloadRun& run, const InvalidTransactionOptions& options,
                           std::vector<ClaimedWallet>& users, TransactionPort port);

  // Until the workload is to stop. Then the users own what they did, but for what double spends
  // needed.
  absl::Status Run();

 private:
  std::string Words() const;
  // Spends a note, so that it can be spent again: once that is final no block may.
  absl::Status PrepareSpent();
  absl::StatusOr<SignedTransaction> Make(Flaw flaw);
  absl::Status Send(Flaw flaw);
  void Record(const SignedTransaction& transaction, const NodeInfo& node, RunTime at,
              const absl::Status& answer, std::string flaw);
  // One after the other.
  std::optional<NodeInfo> NextNode();

  WorkloadRun& run_;
  const InvalidTransactionOptions& options_;
  std::vector<ClaimedWallet>& users_;
  const TransactionPort port_;
  int64_t taken_ = 0;
  int64_t refused_ = 0;
  uint64_t made_ = 0;
  size_t next_node_ = 0;
  Note spent_;
  std::optional<SignedTransaction> first_;  // what spent it
  bool first_recorded_ = false;
  bool spent_is_final_ = false;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_INVALID_TRANSACTION_DRIVER_H_
