// SPDX-License-Identifier: Apache-2.0
// Columns of others: sampling, reconstruction, commitments. Each column is asked of its holders one
// after the other, until one gives it and it verifies.
#include <algorithm>

#include "da_engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kMaxSamplings = 64;  // that the consensus engine wants, at once
constexpr std::size_t kMaxFetches = 256;   // of all kinds
constexpr std::size_t kMaxChecked = 64;    // blobs in one request
constexpr Millis kSampleAgain = 900;       // the engine asks once a slot; the README says a second

absl::Status Busy() { return absl::ResourceExhaustedError("too many blobs are being fetched"); }

}  // namespace

// ---- Sampling

void DaEngine::Impl::On(const WantBlobs& event) {
  std::erase_if(failed_, [this](const auto& one) {
    return now_ < one.second || now_ - one.second >= kSampleAgain;
  });
  for (const BlobId& blob : event.blobs) {
    if (found_.Contains(blob) || options_.misbehaviour.include_without_data) {
      Do(BlobFound{blob});
      continue;
    }
    if (sampling_.size() >= kMaxSamplings || sampling_.contains(blob) || failed_.contains(blob)) {
      continue;
    }
    sampling_.insert(blob);
    Sample(blob, [this, blob](bool right) {
      sampling_.erase(blob);
      if (!right) {
        failed_[blob] = now_;
        return Say(LogLevel::kWarn, "blob ", blob.Short(), " is not available yet");
      }
      found_.Insert(blob);
      ++metrics_.blobs_sampled;
      Say(LogLevel::kDebug, "blob ", blob.Short(), " is available");
      Do(BlobFound{blob});
    });
  }
}

void DaEngine::Impl::Sample(const BlobId& blob, std::function<void(bool)> then) {
  Fetch fetch;
  fetch.blob = blob;
  fetch.sampling = true;
  while (fetch.wanted.count() < std::min(options_.samples, kColumns)) {
    fetch.wanted.set(random_() % kColumns);
  }
  fetch.done = [then = std::move(then)](Fetch& ended) {
    then(!ended.all || ended.got.count() >= kEnoughColumns);
  };
  Advance(Begin(std::move(fetch)));
}

void DaEngine::Impl::On(const CheckBlobs& event) {
  if (event.blobs.size() > kMaxChecked || fetches_.size() + event.blobs.size() > kMaxFetches) {
    return Reply(event.token, Busy());
  }
  if (event.blobs.empty()) return Reply(event.token, true);
  checks_[event.token] = {event.blobs.size(), true};
  for (const BlobId& blob : event.blobs) {
    Sample(blob, [this, token = event.token](bool right) {
      Check& check = checks_.at(token);
      check.right = check.right && right;
      if (--check.left > 0) return;
      Reply(token, check.right);
      checks_.erase(token);
    });
  }
}

// ---- Reconstruction

void DaEngine::Impl::On(const ReconstructBlob& event) {
  if (fetches_.size() >= kMaxFetches) return Reply(event.token, Busy());
  Fetch fetch;
  fetch.blob = event.blob;
  fetch.wanted.set();
  fetch.done = [this, event](Fetch& ended) { Finish(event, ended); };
  const std::uint64_t id = Begin(std::move(fetch));
  Fetch& begun = fetches_.at(id);
  begun.shares = Give(event.blob, ColumnSet().set());
  for (const Share& share : begun.shares) begun.got.set(share.column);
  Advance(id);
}

void DaEngine::Impl::Finish(const ReconstructBlob& event, Fetch& fetch) {
  const std::size_t columns = fetch.got.count();
  if (columns < kEnoughColumns) {
    return Reply(event.token, absl::NotFoundError(absl::StrCat(
                                  "only ", columns, " columns of blob ", event.blob.Short(),
                                  ", of at least ", kEnoughColumns)));
  }
  std::sort(fetch.shares.begin(), fetch.shares.end(),
            [](const Share& a, const Share& b) { return a.column < b.column; });
  Run(RecoverJob{std::move(fetch.shares)}, [this, columns, token = event.token](KzgDone& done) {
    auto& data = std::get<absl::StatusOr<Bytes>>(done.result);
    if (!data.ok()) return Reply(token, data.status());
    Reply(token, Reconstructed{columns, *std::move(data)});
  });
}

// ---- Commitments

void DaEngine::Impl::On(const FindCommitment& event) {
  if (const auto stored = StoredCommitment(event.blob)) return Reply(event.token, *stored);
  std::size_t asked = 0;
  for (std::size_t member = 0; member < placement_.members(); ++member) {
    const std::optional<PeerId> peer = Connected(member);
    if (!peer || member == self_) continue;
    ++asked;
    share_requests_[++last_request_] = {
        .search = event.token, .member = member, .blob = event.blob, .columns = {}, .sent = now_};
    Do(DaSend{*peer, EncodeDaMessage(GetShares{last_request_, event.blob, {}})});
  }
  if (asked == 0) return Reply(event.token, absl::NotFoundError("nobody knows this blob"));
  searches_[event.token] = asked;
}

void DaEngine::Impl::Answered(const ShareRequest& request, bool found,
                              const Commitment& commitment) {
  const auto search = searches_.find(*request.search);
  if (search == searches_.end()) return;
  if (!found && --search->second > 0) return;
  searches_.erase(search);
  if (found) return Reply(*request.search, commitment);
  Reply(*request.search, absl::NotFoundError("nobody knows this blob"));
}

// ---- Fetching

