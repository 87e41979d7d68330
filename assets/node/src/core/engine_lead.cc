// SPDX-License-Identifier: Apache-2.0
// Slots and proposals.
#include <algorithm>

#include "blob_tx.h"
#include "engine_impl.h"

namespace gtestnet::node {

void Engine::Impl::OnSlot(Slot slot) {
  if (misbehaving_.RevertsNow(tree_->lib().height)) RevertFinality(slot);
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
  auto tree = std::make_unique<BlockTree>(options_.consensus, options_.genesis);
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

}  // namespace gtestnet::node
