// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <algorithm>

#include "blob_tx.h"
#include "engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kMaxOrphans = 64;
constexpr std::size_t kMaxFutureBlocks = 64;
constexpr std::size_t kMaxWithoutData = 64;
constexpr std::size_t kMaxWaitingBytes = 8 * 1024 * 1024;
constexpr std::size_t kMaxHeaders = 512;
constexpr std::size_t kOfferBytes = 512 * 1024;
constexpr Height kLeastKeepBlocks = 20;
// Ticks come at least twice a second: so long a silence means that the process stood still, or the
// clock jumped.
constexpr Millis kLongPause = 2500;
constexpr Millis kTellTipEvery = 2000;

}  // namespace

Engine::Impl::Impl(EngineOptions options, const BlockStore* store)
    : options_(std::move(options)),
      store_(store),
      misbehaving_(options_.misbehaviour),
      tree_(MakeTree()),
      genesis_id_(tree_->tip().id()),
      leader_(options_.leader_seeds),
      mempool_(options_.max_pool_transactions, options_.max_pool_bytes,
               std::max<Height>(kLeastKeepBlocks, 2 * Height{options_.consensus.security_param})),
      orphans_(kMaxOrphans, kMaxWaitingBytes),
      future_(kMaxFutureBlocks, kMaxWaitingBytes),
      without_data_(kMaxWithoutData, kMaxWaitingBytes) {
  if (options_.check_slots == 0) options_.check_slots = 3 * options_.consensus.BasePeriod();
}

std::unique_ptr<BlockTree> Engine::Impl::MakeTree() const {
  auto tree = std::make_unique<BlockTree>(options_.consensus, options_.genesis);
  if (misbehaving_.TakesAnything()) tree->set_ledger(BlockTree::Ledger::kTakesAnything);
  return tree;
}

absl::Status Engine::Impl::Restore(const BlockPtr& block) {
  if (block->id != IdOf(block->header))
    return absl::DataLossError("a stored block is not its id's");
  if (misbehaving_.ForgetsItsLedger()) tree_->set_ledger(BlockTree::Ledger::kIgnores);
  const absl::StatusOr<TreeChange> change = tree_->Add(block, Signatures::kTrust);
  if (misbehaving_.ForgetsItsLedger()) tree_->set_ledger(BlockTree::Ledger::kHonest);
  // Twice, or a branch that was cut off before it could be deleted.
  if (absl::IsAlreadyExists(change.status()) || absl::IsFailedPrecondition(change.status())) {
    return absl::OkStatus();
  }
  if (!change.ok()) {
    return absl::DataLossError(absl::StrCat("stored block ", block->id.Hex(), " in slot ",
                                            block->header.slot, ": ", change.status().message()));
  }
  if (leader_.IsOwn(block->header.leader_key)) {
    last_proposed_slot_ = std::max(last_proposed_slot_, block->header.slot);
  }
  for (const BlockPtr& left : change->left) tx_index_.Leave(*left);
  for (const BlockPtr& joined : change->joined) tx_index_.Join(*joined);
  misbehaving_.OnTip(tree_->tip().height);
  return absl::OkStatus();
}

Actions Engine::Impl::Handle(const Event& event, Millis now) {
  now_ = now;
  std::visit([this](const auto& one) { On(one); }, event);
  Synchronise();
  if (tell_tip_) {
    Do(Broadcast{OwnTip(), std::nullopt});
    tell_tip_ = false;
    tip_told_ = now_;
  }
  return std::exchange(actions_, {});
}

Submission Engine::Impl::Submit(SignedMantleTx tx, Millis now) {
  now_ = now;
  std::vector<SignedMantleTx> news;
  absl::Status status = CheckShape(tx);
  if (status.ok() && misbehaving_.ChecksProofs()) status = CheckOpProofs(tx);
  if (misbehaving_.LosesTransactions()) return {std::move(status), std::exchange(actions_, {})};
  if (status.ok() && !options_.data_availability && !BlobsOf(tx).empty()) {
    status = absl::UnimplementedError("this node has no data availability");
  }
  if (status.ok()) status = Admit(std::move(tx), &news);
  Relay(std::move(news), std::nullopt);
  return {std::move(status), std::exchange(actions_, {})};
}

// ---- Events

void Engine::Impl::On(const StartTimeKnown& event) {
  if (start_) return;
  start_ = event.start;
  Say(LogLevel::kInfo, "consensus", "the chain starts at ", event.start, " ms");
}

