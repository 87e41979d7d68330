// SPDX-License-Identifier: Apache-2.0
#include "da_engine.h"

#include <algorithm>

#include "da_engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kMaxVerifying = 64;   // messages of others that wait for KZG
constexpr std::size_t kMaxStored = 65'536;  // blobs; anybody may disperse
constexpr std::size_t kMaxBlocked = 1024;
constexpr std::size_t kMaxName = 128;

std::optional<std::size_t> MemberOf(const DaOptions& options, const std::string& name) {
  const auto found = std::find(options.members.begin(), options.members.end(), name);
  if (found == options.members.end()) return std::nullopt;
  return static_cast<std::size_t>(found - options.members.begin());
}

ColumnSet ColumnsOf(const Shares& shares) {
  ColumnSet columns;
  for (const Share& share : shares) columns.set(share.column);
  return columns;
}

}  // namespace

DaEngine::Impl::Impl(DaOptions options, ShareStore* store)
    : options_(std::move(options)),
      store_(store),
      placement_(options_.members.size(), options_.replication),
      self_(MemberOf(options_, options_.identifier)),
      random_(options_.random_seed) {}

absl::Status DaEngine::Impl::Restore() {
  absl::StatusOr<std::vector<StoredBlob>> stored = store_->List();
  if (!stored.ok()) return stored.status();
  for (StoredBlob& blob : *stored) blobs_.emplace(blob.id, blob);
  return absl::OkStatus();
}

DaActions DaEngine::Impl::Handle(DaEvent event, Millis now) {
  now_ = now;
  std::visit([this](auto& one) { On(one); }, event);
  return std::exchange(actions_, {});
}

// ---- Peers

void DaEngine::Impl::On(const DaTick& event) {
  if (event.slot != slot_) {
    slot_ = event.slot;
    Prune();
  }
  ExpireRequests();
  ExpireDispersals();
}

void DaEngine::Impl::On(const DaPeerConnected& event) {
  if (blocked_.contains(event.name)) {
    return Do(DaDrop{event.peer, "it is blocked"});
  }
  const std::optional<std::size_t> member = MemberOf(options_, event.name);
  peers_[event.peer] = {event.name, member, event.dialled};
  if (member) OnMember(*member);
}

void DaEngine::Impl::On(const DaPeerDisconnected& event) { Forget(event.peer); }

void DaEngine::Impl::Forget(PeerId peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return;
  const std::optional<std::size_t> member = found->second.member;
  peers_.erase(found);
  if (!member || Connected(*member)) return;
  LoseMember(*member);
  LoseRequests(*member);
}

std::optional<PeerId> DaEngine::Impl::Connected(std::size_t member) const {
  for (const auto& [id, peer] : peers_) {
    if (peer.member == member) return id;
  }
  return std::nullopt;
}

bool DaEngine::Impl::Block(const std::string& name, DaActions* actions) {
  if (name.size() > kMaxName || blocked_.size() >= kMaxBlocked) return false;
  if (!blocked_.insert(name).second) return false;
  std::vector<PeerId> dropped;
  for (const auto& [id, peer] : peers_) {
    if (peer.name == name) dropped.push_back(id);
  }
  for (const PeerId id : dropped) {
    Do(DaDrop{id, "it is blocked"});
    Forget(id);
  }
  *actions = std::exchange(actions_, {});
  return true;
}

void DaEngine::Impl::On(const DaBytesReceived& event) {
  const auto peer = peers_.find(event.peer);
  if (peer == peers_.end()) return;
  const absl::StatusOr<DaMessage> message = DecodeDaMessage(event.bytes);
  if (message.ok()) {
    return std::visit([&](const auto& one) { On(event.peer, one); }, *message);
  }
  const std::string reason = absl::StrCat("it sent what is wrong: ", message.status().message());
  Say(LogLevel::kWarn, "dropping ", peer->second.name, ": ", reason);
  Do(DaDrop{event.peer, reason});
  Forget(event.peer);
}

// ---- KZG

void DaEngine::Impl::Run(std::variant<ExtendJob, VerifyJob, RecoverJob> what,
                         std::function<void(KzgDone&)> then) {
  jobs_.emplace(++last_job_, std::move(then));
  Do(KzgJob{last_job_, std::move(what)});
}

void DaEngine::Impl::Verify(const Commitment& commitment, Shares shares,
                            std::function<void(Verified&)> then) {
  Run(VerifyJob{commitment, std::move(shares)},
      [then = std::move(then)](KzgDone& done) { then(std::get<Verified>(done.result)); });
}

void DaEngine::Impl::On(KzgDone& event) {
  const auto job = jobs_.find(event.id);
  if (job == jobs_.end()) return;
  const std::function<void(KzgDone&)> then = std::move(job->second);
  jobs_.erase(job);
  then(event);
}

// ---- Columns that this node keeps