std::uint64_t DaEngine::Impl::Begin(Fetch fetch) {
  fetch.asked.resize(placement_.members());
  fetches_.emplace(++last_fetch_, std::move(fetch));
  return last_fetch_;
}

// A random one of those that were not asked for it yet: this node itself only of a sampling, and if
// it has it.
std::optional<std::size_t> DaEngine::Impl::ChooseHolder(const Fetch& fetch, std::size_t column) {
  std::vector<std::size_t> choice;
  for (const std::size_t member : placement_.HoldersOf(column)) {
    if (fetch.asked[member][column]) continue;
    const bool there = member == self_ ? Held(fetch.blob)[column] : Connected(member).has_value();
    if (there) choice.push_back(member);
  }
  if (choice.empty()) return std::nullopt;
  return choice[choice.size() == 1 ? 0 : random_() % choice.size()];
}

// Goes on with a fetch until all that can be asked for is, and ends it when nothing is left.
void DaEngine::Impl::Advance(std::uint64_t id) {
  const auto found = fetches_.find(id);
  if (found == fetches_.end()) return;
  Fetch& fetch = found->second;
  const auto enough = [&fetch] {
    return fetch.sampling && fetch.all && fetch.got.count() >= kEnoughColumns;
  };
  std::map<std::size_t, ColumnSet> plan;
  bool widened = true;
  while (widened && !enough()) {
    widened = false;
    const ColumnSet open = fetch.wanted & ~fetch.got & ~fetch.lost & ~fetch.flying;
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (open[column] && !HasHolder(fetch, column, &plan)) fetch.lost.set(column);
    }
    if (fetch.sampling && !fetch.all && fetch.lost.any()) {
      fetch.all = widened = true;
      fetch.wanted.set();
    }
  }
  if (!enough()) {
    for (const auto& [member, columns] : plan) Ask(id, fetch, member, columns);
  }
  if (fetch.flying.any() && !enough()) return;
  Fetch ended = std::move(fetch);
  fetches_.erase(found);
  ended.done(ended);
}

bool DaEngine::Impl::HasHolder(Fetch& fetch, std::size_t column,
                               std::map<std::size_t, ColumnSet>* plan) {
  const std::optional<std::size_t> member = ChooseHolder(fetch, column);
  if (!member) return false;
  fetch.asked[*member].set(column);
  if (member == self_) {
    fetch.got.set(column);
  } else {
    (*plan)[*member].set(column);
    fetch.flying.set(column);
  }
  return true;
}

void DaEngine::Impl::Ask(std::uint64_t id, Fetch& fetch, std::size_t member,
                         const ColumnSet& columns) {
  share_requests_[++last_request_] = {
      .fetch = id, .member = member, .blob = fetch.blob, .columns = columns, .sent = now_};
  ++trust_[options_.members[member]].sampling.requests;
  Do(DaSend{*Connected(member), EncodeDaMessage(GetShares{last_request_, fetch.blob, columns})});
}

void DaEngine::Impl::On(PeerId peer, const SharesAnswer& message) {
  const auto found = share_requests_.find(message.request);
  if (found == share_requests_.end()) return;
  const ShareRequest request = found->second;
  if (peers_.at(peer).member != request.member) return;
  share_requests_.erase(found);
  const bool known = BlobIdOf(message.commitment) == request.blob;
  if (request.search) return Answered(request, known, message.commitment);
  Shares shares;
  for (const Share& share : message.shares) {
    if (known && request.columns[share.column]) shares.push_back(share);
  }
  Verified none;
  if (shares.empty()) return Arrived(request, none);
  Verify(message.commitment, std::move(shares),
         [this, request](Verified& right) { Arrived(request, right); });
}

void DaEngine::Impl::Arrived(const ShareRequest& request, Verified& right) {
  const std::size_t failures = request.columns.count() - right.size();
  metrics_.samples_verified += right.size();
  metrics_.samples_failed += failures;
  if (failures > 0) {
    ++trust_[options_.members[request.member]].sampling.failures;
    Say(LogLevel::kDebug, options_.members[request.member], " did not give ", failures, " of ",
        request.columns.count(), " columns of blob ", request.blob.Short());
  }
  const auto found = fetches_.find(request.fetch);
  if (found == fetches_.end()) return;
  Fetch& fetch = found->second;
  fetch.flying &= ~request.columns;
  for (Share& share : right) {
    fetch.got.set(share.column);
    if (!fetch.sampling) fetch.shares.push_back(share);
  }
  Advance(request.fetch);
}

void DaEngine::Impl::FailRequest(std::uint32_t number) {
  const auto found = share_requests_.find(number);
  if (found == share_requests_.end()) return;
  const ShareRequest request = found->second;
  share_requests_.erase(found);
  if (request.search) return Answered(request, false, {});
  Verified none;
  Arrived(request, none);
}

void DaEngine::Impl::ExpireRequests() {
  std::vector<std::uint32_t> late;
  for (const auto& [number, request] : share_requests_) {
    if (now_ - request.sent >= options_.sampling_timeout_ms) late.push_back(number);
  }
  for (const std::uint32_t number : late) FailRequest(number);
}

void DaEngine::Impl::LoseRequests(std::size_t member) {
  std::vector<std::uint32_t> lost;
  for (const auto& [number, request] : share_requests_) {
    if (request.member == member) lost.push_back(number);
  }
  for (const std::uint32_t number : lost) FailRequest(number);
}

}  // namespace gtestnet::node
