// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/data_availability_driver.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/clock_watch.h"
#include "core/src/base/hash.h"
#include "core/src/base/thread.h"
#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/variables.h"
#include "nomos/src/kind/parameters.h"
#include "nomos/src/observe/client_cache.h"
#include "nomos/src/workload/healthy_nodes.h"
#include "nomos/src/workload/rates.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;

// How long a channel is occupied by a message, in block intervals: dispersal, sampling,
// inclusion.
constexpr double kBlocksPerMessage = 4;
// A message that is in no block after so many of them was lost.
constexpr int kPatience = 12;
// What was due before the end and waits for its turn is sent, if it gets it so soon.
constexpr milliseconds kPatienceAtEnd{5000};

// As ClientCache, of clients of data availability.
class DaClientCache {
 public:
  DaClient For(const NodeInfo& node) {
    std::lock_guard lock(mutex_);
    auto [it, is_new] = clients_.try_emplace(node.index, node);
    const NodeAddress& known = it->second.node().address;
    if (!is_new && (known.host != node.address.host || known.ports != node.address.ports)) {
      it->second = DaClient(node);
    }
    return it->second;
  }

 private:
  std::mutex mutex_;
  std::map<NodeIndex, DaClient> clients_;
};

}  // namespace

DataAvailabilityPort MakeDataAvailabilityPort(milliseconds submit_timeout,
                                              milliseconds disperse_timeout) {
  auto clients = std::make_shared<ClientCache>();
  auto da_clients = std::make_shared<DaClientCache>();
  return {.submit =
              [clients, submit_timeout](const NodeInfo& node, const SignedTransaction& t) {
                return clients->For(node).Submit(t, submit_timeout);
              },
          .disperse =
              [da_clients, disperse_timeout](const NodeInfo& node, const BlobMessage& message) {
                return da_clients->For(node).Disperse(message, disperse_timeout);
              }};
}

int64_t FirstChannels(const DataAvailabilityOptions& options) {
  const double needed = std::max(1.0, options.blob_rate * kBlocksPerMessage);
  return static_cast<int64_t>(std::ceil(needed * (1 + options.headroom / 100.0)));
}

DataAvailabilityDriver::DataAvailabilityDriver(WorkloadRun& run, DataAvailabilityOptions options,
                                               DataAvailabilityPort port, int senders)
    : run_(run),
      context_(run.context()),
      options_(std::move(options)),
      port_(std::move(port)),
      senders_(senders),
      block_(PauseOf(context_.pace().block_interval())),
      random_(run.random().Fork("blobs")),
      channel_schedule_{context_.clock().Now(),
                        std::chrono::duration<double, std::nano>(block_) / options_.channel_rate},
      blob_interval_(std::chrono::duration<double, std::nano>(block_) / options_.blob_rate),
      book_(kPatience * block_) {}

absl::Status DataAvailabilityDriver::Run() {
  run_.Plan(Words());
  Clock::TimePoint now;
  {
    std::vector<Thread> threads;
    Clock::TimePoint until = context_.clock().Now() + block_ / 4;
    for (; run_.SleepFor(block_ / 4); until = context_.clock().Now() + block_ / 4) {
      NoteStandstill(until);
      Settle();
      OpenChannels(run_.stop_token());
      std::lock_guard lock(mutex_);
      if (!failure_.ok()) break;
      if (!threads.empty() || !book_.any_open()) continue;
      const TransactionSchedule schedule{context_.clock().Now(), blob_interval_};
      blob_schedule_ = schedule;
      for (int i = 0; i < senders_; ++i) {
        threads.emplace_back(
            [this, schedule](const std::stop_token& stop) { Send(stop, schedule); },
            [this](const absl::Status& why) {
              const std::lock_guard failing(mutex_);
              failure_.Update(why);
            });
        failure_.Update(threads.back().status());
      }
    }
    NoteStandstill(until);
    now = context_.clock().Now();
    {
      std::lock_guard lock(mutex_);
      ended_at_ = now;
    }
    for (Thread& thread : threads) thread.request_stop();
  }
  run_.Plan(Words());
  TellDebt(now);
  std::lock_guard lock(mutex_);
  return failure_;
}

void DataAvailabilityDriver::NoteStandstill(Clock::TimePoint until) {
  const Clock::TimePoint now = context_.clock().Now();
  const Clock::TimePoint::duration stood_still = StoodStill(until, now);
  if (stood_still == stood_still.zero()) return;
  if (blob_schedule_.has_value()) {
    while_stopped_ += blob_schedule_->DueBy(now) - blob_schedule_->DueBy(until);
  } else {
    stopped_before_ += stood_still;
  }
}