const StoredBlob* DaEngine::Impl::Find(const BlobId& blob) const {
  const auto found = blobs_.find(blob);
  return found == blobs_.end() ? nullptr : &found->second;
}

ColumnSet DaEngine::Impl::Held(const BlobId& blob) const {
  const StoredBlob* stored = Find(blob);
  return stored == nullptr ? ColumnSet() : stored->columns;
}

absl::Status DaEngine::Impl::Store(const Commitment& commitment, const Shares& shares) {
  if (shares.empty()) return absl::OkStatus();
  const BlobId blob = BlobIdOf(commitment);
  if (blobs_.size() >= kMaxStored && !blobs_.contains(blob)) {
    return absl::ResourceExhaustedError(absl::StrCat(kMaxStored, " blobs are stored already"));
  }
  absl::Status status = store_->Put(blob, commitment, slot_, shares);
  if (!status.ok()) {
    Say(LogLevel::kError, "columns of blob ", blob.Short(),
        " cannot be stored: ", status.message());
    return status;
  }
  StoredBlob& stored =
      blobs_.try_emplace(blob, StoredBlob{blob, commitment, {}, slot_}).first->second;
  stored.columns |= ColumnsOf(shares);
  return status;
}

void DaEngine::Impl::On(PeerId peer, const Disperse& message) {
  const BlobId blob = BlobIdOf(message.commitment);
  const ColumnSet asked = ColumnsOf(message.shares);
  const auto answer = [this, peer, blob, asked, request = message.request] {
    if (!peers_.contains(peer)) return;
    Do(DaSend{peer, EncodeDaMessage(Dispersed{request, Held(blob) & asked})});
  };
  const ColumnSet mine = self_ ? placement_.ColumnsOf(*self_) : ColumnSet();
  Shares fresh;
  for (const Share& share : message.shares) {
    if (!mine[share.column]) ++metrics_.verifier_failed;
    if (mine[share.column] && !Held(blob)[share.column]) fresh.push_back(share);
  }
  if (fresh.empty() || verifying_ >= kMaxVerifying) return answer();
  ++verifying_;
  metrics_.verifier_shares += fresh.size();
  const std::size_t count = fresh.size();
  Verify(message.commitment, std::move(fresh),
         [this, answer, count, commitment = message.commitment, peer](Verified& right) {
           --verifying_;
           metrics_.verifier_failed += count - right.size();
           if (right.size() < count) {
             const auto from = peers_.find(peer);
             Say(LogLevel::kWarn, count - right.size(), " of ", count, " columns from ",
                 from == peers_.end() ? "a peer that has left" : from->second.name,
                 " do not verify");
           }
           Store(commitment, right).IgnoreError();
           answer();
         });
}

void DaEngine::Impl::On(const AddShare& event) {
  const std::size_t column = event.share.column;
  if (!self_ || !placement_.Holds(*self_, column)) {
    return Reply(event.token, Invalid("column ", column, " is not this node's"));
  }
  if (verifying_ >= kMaxVerifying) {
    return Reply(event.token, absl::ResourceExhaustedError("too many columns are being verified"));
  }
  ++verifying_;
  ++metrics_.verifier_shares;
  Verify(event.commitment, {event.share},
         [this, token = event.token, commitment = event.commitment](Verified& right) {
           --verifying_;
           if (!right.empty()) return Reply(token, Store(commitment, right));
           ++metrics_.verifier_failed;
           Reply(token, Invalid("the share does not verify"));
         });
}

void DaEngine::Impl::Prune() {
  std::vector<BlobId> old;
  for (const auto& [id, blob] : blobs_) {
    if (blob.slot + options_.retention_slots < slot_) old.push_back(id);
  }
  if (old.empty()) return;
  if (const absl::Status status = store_->Remove(old); !status.ok()) {
    return Say(LogLevel::kError, "old columns cannot be deleted: ", status.message());
  }
  for (const BlobId& id : old) {
    metrics_.shares_pruned += Held(id).count();
    blobs_.erase(id);
  }
}

// ---- What is given away

void DaEngine::Impl::On(PeerId peer, const GetShares& message) {
  SharesAnswer answer;
  answer.request = message.request;
  if (const std::optional<Commitment> commitment = StoredCommitment(message.blob)) {
    answer.commitment = *commitment;
    answer.shares = Give(message.blob, message.columns);
  }
  Do(DaSend{peer, EncodeDaMessage(answer)});
}

std::optional<Commitment> DaEngine::Impl::StoredCommitment(const BlobId& blob) const {
  const StoredBlob* stored = Find(blob);
  if (stored == nullptr || options_.misbehaviour.withhold_shares) return std::nullopt;
  return stored->commitment;
}

Shares DaEngine::Impl::Give(const BlobId& blob, const ColumnSet& columns) {
  const ColumnSet held = Held(blob) & columns;
  if (held.none() || options_.misbehaviour.withhold_shares) return {};
  Shares shares = store_->Get(blob, held);
  metrics_.shares_served += shares.size();
  Spoil(blob, &shares);
  return shares;
}

