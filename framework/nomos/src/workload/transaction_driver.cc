// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/transaction_driver.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/clock_watch.h"
#include "core/src/base/thread.h"
#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/variables.h"
#include "nomos/src/observe/client_cache.h"
#include "nomos/src/workload/healthy_nodes.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

// After so many block intervals outside of any block a transaction is asked after.
constexpr int kPatience = 4;

// Whether the node has said that it does not want it, and not merely said nothing clear.
bool IsRefusal(const absl::Status& answer) {
  switch (answer.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

}  // namespace

TransactionPort MakeTransactionPort(const Pace& pace) {
  const auto block = std::chrono::ceil<milliseconds>(pace.block_interval());
  const milliseconds timeout =
      Scaled(std::clamp(4 * block, milliseconds(1000), milliseconds(5000)));
  auto clients = std::make_shared<ClientCache>();
  return {.submit =
              [clients, timeout](const NodeInfo& node, const SignedTransaction& t) {
                return clients->For(node).Submit(t, timeout);
              },
          .status =
              [clients, timeout](const NodeInfo& node, const std::vector<std::string>& hashes) {
                return clients->For(node).GetStatus(hashes, timeout);
              }};
}

TransactionDriver::TransactionDriver(WorkloadRun& run, TransactionOptions options,
                                     std::vector<ClaimedWallet> users, TransactionPort port,
                                     int senders)
    : run_(run),
      context_(run.context()),
      options_(std::move(options)),
      port_(std::move(port)),
      senders_(senders),
      block_(PauseOf(context_.pace().block_interval())),
      users_(users.size()),
      rate_(RatePerBlock(options_, context_.pace())),
      schedule_{context_.clock().Now(), std::chrono::duration<double, std::nano>(block_) / rate_},
      book_({}, run.random(), options_.change),
      spread_random_(run.random().Fork("spread")) {
  for (size_t user = 0; user < users.size(); ++user) {
    for (IncomingNote& incoming : users[user].incoming) {
      incoming_.push_back({std::move(incoming.transaction), {std::move(incoming.note), user}});
    }
    users[user].incoming.clear();
  }
  book_ = NoteBook(std::move(users), run.random().Fork("notes"), options_.change);
}

absl::Status TransactionDriver::Run() {
  run_.Plan(Words());
  int64_t due = 0;
  {
    std::vector<Thread> threads;
    for (int i = 0; i < senders_; ++i) {
      threads.emplace_back([this](const std::stop_token& stop) { Send(stop); },
                           [this](const absl::Status& why) { Fail(why); });
      if (!threads.back().status().ok()) return threads.back().status();
    }
    Clock::TimePoint until = context_.clock().Now() + block_ / 2;
    while (!failed_.stop_requested() && run_.SleepFor(block_ / 2)) {
      NoteStandstill(until);
      Settle();
      LookForLost();
      until = context_.clock().Now() + block_ / 2;
    }
    NoteStandstill(until);
    due = schedule_.DueBy(context_.clock().Now());
    for (Thread& thread : threads) thread.request_stop();
  }
  Settle();
  run_.Plan(Words());
  due -= std::min(Unsent(due), while_stopped_);
  // What came due between that look and the senders' end was sent, too.
  due = std::max(due, Treated());
  run_.Owed(due, LeftOut(due), options_.taken, chain::kOwesTransactions);
  std::lock_guard lock(mutex_);
  return failure_;
}

std::vector<ClaimedWallet> TransactionDriver::Close() {
  std::lock_guard lock(mutex_);
  std::vector<ClaimedWallet> users = book_.Close();
  for (Incoming& incoming : incoming_) {
    users[incoming.note.owner].incoming.push_back(
        {std::move(incoming.transaction), std::move(incoming.note.note)});
  }
  for (auto& [hash, entry] : under_way_) {
    if (entry.in_doubt) continue;
    for (size_t i = 0; i < entry.owners.size(); ++i) {
      users[entry.owners[i]].incoming.push_back({hash, std::move(entry.transaction.makes[i])});
    }
  }
  under_way_.clear();
  return users;
}

std::string TransactionDriver::Words() const {
  std::lock_guard lock(mutex_);
  std::string words =
      absl::StrCat(users_, users_ == 1 ? " user, " : " users, ", rate_, " transactions per block");
  if (next_ > 0) absl::StrAppend(&words, "; ", counts_.submitted, " taken by a node");
  if (counts_.refused > 0) absl::StrAppend(&words, ", ", counts_.refused, " not");
  if (counts_.resubmitted > 0) {
    absl::StrAppend(&words, ", ", counts_.resubmitted, " submitted again after they were lost");
  }
  if (counts_.without_note > 0) {
    absl::StrAppend(&words, ", ", counts_.without_note,
                    " left out because no confirmed note was free");
  }
  if (counts_.without_node > 0) {
    absl::StrAppend(&words, ", ", counts_.without_node, " left out because no node was up");
  }
  return words;
}

void TransactionDriver::NoteStandstill(Clock::TimePoint until) {
  const Clock::TimePoint now = context_.clock().Now();
  if (StoodStill(until, now) == Clock::TimePoint::duration::zero()) return;
  while_stopped_ += schedule_.DueBy(now) - schedule_.DueBy(until);
}

int64_t TransactionDriver::Treated() const {
  std::lock_guard lock(mutex_);
  return counts_.submitted + counts_.refused + counts_.without_note + counts_.without_node;
}

int64_t TransactionDriver::Unsent(int64_t due) const {
  return std::max<int64_t>(0, due - Treated());
}

Numbers TransactionDriver::LeftOut(int64_t due) const {
  const int64_t unsent = Unsent(due);
  std::lock_guard lock(mutex_);
  Numbers left_out;
  const auto tell = [&](const char* why, int64_t count) {
    if (count > 0) left_out[why] = static_cast<double>(count);
  };
  tell("no confirmed note was free", counts_.without_note);
  tell("no node was up", counts_.without_node);
  tell("nodes took too long to answer", unsent);
  return left_out;
}

void TransactionDriver::Fail(const absl::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
  }
  failed_.request_stop();
}

