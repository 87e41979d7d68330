// SPDX-License-Identifier: Apache-2.0
// What happens to a block: from a peer, from a download, or of one's own.
#include "engine_impl.h"

namespace gtestnet::node {
namespace {

// How far ahead of this node's clock a block may be and still be kept until its slot begins.
constexpr Slot kMaxSlotsAhead = 16;

}  // namespace

void Engine::Impl::On(PeerId peer, const NewBlock& news) {
  Consider(news.block, peer, Source::kGossip);
}

Engine::Impl::Fate Engine::Impl::Consider(const BlockPtr& block, std::optional<PeerId> from,
                                          Source source) {
  if (from && (misbehaving_.IgnoresBlocks() || !replay_.empty())) return Fate::kRefused;
  if (tree_->Knows(block->id)) return Fate::kKnown;
  const std::optional<Slot> current = CurrentSlot();
  if (!current || block->header.slot > *current) return Hold(block, from, current.value_or(0));

  if (from && LacksData(*block, *current)) return HoldForData(block, from);

  const absl::StatusOr<TreeChange> change =
      tree_->Add(block, from ? Signatures::kCheck : Signatures::kTrust);
  if (!change.ok()) return Refuse(block, from, change.status());
  Settle(*change, from);
  if (source == Source::kGossip) {
    Do(Broadcast{NewBlock{block}, from});
  } else if (change->is_tip) {
    tell_tip_ = true;
  }
  ReleaseOrphans(block->id);
  return Fate::kAdmitted;
}

Engine::Impl::Fate Engine::Impl::Hold(const BlockPtr& block, std::optional<PeerId> from,
                                      Slot current) {
  if (block->header.slot > current + kMaxSlotsAhead) {
    ++metrics_.rejected_blocks;
    Say(LogLevel::kWarn, "consensus", "block ", block->id.Short(), " of ", NameOf(from),
        " is refused: its slot ", block->header.slot, " is too far ahead of ", current);
    return Fate::kFuture;
  }
  if (future_.Add(block, from)) {
    Say(LogLevel::kDebug, "consensus", "block ", block->id.Short(), " waits for its slot ",
        block->header.slot);
  }
  return Fate::kFuture;
}

Engine::Impl::Fate Engine::Impl::Refuse(const BlockPtr& block, std::optional<PeerId> from,
                                        const absl::Status& why) {
  if (absl::IsNotFound(why)) {
    if (orphans_.Add(block, from)) {
      ++metrics_.orphan_blocks;
      Say(LogLevel::kDebug, "consensus", "block ", block->id.Short(), " in slot ",
          block->header.slot, " of ", NameOf(from), " is an orphan: its parent ",
          block->header.parent.Short(), " is unknown");
    }
    return Fate::kOrphan;
  }
  ++metrics_.rejected_blocks;
  Say(LogLevel::kWarn, "consensus", "block ", block->id.Short(), " in slot ", block->header.slot,
      " of ", NameOf(from), " is refused: ", why.message());
  if (!absl::IsInvalidArgument(why)) return Fate::kRefused;
  Drop(from, absl::StrCat("its block ", block->id.Short(), " is invalid: ", why.message()));
  return Fate::kInvalid;
}

void Engine::Impl::Settle(const TreeChange& change, std::optional<PeerId> from) {
  const TreeNode& node = *change.added;
  ++metrics_.processed_blocks;
  if (from) ++metrics_.blocks_imported;
  Say(LogLevel::kDebug, "consensus", "block ", node.id().Short(), " of ", NameOf(from),
      " at height ", node.height, ", slot ", node.slot(), ", ", node.block->transactions.size(),
      " transactions");
  if (change.equivocates) {
    ++metrics_.equivocations;
    Say(LogLevel::kWarn, "consensus", "leader ", node.block->header.leader_key.Short(),
        " made another block for slot ", node.slot(), ": ", node.id().Short());
  }
  Do(StoreBlock{node.block, node.height});
  if (change.is_tip) MoveTip(change);
  Do(BlockApplied{node.block, node.height});
  for (const auto& [height, id] : change.finalised) Do(Finalised{height, id});
  if (!change.pruned.empty()) Do(PruneBlocks{change.pruned});
}

void Engine::Impl::MoveTip(const TreeChange& change) {
  const TreeNode& tip = *change.added;
  const Height depth = change.left.size();
  if (depth > 0) {
    ++metrics_.reorganisations;
    metrics_.deepest_reorganisation = std::max(metrics_.deepest_reorganisation, depth);
    Say(LogLevel::kInfo, "consensus", "reorganisation: ", depth, " blocks left for ",
        change.joined.size(), " others, up to ", tip.id().Short(), " at height ", tip.height);
  }
  for (const BlockPtr& block : change.left) {
    tx_index_.Leave(*block);
    mempool_.Leave(*block, tip.height);
  }
  for (const BlockPtr& block : change.joined) {
    tx_index_.Join(*block);
    metrics_.transactions_removed += mempool_.Join(*block);
    metrics_.block_transactions += block->transactions.size();
  }
  metrics_.transactions_removed += mempool_.Expire(
      tip.height, [this] { return tree_->ViewAt(tree_->tip()); },
      [this](const SignedMantleTx& tx) { return HasData(tx); });
  Do(TipChanged{tip.id(), tip.height, tip.slot(), depth});
  misbehaving_.OnTip(tip.height);
}

void Engine::Impl::ReleaseOrphans(const HeaderId& parent) {
  // Consider releases the next generation by itself, so deep as there are orphans: few.
  for (const WaitingBlock& orphan :
       orphans_.Take([&](const WaitingBlock& one) { return one.block->header.parent == parent; })) {
    Consider(orphan.block, orphan.from, Source::kGossip);
  }
}

void Engine::Impl::ReleaseFuture(Slot current) {
  for (const WaitingBlock& due :
       future_.Take([&](const WaitingBlock& one) { return one.block->header.slot <= current; })) {
    Consider(due.block, due.from, Source::kGossip);
  }
}

void Engine::Impl::Drop(std::optional<PeerId> peer, const std::string& reason) {
  if (!peer) return;
  const auto found = peers_.find(*peer);
  if (found == peers_.end() || found->second.dropped) return;
  found->second.dropped = true;
  if (request_ && request_->peer == *peer) request_.reset();
  orphans_.Take([&](const WaitingBlock& one) { return one.from == peer; });
  Say(LogLevel::kWarn, "sync", "dropping ", found->second.name, ": ", reason);
  Do(DropPeer{*peer, reason});
}

}  // namespace gtestnet::node
