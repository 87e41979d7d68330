// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/invalid_transaction_driver.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/hash.h"
#include "core/src/base/status.h"
#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/context.h"
#include "nomos/src/workload/healthy_nodes.h"
#include "nomos/src/workload/rates.h"

namespace gtestnet::nomos {
namespace {

// No transaction may have so many.
constexpr size_t kTooManyBytes = 70 * 1024;

std::string NameOf(Flaw flaw) {
  std::ostringstream name;
  name << flaw;
  return name.str();
}

}  // namespace

InvalidTransactionDriver::InvalidTransactionDriver(WorkloadRun& run,
                                                   const InvalidTransactionOptions& options,
                                                   std::vector<ClaimedWallet>& users,
                                                   TransactionPort port)
    : run_(run), options_(options), users_(users), port_(std::move(port)) {}

absl::Status InvalidTransactionDriver::Run() {
  run_.Plan(Words());
  const std::chrono::nanoseconds interval =
      PauseOf(run_.context().pace().block_interval() / options_.rate_per_block);
  const bool wants_spent = std::find(options_.flaws.begin(), options_.flaws.end(),
                                     Flaw::kDoubleSpend) != options_.flaws.end();
  for (size_t number = 0; run_.SleepFor(interval); ++number) {
    if (wants_spent && !spent_is_final_) {
      if (absl::Status prepared = PrepareSpent(); !prepared.ok()) return prepared;
    }
    const Flaw flaw = options_.flaws[number % options_.flaws.size()];
    if (flaw == Flaw::kDoubleSpend && !spent_is_final_) continue;
    if (absl::Status sent = Send(flaw); !sent.ok()) return sent;
  }
  run_.Plan(Words());
  return absl::OkStatus();
}

std::string InvalidTransactionDriver::Words() const {
  std::string words = absl::StrCat(options_.rate_per_block, " wrong transactions per block");
  for (size_t i = 0; i < options_.flaws.size(); ++i) {
    absl::StrAppend(&words, i == 0 ? ": " : ", ", NameOf(options_.flaws[i]));
  }
  if (taken_ + refused_ > 0) {
    absl::StrAppend(&words, "; ", refused_, " refused, ", taken_, " taken by a node");
  }
  return words;
}

absl::Status InvalidTransactionDriver::PrepareSpent() {
  if (!first_.has_value()) {
    ClaimedWallet& user = users_.front();
    if (user.notes.size() < kNotesOfUser) {
      return FailedPrecondition(absl::StrCat("invalid transactions \"", options_.name,
                                             "\": its wallet has ", user.notes.size(),
                                             " notes left; a double spend needs ", kNotesOfUser));
    }
    spent_ = user.notes.back();
    GTESTNET_ASSIGN_OR_RETURN(
        first_,
        Transfer().Spend(spent_, user.key).Pay(user.key.public_key(), spent_.value).Build());
  }
  const std::optional<chain::FeedInclusion> inclusion =
      chain::BlockFeedOf(run_.context()).InclusionOf(first_->hash);
  spent_is_final_ = inclusion.has_value() && inclusion->finalised;
  if (spent_is_final_) {
    users_.front().notes.back() = first_->makes.front();
    return absl::OkStatus();
  }
  if (inclusion.has_value()) return absl::OkStatus();
  // A node that has it already says so.
  const std::optional<NodeInfo> node = NextNode();
  if (!node.has_value()) return absl::OkStatus();
  const RunTime at = run_.context().now();
  const absl::Status answer = port_.submit(*node, *first_);
  if (answer.ok() && !std::exchange(first_recorded_, true)) Record(*first_, *node, at, answer, "");
  return absl::OkStatus();
}

absl::StatusOr<SignedTransaction> InvalidTransactionDriver::Make(Flaw flaw) {
  const ClaimedWallet& user = users_[made_ % users_.size()];
  const std::string nobody = base::ToHex(run_.random().Bytes(absl::StrCat("receiver/", made_)));
  ++made_;
  Transfer transfer;
  switch (flaw) {
    case Flaw::kTooLarge:
    case Flaw::kBadMessageProof:
    case Flaw::kNoMessageProof: {
      const size_t size = flaw == Flaw::kTooLarge ? kTooManyBytes : 8;
      transfer.Inscribe({.channel = nobody, .bytes = std::string(size, 'x')}, user.key);
      break;
    }
    case Flaw::kDoubleSpend:
      transfer.Spend(spent_, users_.front().key).Pay(nobody, spent_.value);
      break;
    default:
      if (user.notes.empty()) {
        return FailedPrecondition(
            absl::StrCat("invalid transactions \"", options_.name, "\": a wallet has no note"));
      }
      transfer.Spend(user.notes.front(), user.key).Pay(nobody, user.notes.front().value);
  }
  return transfer.With(flaw).Build();
}

absl::Status InvalidTransactionDriver::Send(Flaw flaw) {
  const std::optional<NodeInfo> node = NextNode();
  if (!node.has_value()) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(const SignedTransaction transaction, Make(flaw));
  const RunTime at = run_.context().now();
  const absl::Status answer = port_.submit(*node, transaction);
  // No answer is no evidence.
  if (absl::IsUnavailable(answer) || absl::IsDeadlineExceeded(answer)) return absl::OkStatus();
  Record(transaction, *node, at, answer, NameOf(flaw));
  ++(answer.ok() ? taken_ : refused_);
  run_.Acted();
  return absl::OkStatus();
}

void InvalidTransactionDriver::Record(const SignedTransaction& transaction, const NodeInfo& node,
                                      RunTime at, const absl::Status& answer, std::string flaw) {
  chain::TransactionRecord record;
  record.hash = transaction.hash;
  record.workload = run_.name();
  record.node = node.index;
  record.submitted_at = at;
  if (!answer.ok()) record.refusal = MessageOf(answer);
  record.spends = ToRecords(transaction.spends);
  record.makes = ToRecords(transaction.makes);
  record.flaw = std::move(flaw);
  SubmissionsOf(run_.context()).Record(std::move(record));
}

std::optional<NodeInfo> InvalidTransactionDriver::NextNode() {
  std::vector<HealthyNode> healthy = HealthyNodes(run_.context());
  if (healthy.empty()) return std::nullopt;
  return std::move(healthy[next_node_++ % healthy.size()].info);
}

}  // namespace gtestnet::nomos