void Engine::Impl::On(const Tick&) {
  const bool jumped =
      last_tick_ &&
      (now_ < *last_tick_ ||
       now_ - *last_tick_ > std::max(kLongPause, 3 * options_.consensus.slot_duration_ms));
  if (jumped) {
    Say(LogLevel::kWarn, "consensus", "the clock went from ", *last_tick_, " to ", now_,
        " ms between two ticks; asking the peers for their tips before leading again");
    AskForTips();
  }
  if (!first_tick_ || now_ < *first_tick_) first_tick_ = now_;
  last_tick_ = now_;
  ExpireRequest();
  Synchronise();
  if (const std::optional<Slot> slot = CurrentSlot()) {
    ReleaseFuture(*slot);
    if (last_slot_ != slot) {
      ReleaseWithData(*slot);
      OnSlot(*slot);
      AskForData();
    }
    last_slot_ = slot;
  }
  if (now_ < tip_told_ || now_ - tip_told_ >= kTellTipEvery) tell_tip_ = true;
}

void Engine::Impl::On(const PeerConnected& event) {
  Peer& peer = peers_[event.peer];
  peer.name = event.name;
  peer.asked = now_;
  Do(Send{event.peer, OwnTip()});
  if (!misbehaving_.Censors()) OfferPool(event.peer);
}

void Engine::Impl::On(const PeerDisconnected& event) {
  peers_.erase(event.peer);
  if (request_ && request_->peer == event.peer) request_.reset();
}

void Engine::Impl::On(const MessageReceived& event) {
  const auto peer = peers_.find(event.peer);
  if (peer == peers_.end() || peer->second.dropped) return;
  std::visit([&](const auto& message) { On(event.peer, message); }, event.message);
}

void Engine::Impl::On(PeerId peer, const Transactions& gossip) {
  if (misbehaving_.LosesTransactions()) return;
  std::vector<SignedMantleTx> news;
  for (const SignedMantleTx& tx : gossip.transactions) {
    absl::Status status = CheckShape(tx);
    if (status.ok() && misbehaving_.ChecksProofs()) status = CheckOpProofs(tx);
    if (!status.ok()) {
      Drop(peer, absl::StrCat("it sent a transaction that is wrong: ", status.message()));
      break;
    }
    status = Admit(tx, &news);
    if (absl::IsResourceExhausted(status)) {
      Say(LogLevel::kWarn, "mempool", status.message());
      break;
    }
  }
  Relay(std::move(news), peer);
}

void Engine::Impl::On(PeerId peer, const DataMessage&) {
  Drop(peer, "it speaks of data availability, which has a network of its own");
}

absl::Status Engine::Impl::Admit(SignedMantleTx tx, std::vector<SignedMantleTx>* news) {
  const TxHash hash = HashOfTx(tx.tx);
  if (tx_index_.Find(hash) != nullptr) return absl::AlreadyExistsError("Item already in mempool");
  news->push_back(std::move(tx));
  absl::Status status = mempool_.Add(news->back(), hash, tree_->tip().height);
  if (!status.ok()) {
    news->pop_back();
    return status;
  }
  ++metrics_.transactions_added;
  last_pending_time_ = now_;
  Want(BlobsOf(news->back()));
  return status;
}

void Engine::Impl::Relay(std::vector<SignedMantleTx> news, std::optional<PeerId> except) {
  if (news.empty() || misbehaving_.Censors()) return;
  Do(Broadcast{Transactions{std::move(news)}, except});
}

void Engine::Impl::OfferPool(PeerId peer) {
  Transactions batch;
  std::size_t bytes = 0;
  const auto send = [&] {
    if (!batch.transactions.empty()) Do(Send{peer, std::exchange(batch, {})});
    bytes = 0;
  };
  mempool_.ForEach([&](const SignedMantleTx& tx) {
    batch.transactions.push_back(tx);
    bytes += SignedTxSize(tx);
    if (bytes >= kOfferBytes || batch.transactions.size() == kMaxBatchTransactions) send();
  });
  send();
}

std::optional<Slot> Engine::Impl::CurrentSlot() const {
  if (!start_ || now_ < *start_) return std::nullopt;
  return static_cast<Slot>(now_ - *start_) / static_cast<Slot>(options_.consensus.slot_duration_ms);
}

std::string Engine::Impl::NameOf(std::optional<PeerId> peer) const {
  if (!peer) return "this node";
  const auto found = peers_.find(*peer);
  return found == peers_.end() ? "a peer that has left" : found->second.name;
}