int64_t DataAvailabilityDriver::LateBlobs(Clock::TimePoint now) const {
  const Clock::TimePoint due = channel_schedule_.start + kPatience * block_ + stopped_before_;
  const Clock::TimePoint open = blob_schedule_.has_value() ? blob_schedule_->start : now;
  return open <= due ? 0 : static_cast<int64_t>((open - due) / blob_interval_);
}

void DataAvailabilityDriver::TellDebt(Clock::TimePoint now) {
  const int64_t late = LateBlobs(now);
  std::lock_guard lock(mutex_);
  const int64_t treated =
      counts_.dispersed + counts_.refused + counts_.without_channel + counts_.without_node;
  int64_t due = blob_schedule_.has_value() ? blob_schedule_->DueBy(now) : 0;
  due -= std::clamp<int64_t>(due - treated, 0, while_stopped_);
  // What came due between that look and the senders' end was sent, too.
  due = std::max(due, treated);
  Numbers left_out;
  const auto tell = [&](const char* why, int64_t count) {
    if (count > 0) left_out[why] = static_cast<double>(count);
  };
  tell("no channel was open", late);
  tell("no channel was free", counts_.without_channel);
  tell("no executor was healthy", counts_.without_node);
  tell("executors took too long to answer", due - treated);
  run_.Owed(due + late, std::move(left_out), options_.taken, chain::kOwesBlobs);
}

std::string DataAvailabilityDriver::Words() const {
  std::lock_guard lock(mutex_);
  std::string words =
      absl::StrCat(options_.blob_rate, " blobs of ", options_.payload.min, " to ",
                   options_.payload.max, " bytes per block, ", FirstChannels(options_),
                   " channels at first and ", options_.channel_rate, " more per block");
  if (next_channel_ > 0) absl::StrAppend(&words, "; ", counts_.channels, " channels opened");
  if (counts_.channels_refused > 0) {
    absl::StrAppend(&words, ", ", counts_.channels_refused, " not");
  }
  if (next_blob_ > 0) absl::StrAppend(&words, "; ", counts_.dispersed, " blobs dispersed");
  if (counts_.refused > 0) absl::StrAppend(&words, ", ", counts_.refused, " not");
  if (counts_.without_channel > 0) {
    absl::StrAppend(&words, ", ", counts_.without_channel, " left out because no channel was free");
  }
  if (counts_.without_node > 0) {
    absl::StrAppend(&words, ", ", counts_.without_node,
                    " left out because no executor was healthy");
  }
  if (book_.given_up() > 0) {
    absl::StrAppend(&words, "; ", book_.given_up(), " channels given up");
  }
  return words;
}

std::vector<NodeInfo> DataAvailabilityDriver::HealthyNodes(std::string_view role) const {
  std::vector<NodeInfo> healthy;
  for (HealthyNode& node : nomos::HealthyNodes(context_)) {
    if (role.empty() || node.info.role == role) healthy.push_back(std::move(node.info));
  }
  return healthy;
}

void DataAvailabilityDriver::OpenChannels(std::stop_token stop) {
  const Clock::TimePoint now = context_.clock().Now();
  while (channel_schedule_.At(due_channels_) <= now) ++due_channels_;
  while (!stop.stop_requested()) {
    {
      std::lock_guard lock(mutex_);
      if (next_channel_ >= FirstChannels(options_) + due_channels_ + book_.given_up()) return;
    }
    const absl::Status opened = OpenChannel(next_channel_);
    // Without a node to take it, it stays due.
    if (absl::IsUnavailable(opened)) return;
    std::lock_guard lock(mutex_);
    ++next_channel_;
    ++(opened.ok() ? counts_.channels : counts_.channels_refused);
    if (absl::IsInvalidArgument(opened) && failure_.ok()) failure_ = opened;
  }
}

absl::Status DataAvailabilityDriver::OpenChannel(int64_t number) {
  const std::vector<NodeInfo> healthy = HealthyNodes("");
  if (healthy.empty()) return absl::UnavailableError("no node is healthy");
  const NodeInfo& node = healthy[static_cast<size_t>(number) % healthy.size()];
  const std::string channel = base::ToHex(random_.Bytes(absl::StrCat("channel/", number)));
  absl::StatusOr<SignedTransaction> transaction =
      Transfer()
          .Inscribe({channel, absl::StrCat(run_.name(), " ", number), ""}, DispersalKey())
          .Build();
  if (!transaction.ok()) return absl::InvalidArgumentError(transaction.status().message());
  chain::InscriptionRecord record;
  record.transaction = transaction->hash;
  record.channel = channel;
  record.workload = run_.name();
  record.node = node.index;
  record.submitted_at = context_.now();
  const absl::Status answer = port_.submit(node, *transaction);
  const bool taken = answer.ok() || absl::IsAlreadyExists(answer);
  if (!taken) record.refusal = std::string(answer.message());
  SubmissionsOf(context_).Record(std::move(record));
  if (!taken) return absl::FailedPreconditionError(answer.message());
  std::lock_guard lock(mutex_);
  book_.Add(channel, transaction->messages.front(), transaction->hash, context_.clock().Now());
  return absl::OkStatus();
}

