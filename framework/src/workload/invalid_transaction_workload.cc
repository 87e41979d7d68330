// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/invalid_transaction_workload.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/block_feed.h"
#include "gtestnet/nomos.h"
#include "gtestnet/run_context.h"
#include "src/base/hash.h"
#include "src/base/status.h"
#include "src/workload/healthy_nodes.h"
#include "src/workload/transaction_driver.h"

namespace gtestnet {
namespace {

constexpr double kHighestRate = 100;
// One is spent for double spends, the other is what all else pretends to spend.
constexpr size_t kNotesOfUser = 2;
// No transaction may have so many.
constexpr size_t kTooManyBytes = 70 * 1024;

std::string NameOf(Flaw flaw) {
  std::ostringstream name;
  name << flaw;
  return name.str();
}

template <class... Words>
absl::Status Refuse(const InvalidTransactionOptions& options, const Words&... words) {
  return InvalidArgument(absl::StrCat("invalid transactions \"", options.name, "\": ", words...));
}

class InvalidDriver {
 public:
  InvalidDriver(WorkloadRun& run, const InvalidTransactionOptions& options,
                std::vector<ClaimedWallet>& users, TransactionPort port)
      : run_(run), options_(options), users_(users), port_(std::move(port)) {}

  absl::Status Run() {
    run_.Plan(Words());
    const auto interval = std::chrono::duration_cast<std::chrono::nanoseconds>(
        run_.context().pace().block_interval() / options_.rate_per_block);
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

 private:
  std::string Words() const {
    std::string words = absl::StrCat(options_.rate_per_block, " wrong transactions per block");
    for (size_t i = 0; i < options_.flaws.size(); ++i) {
      absl::StrAppend(&words, i == 0 ? ": " : ", ", NameOf(options_.flaws[i]));
    }
    if (taken_ + refused_ > 0) {
      absl::StrAppend(&words, "; ", refused_, " refused, ", taken_, " taken by a node");
    }
    return words;
  }

  // Spends a note, so that it can be spent again: once that is final no block may.
  absl::Status PrepareSpent() {
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
    const std::optional<FeedInclusion> inclusion =
        run_.context().block_feed().InclusionOf(first_->hash);
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
    if (answer.ok() && !std::exchange(first_recorded_, true))
      Record(*first_, *node, at, answer, "");
    return absl::OkStatus();
  }

  absl::StatusOr<SignedTransaction> Make(Flaw flaw) {
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

  absl::Status Send(Flaw flaw) {
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

  void Record(const SignedTransaction& transaction, const NodeInfo& node, RunTime at,
              const absl::Status& answer, std::string flaw) {
    TransactionRecord record;
    record.hash = transaction.hash;
    record.workload = run_.name();
    record.node = node.index;
    record.submitted_at = at;
    if (!answer.ok()) record.refusal = MessageOf(answer);
    record.spends = ToRecords(transaction.spends);
    record.makes = ToRecords(transaction.makes);
    record.flaw = std::move(flaw);
    run_.context().Record(std::move(record));
  }

  // One after the other.
  std::optional<NodeInfo> NextNode() {
    std::vector<HealthyNode> healthy = HealthyNodes(run_.context());
    if (healthy.empty()) return std::nullopt;
    return std::move(healthy[next_node_++ % healthy.size()].info);
  }

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

absl::Status DriveInvalid(WorkloadRun& run, const InvalidTransactionOptions& options) {
  RunContext& context = run.context();
  GTESTNET_RETURN_IF_ERROR(Validate(options, context.topology()));
  absl::StatusOr<std::vector<ClaimedWallet>> users =
      context.wallets().Claim(static_cast<size_t>(options.users));
  if (!users.ok()) return Refuse(options, users.status().message());
  const absl::Status result =
      InvalidDriver(run, options, *users, MakeTransactionPort(context.pace())).Run();
  for (ClaimedWallet& wallet : *users) context.wallets().Return(std::move(wallet));
  return result;
}

WorkloadOptions OptionsOf(const InvalidTransactionOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  return workload;
}

}  // namespace

InvalidTransactionWorkload::InvalidTransactionWorkload(RunContext& context,
                                                       InvalidTransactionOptions options)
    : Workload(context, OptionsOf(options),
               [options](WorkloadRun& run) { return DriveInvalid(run, options); }) {}

absl::Status Validate(const InvalidTransactionOptions& options, const TopologySpec& topology) {
  if (topology.kind != &NomosKind()) return Refuse(options, "only Nomos nodes take them");
  if (!std::isfinite(options.rate_per_block) || options.rate_per_block <= 0 ||
      options.rate_per_block > kHighestRate) {
    return Refuse(options, "the rate is ", options.rate_per_block,
                  " per block; it must be above 0 and at most ", kHighestRate);
  }
  if (options.flaws.empty()) return Refuse(options, "no flaw is given");
  const int wallets = NomosParametersOf(topology).wallets;
  if (options.users < 1 || options.users > wallets) {
    return Refuse(options, options.users, " users, but it needs at least 1, and the topology has ",
                  wallets, wallets == 1 ? " wallet" : " wallets");
  }
  if (NotesPerWalletOf(topology) < static_cast<int>(kNotesOfUser)) {
    return Refuse(options, "a wallet has ", NotesPerWalletOf(topology),
                  " note; it needs .NotesPerWallet(", kNotesOfUser, ")");
  }
  return absl::OkStatus();
}

}  // namespace gtestnet
