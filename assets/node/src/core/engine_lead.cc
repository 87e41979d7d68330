// SPDX-License-Identifier: Apache-2.0
// Slots and proposals.
#include <algorithm>
#include <unordered_set>

#include "blob_tx.h"
#include "engine_impl.h"

namespace gtestnet::node {

void Engine::Impl::OnSlot(Slot slot) {
  if (misbehaving_.RevertsNow(tree_->lib().height)) RevertFinality(slot);
  if (misbehaving_.ReplaysNow(tree_->lib().height)) BeginReplay();
  if (!replay_.empty()) return ReplayOne();
  const bool alone = misbehaving_.NeedsNobody();
  if (slot == 0 || (!alone && !level_)) return;
  const std::optional<Leader::Win> win = TryWin(slot);
  if (!win) return;
  ++metrics_.slots_won;
  if (misbehaving_.MakesNoBlocks() || (!alone && !HasEnoughPeers())) return;
  if (tree_->tip().slot() >= slot || last_proposed_slot_ >= slot) return;
  Propose(slot, *win);
}

std::optional<Leader::Win> Engine::Impl::TryWin(Slot slot) {
  // The tip may be of this slot already, and the win counts nevertheless.
  const TreeNode* parent = &tree_->tip();
  while (parent != nullptr && parent->slot() >= slot) parent = parent->parent;
  if (parent == nullptr) return std::nullopt;
  return leader_.TryWin(slot, tree_->EpochAt(*parent, slot), tree_->thresholds());
}

void Engine::Impl::Propose(Slot slot, const Leader::Win& win) {
  std::vector<SignedMantleTx> transactions;
  if (!misbehaving_.Censors()) {
    LedgerView view = tree_->ViewAt(tree_->tip());
    transactions = mempool_.Select(view, [this](const SignedMantleTx& tx) {
      if (HasData(tx)) return true;
      const std::vector<Hash> blobs = BlobsOf(tx);
      passed_over_.insert(passed_over_.end(), blobs.begin(), blobs.end());
      return false;
    });
  }
  if (misbehaving_.SpendsTwice()) {
    for (SignedMantleTx& tx : SpentBefore(transactions)) transactions.push_back(std::move(tx));
  }
  const BlockPtr block = Make(slot, win, std::move(transactions));
  last_proposed_slot_ = slot;
  if (Consider(block, std::nullopt, Source::kGossip) != Fate::kAdmitted) return;
  ++metrics_.proposals;
  Say(LogLevel::kInfo, "consensus", "proposed block ", block->id.Short(), " at height ",
      tree_->tip().height, " in slot ", slot, " with ", block->transactions.size(),
      " transactions");
}

BlockPtr Engine::Impl::Make(Slot slot, const Leader::Win& win,
                            std::vector<SignedMantleTx> transactions) const {
  std::vector<TxHash> hashes;
  for (const SignedMantleTx& tx : transactions) hashes.push_back(HashOfTx(tx.tx));
  Header header;
  header.parent = tree_->tip().id();
  header.slot = slot;
  header.block_root = BlockRoot(hashes);
  header.entropy = win.entropy;
  header.proof = win.proof;
  header.leader_key = win.key->public_key();
  return MakeBlock(header, win.key->Sign(IdOf(header).span()), std::move(transactions));
}

// Misbehaviour: takes its chain back to below the last final block and goes on from there, with the
// slots it has won since.
void Engine::Impl::RevertFinality(Slot current) {
  const Height keep = tree_->lib().height - 1;
  auto tree = MakeTree();
  for (Height height = 1; height <= keep; ++height) {
    const BlockPtr block = FindBlock(tree_->ImmutableAt(height));
    if (block == nullptr || !tree->Add(block, Signatures::kTrust).ok()) return;
  }
  Say(LogLevel::kWarn, "consensus", "misbehaving: taking finality back to height ", keep);
  const HeaderId reverted = tree_->lib().id();
  const Height left = tree_->tip().height - keep;
  tree_ = std::move(tree);
  Do(TipChanged{tree_->tip().id(), keep, tree_->tip().slot(), left});
  for (Slot slot = tree_->tip().slot() + 1; slot < current; ++slot) {
    const std::optional<Leader::Win> win = TryWin(slot);
    if (!win) continue;
    const BlockPtr block = Make(slot, *win, {});
    if (block->id == reverted) continue;
    const absl::StatusOr<TreeChange> change = tree_->Add(block, Signatures::kTrust);
    if (change.ok()) Settle(*change, std::nullopt);
  }
  last_proposed_slot_ = tree_->tip().slot();
}

// Misbehaviour: what the last block with transactions had, to be spent again.
std::vector<SignedMantleTx> Engine::Impl::SpentBefore(
    const std::vector<SignedMantleTx>& others) const {
  std::unordered_set<TxHash> there;
  for (const SignedMantleTx& tx : others) there.insert(HashOfTx(tx.tx));
  for (const TreeNode* node = &tree_->tip(); node != &tree_->lib(); node = node->parent) {
    const Block& block = *node->block;
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
      if (!there.contains(block.tx_hashes[i])) return {block.transactions[i]};
    }
  }
  return {};
}

// Misbehaviour: goes back to its last final block and tells the blocks above it again, one a slot,
// as if they were new; meanwhile it hears of no others.
void Engine::Impl::BeginReplay() {
  auto tree = MakeTree();
  const Height keep = tree_->lib().height;
  for (Height height = 1; height <= keep; ++height) {
    const BlockPtr block = FindBlock(tree_->ImmutableAt(height));
    if (block == nullptr || !tree->Add(block, Signatures::kTrust).ok()) return;
  }
  for (const TreeNode* node = &tree_->tip(); node != &tree_->lib(); node = node->parent) {
    replay_.push_front(node->block);
    tx_index_.Leave(*node->block);
  }
  Say(LogLevel::kWarn, "consensus", "misbehaving: replaying ", replay_.size(),
      " blocks from height ", keep);
  tree_ = std::move(tree);
  request_.reset();
  Do(TipChanged{tree_->tip().id(), keep, tree_->tip().slot(), replay_.size()});
}

void Engine::Impl::ReplayOne() {
  const BlockPtr block = replay_.front();
  replay_.pop_front();
  Consider(block, std::nullopt, Source::kGossip);
  if (replay_.empty()) AskForTips();
}

}  // namespace gtestnet::node