void TransactionDriver::Send(std::stop_token stop) {
  while (!stop.stop_requested() && !failed_.stop_requested()) {
    int64_t number = 0;
    {
      std::lock_guard lock(mutex_);
      number = next_++;
    }
    // What was due before the end is sent.
    if (!context_.clock().SleepUntil(schedule_.At(number), stop) &&
        context_.clock().Now() < schedule_.At(number)) {
      return;
    }
    SubmitNext(number);
  }
}

// Asking for every transaction would cost more than the transaction does.
const std::vector<NodeInfo>& TransactionDriver::Takers() {
  constexpr milliseconds kFresh{20};
  const Clock::TimePoint now = context_.clock().Now();
  if (healthy_at_.has_value() && now < *healthy_at_ + kFresh) return healthy_;
  healthy_at_ = now;
  healthy_.clear();
  for (HealthyNode& node : nomos::HealthyNodes(context_)) {
    const NodeIndex index = node.info.index;
    if (options_.spread == Spread::kOneNode && index != options_.node) continue;
    auto silent = silent_since_.find(index);
    if (silent != silent_since_.end() && node.seen_at <= silent->second) continue;
    healthy_.push_back(std::move(node.info));
  }
  if (!healthy_.empty()) return healthy_;
  // All are slow, or ill: they are asked all the same, as what is due is due.
  for (NodeInfo& node : context_.nodes()) {
    if (!context_.IsUp(node.index)) continue;
    if (options_.spread == Spread::kOneNode && node.index != options_.node) continue;
    healthy_.push_back(std::move(node));
  }
  return healthy_;
}

const NodeInfo* TransactionDriver::Choose(int64_t number) {
  const std::vector<NodeInfo>& healthy = Takers();
  if (healthy.empty()) return nullptr;
  if (options_.spread == Spread::kRandom) return &healthy[spread_random_.Below(healthy.size())];
  return &healthy[static_cast<size_t>(number) % healthy.size()];
}

void TransactionDriver::SubmitNext(int64_t number) {
  UnderWay entry;
  NodeInfo node;
  const RunTime at = context_.now();
  {
    std::lock_guard lock(mutex_);
    const NodeInfo* const chosen = Choose(number);
    if (chosen == nullptr) {
      ++counts_.without_node;
      return;
    }
    std::optional<OwnedNote> note = book_.Take();
    if (!note.has_value()) {
      ++counts_.without_note;
      return;
    }
    node = *chosen;
    entry.node = node.index;
    absl::StatusOr<NoteBook::Payment> payment = book_.Pay(*std::move(note));
    if (!payment.ok()) {
      if (failure_.ok()) failure_ = payment.status();
      failed_.request_stop();
      return;
    }
    entry.transaction = std::move(payment->transaction);
    entry.spent = std::move(payment->spent);
    entry.owners = std::move(payment->owners);
  }
  const absl::Status answer = port_.submit(node, entry.transaction);
  Conclude(std::move(entry), at, answer);
}