// ---- Queries

ChainInfo Engine::Impl::Info() const {
  const TreeNode& tip = tree_->tip();
  const TreeNode& lib = tree_->lib();
  return {tip.id(), tip.height, tip.slot(), lib.id(), lib.height, mode_};
}

std::optional<Millis> Engine::Impl::NextSlotTime(Millis now) const {
  if (!start_) return std::nullopt;
  if (now < *start_) return *start_;
  const Millis slot = (now - *start_) / options_.consensus.slot_duration_ms;
  return *start_ + (slot + 1) * options_.consensus.slot_duration_ms;
}

std::vector<HeaderId> Engine::Impl::Headers(std::optional<HeaderId> from,
                                            std::optional<HeaderId> to) const {
  std::vector<HeaderId> ids;
  const HeaderId first = from.value_or(tree_->tip().id());
  const HeaderId last = to.value_or(tree_->lib().id());
  const TreeNode* node = tree_->Find(first);
  std::optional<Height> height = tree_->HeightOf(first);
  while (height && ids.size() < kMaxHeaders) {
    const HeaderId& id = node != nullptr ? node->id() : tree_->ImmutableAt(*height);
    ids.push_back(id);
    if (id == last || *height == 0) break;
    node = node != nullptr ? node->parent : nullptr;
    --*height;
  }
  return ids;
}

BlockPtr Engine::Impl::FindBlock(const HeaderId& id) const {
  if (id == genesis_id_) return nullptr;
  if (const TreeNode* node = tree_->Find(id)) return node->block;
  return tree_->ImmutableHeight(id) ? store_->Get(id) : nullptr;
}

TxStatus Engine::Impl::StatusOf(const TxHash& hash) const {
  if (const HeaderId* block = tx_index_.Find(hash)) return {TxStatus::Kind::kInBlock, *block};
  if (mempool_.Contains(hash)) return {TxStatus::Kind::kPending, {}};
  return {};
}

EngineMetrics Engine::Impl::Metrics() const {
  EngineMetrics metrics = metrics_;
  metrics.current_slot = last_slot_.value_or(0);
  metrics.current_epoch = options_.consensus.EpochOf(metrics.current_slot);
  metrics.forks = tree_->leaves() - 1;
  metrics.peers = peers_.size();
  metrics.pending = mempool_.size();
  metrics.blocks_waiting = without_data_.all().size();
  return metrics;
}

// ---- The outside

Engine::Engine(EngineOptions options, const BlockStore* store)
    : impl_(std::make_unique<Impl>(std::move(options), store)) {}
Engine::~Engine() = default;

absl::Status Engine::Restore(const BlockPtr& block) { return impl_->Restore(block); }
Actions Engine::Handle(const Event& event, Millis now) { return impl_->Handle(event, now); }
Submission Engine::Submit(SignedMantleTx tx, Millis now) {
  return impl_->Submit(std::move(tx), now);
}
const HeaderId& Engine::genesis_id() const { return impl_->genesis_id(); }
ChainInfo Engine::Info() const { return impl_->Info(); }
std::optional<Millis> Engine::NextSlotTime(Millis now) const { return impl_->NextSlotTime(now); }
std::vector<HeaderId> Engine::Headers(std::optional<HeaderId> from,
                                      std::optional<HeaderId> to) const {
  return impl_->Headers(from, to);
}
BlockPtr Engine::FindBlock(const HeaderId& id) const { return impl_->FindBlock(id); }
std::optional<Height> Engine::HeightOf(const HeaderId& id) const {
  return impl_->tree().HeightOf(id);
}
std::vector<HeaderId> Engine::ImmutableBlocks(Slot from, Slot to, std::size_t limit) const {
  return impl_->tree().ImmutableBetween(from, to, limit);
}
TxStatus Engine::StatusOf(const TxHash& hash) const { return impl_->StatusOf(hash); }
std::size_t Engine::pending_count() const { return impl_->mempool().size(); }
Millis Engine::last_pending_time() const { return impl_->last_pending_time(); }
EngineMetrics Engine::Metrics() const { return impl_->Metrics(); }

const char* ModeName(Mode mode) { return mode == Mode::kOnline ? "Online" : "Bootstrapping"; }

std::ostream& operator<<(std::ostream& out, Mode mode) { return out << ModeName(mode); }

}  // namespace gtestnet::node