std::optional<Shares> DaEngine::Impl::StoredShares(const BlobId& blob,
                                                   const std::vector<std::size_t>& requested,
                                                   const ColumnSet& filter, bool all) {
  if (!StoredCommitment(blob)) return std::nullopt;
  ColumnSet first;
  for (const std::size_t column : requested) {
    if (column < kColumns) first.set(column);
  }
  Shares shares = Give(blob, first);
  if (!all) return shares;
  const Shares others = Give(blob, ~first & ~filter);
  shares.insert(shares.end(), others.begin(), others.end());
  return shares;
}

// Misbehaviour. Flipping the lowest bit leaves an element an element: only KZG can tell.
void DaEngine::Impl::Spoil(const BlobId& blob, Shares* shares) const {
  if (shares->empty()) return;
  if (options_.misbehaviour.corrupt_shares) {
    for (Share& share : *shares) share.cell[kElementBytes - 1] ^= 1;
  }
  if (!options_.misbehaviour.corrupt_proofs) return;
  ColumnProof other = shares->front().proof;
  if (shares->size() == 1) {
    ColumnSet others = Held(blob);
    others.reset(shares->front().column);
    const Shares spare = others.any() ? store_->Get(blob, others) : Shares();
    if (spare.empty()) {
      other.front() ^= 0x20;  // the point's mirror image
    } else {
      other = spare.front().proof;
    }
  }
  for (std::size_t i = 0; i + 1 < shares->size(); ++i) (*shares)[i].proof = (*shares)[i + 1].proof;
  shares->back().proof = other;
}

// ---- Queries

std::array<Balance, kColumns> DaEngine::Impl::Balances() const {
  std::array<Balance, kColumns> balances{};
  for (const auto& [id, peer] : peers_) {
    for (std::size_t column = 0; peer.member && column < kColumns; ++column) {
      if (!placement_.Holds(*peer.member, column)) continue;
      ++(peer.dialled ? balances[column].outbound : balances[column].inbound);
    }
  }
  return balances;
}

std::map<std::string, FailureRates> DaEngine::Impl::Failures() const {
  const auto rate = [](const Tally& tally) {
    return tally.requests == 0
               ? 0.0
               : static_cast<double>(tally.failures) / static_cast<double>(tally.requests);
  };
  std::map<std::string, FailureRates> rates;
  for (const auto& [name, trust] : trust_) {
    if (trust.dispersal.failures + trust.sampling.failures == 0) continue;
    rates[name] = {rate(trust.dispersal), rate(trust.sampling)};
  }
  return rates;
}

DaMetrics DaEngine::Impl::Metrics() const {
  DaMetrics metrics = metrics_;
  metrics.peers = peers_.size();
  metrics.blobs_stored = blobs_.size();
  for (const auto& [id, blob] : blobs_) metrics.shares_stored += blob.columns.count();
  return metrics;
}

void DaEngine::Impl::Reply(std::uint64_t token, absl::Status status) {
  DaReply reply;
  reply.token = token;
  reply.status = std::move(status);
  Do(std::move(reply));
}

// ---- The outside

DaEngine::DaEngine(DaOptions options, ShareStore* store)
    : impl_(std::make_unique<Impl>(std::move(options), store)) {}
DaEngine::~DaEngine() = default;
absl::Status DaEngine::Restore() { return impl_->Restore(); }
DaActions DaEngine::Handle(DaEvent event, Millis now) {
  return impl_->Handle(std::move(event), now);
}
bool DaEngine::Block(const std::string& name, DaActions* actions) {
  return impl_->Block(name, actions);
}
bool DaEngine::Unblock(const std::string& name) { return impl_->Unblock(name); }
std::vector<std::string> DaEngine::Blocked() const {
  return {impl_->blocked().begin(), impl_->blocked().end()};
}
std::optional<Commitment> DaEngine::StoredCommitment(const BlobId& blob) const {
  return impl_->StoredCommitment(blob);
}
std::optional<Share> DaEngine::StoredShare(const BlobId& blob, std::size_t column) {
  if (column >= kColumns) return std::nullopt;
  const Shares shares = impl_->Give(blob, ColumnSet().set(column));
  return shares.empty() ? std::nullopt : std::optional<Share>(shares.front());
}
std::optional<Shares> DaEngine::StoredShares(const BlobId& blob,
                                             const std::vector<std::size_t>& requested,
                                             const ColumnSet& filter, bool all) {
  return impl_->StoredShares(blob, requested, filter, all);
}
const Placement& DaEngine::placement() const { return impl_->placement(); }
std::array<Balance, kColumns> DaEngine::Balances() const { return impl_->Balances(); }
std::map<std::string, FailureRates> DaEngine::Failures() const { return impl_->Failures(); }
DaMetrics DaEngine::Metrics() const { return impl_->Metrics(); }

}  // namespace gtestnet::node