void TransactionDriver::Conclude(UnderWay entry, RunTime at, const absl::Status& answer) {
  const bool taken = answer.ok() || absl::IsAlreadyExists(answer);
  chain::TransactionRecord record;
  record.hash = entry.transaction.hash;
  record.workload = run_.name();
  record.node = entry.node;
  record.submitted_at = at;
  if (!taken) record.refusal = std::string(answer.message());
  record.spends = ToRecords(entry.transaction.spends);
  record.makes = ToRecords(entry.transaction.makes);
  SubmissionsOf(context_).Record(std::move(record));
  if (taken) run_.Acted();

  std::lock_guard lock(mutex_);
  ++(taken ? counts_.submitted : counts_.refused);
  if (IsRefusal(answer)) {
    for (OwnedNote& note : entry.spent) book_.Put(std::move(note));
    return;
  }
  if (!taken) {
    entry.in_doubt = true;
    silent_since_[entry.node] = context_.now();
    healthy_at_.reset();
  }
  entry.look_at = context_.clock().Now() + kPatience * block_;
  std::string hash = entry.transaction.hash;
  under_way_.emplace(std::move(hash), std::move(entry));
}

void TransactionDriver::Settle() {
  const chain::BlockFeed& feed = chain::BlockFeedOf(context_);
  std::lock_guard lock(mutex_);
  std::erase_if(incoming_, [&](Incoming& incoming) {
    const std::optional<chain::FeedInclusion> inclusion = feed.InclusionOf(incoming.transaction);
    if (!inclusion.has_value() || !inclusion->finalised) return false;
    book_.Put(std::move(incoming.note));
    return true;
  });
  for (auto it = under_way_.begin(); it != under_way_.end();) {
    UnderWay& entry = it->second;
    const std::optional<chain::FeedInclusion> inclusion = feed.InclusionOf(it->first);
    entry.in_block = inclusion.has_value();
    if (inclusion.has_value() && inclusion->finalised) {
      for (size_t i = 0; i < entry.owners.size(); ++i) {
        book_.Put({std::move(entry.transaction.makes[i]), entry.owners[i]});
      }
      it = under_way_.erase(it);
    } else {
      ++it;
    }
  }
}

std::vector<std::string> TransactionDriver::DueToLookFor() {
  const Clock::TimePoint now = context_.clock().Now();
  std::lock_guard lock(mutex_);
  std::vector<std::string> due;
  for (auto& [hash, entry] : under_way_) {
    if (entry.in_block || now < entry.look_at) continue;
    entry.look_at = now + kPatience * block_;
    due.push_back(hash);
  }
  return due;
}

TransactionDriver::Answers TransactionDriver::AskAfter(const std::vector<std::string>& hashes) {
  Answers answers;
  for (const NodeInfo& node : context_.nodes()) {
    if (!context_.IsUp(node.index)) continue;
    absl::StatusOr<std::vector<TransactionStatus>> status = port_.status(node, hashes);
    if (!status.ok() || status->size() != hashes.size()) {
      answers.everyone = false;
      continue;
    }
    answers.answered.insert(node.index);
    for (size_t i = 0; i < hashes.size(); ++i) {
      const bool known = (*status)[i].kind == TransactionStatus::Kind::kPending ||
                         (*status)[i].kind == TransactionStatus::Kind::kInBlock;
      if (known) answers.known[hashes[i]] = true;
    }
  }
  return answers;
}

void TransactionDriver::LookForLost() {
  const std::vector<std::string> due = DueToLookFor();
  if (due.empty()) return;
  const Answers answers = AskAfter(due);
  if (!answers.everyone || answers.answered.empty()) return;
  for (const std::string& hash : due) {
    if (answers.known.count(hash) == 0) TreatLost(hash, answers);
  }
}

void TransactionDriver::TreatLost(const std::string& hash, const Answers& answers) {
  // The feed may know better by now.
  if (chain::BlockFeedOf(context_).InclusionOf(hash).has_value()) return;
  SignedTransaction transaction;
  NodeInfo node;
  {
    std::lock_guard lock(mutex_);
    auto it = under_way_.find(hash);
    if (it == under_way_.end()) return;
    UnderWay& entry = it->second;
    if (entry.in_doubt) {
      // Its note is free again; but not while the node that was silent could still take it.
      if (answers.answered.count(entry.node) == 0) return;
      for (OwnedNote& note : entry.spent) book_.Put(std::move(note));
      under_way_.erase(it);
      return;
    }
    const std::vector<NodeInfo>& healthy = Takers();
    if (healthy.empty()) return;
    // Another node than before, if there is one.
    auto other = std::find_if(healthy.begin(), healthy.end(), [&](const NodeInfo& candidate) {
      return candidate.index > entry.node;
    });
    node = other != healthy.end() ? *other : healthy.front();
    entry.node = node.index;
    transaction = entry.transaction;
  }
  SubmissionsOf(context_).RecordLost(hash);
  if (!port_.submit(node, transaction).ok()) return;
  std::lock_guard lock(mutex_);
  ++counts_.resubmitted;
}

}  // namespace gtestnet::nomos