void DataAvailabilityDriver::Settle() {
  const chain::BlockFeed& feed = chain::BlockFeedOf(context_);
  std::lock_guard lock(mutex_);
  book_.Settle(context_.clock().Now(), [&](const std::string& transaction) {
    return feed.InclusionOf(transaction).has_value();
  });
}

bool DataAvailabilityDriver::IsStillToSend(Clock::TimePoint due) const {
  std::lock_guard lock(mutex_);
  if (!ended_at_.has_value()) return true;
  return due <= *ended_at_ && context_.clock().Now() < *ended_at_ + Scaled(kPatienceAtEnd);
}

void DataAvailabilityDriver::Send(std::stop_token stop, TransactionSchedule schedule) {
  for (;;) {
    int64_t number = 0;
    {
      std::lock_guard lock(mutex_);
      number = next_blob_++;
    }
    // What was due before the end is sent.
    (void)context_.clock().SleepUntil(schedule.At(number), stop);
    if (!IsStillToSend(schedule.At(number))) return;
    DisperseNext(number);
  }
}

std::string DataAvailabilityDriver::DataOf(int64_t number) const {
  Random random = random_.Fork(absl::StrCat("blob/", number));
  const auto unit = static_cast<int64_t>(kBlobUnit);
  const int64_t least = (options_.payload.min + unit - 1) / unit;
  const int64_t most = options_.payload.max / unit;
  const int64_t units =
      least + static_cast<int64_t>(random.Below(static_cast<uint64_t>(most - least + 1)));
  std::string data(static_cast<size_t>(units * unit), '\0');
  for (char& byte : data) byte = static_cast<char>(random.Below(256));
  // A blob of zeros has no commitment.
  data.front() = 'b';
  return data;
}

void DataAvailabilityDriver::DisperseNext(int64_t number) {
  const std::vector<NodeInfo> healthy = HealthyNodes(kExecutor);
  std::optional<ChannelBook::Place> place;
  {
    std::lock_guard lock(mutex_);
    if (healthy.empty()) {
      ++counts_.without_node;
      return;
    }
    place = book_.Take();
    if (!place.has_value()) {
      ++counts_.without_channel;
      return;
    }
  }
  const NodeInfo& node = healthy[static_cast<size_t>(number) % healthy.size()];
  std::string data = DataOf(number);
  chain::BlobRecord record;
  record.channel = place->channel;
  record.workload = run_.name();
  record.size = static_cast<int64_t>(data.size());
  record.data = base::ToHex(base::Hasher().Add(data).Finish());
  record.node = node.index;
  record.submitted_at = context_.now();
  const absl::StatusOr<std::string> id =
      port_.disperse(node, {place->channel, place->parent, std::move(data)});
  record.answered_after = context_.now() - record.submitted_at;
  Conclude(std::move(record), *place, id);
}

void DataAvailabilityDriver::Conclude(chain::BlobRecord record, const ChannelBook::Place& place,
                                      const absl::StatusOr<std::string>& id) {
  const absl::StatusOr<SignedTransaction> transaction =
      id.ok() ? MakeBlobTransaction(place.channel, place.parent, *id,
                                    static_cast<uint64_t>(record.size), DispersalKey())
              : absl::StatusOr<SignedTransaction>(id.status());
  if (!transaction.ok()) {
    record.refusal = std::string(transaction.status().message());
  } else {
    record.id = *id;
    record.transaction = transaction->hash;
  }
  SubmissionsOf(context_).Record(std::move(record));
  if (transaction.ok()) run_.Acted();
  std::lock_guard lock(mutex_);
  if (transaction.ok()) {
    ++counts_.dispersed;
    book_.Extend(place.channel, transaction->messages.front(), transaction->hash,
                 context_.clock().Now());
    return;
  }
  ++counts_.refused;
  // A clear answer says that nothing was submitted; without one it may have been.
  const bool clear = absl::IsInternal(id.status()) || absl::IsInvalidArgument(id.status());
  if (clear) {
    book_.Keep(place.channel);
  } else {
    book_.GiveUp(place.channel);
  }
}

}  // namespace gtestnet::nomos
