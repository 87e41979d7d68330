// SPDX-License-Identifier: Apache-2.0
// Blobs: a leader includes only those whose columns can be had, and a block waits until those of
// its own can. That it waits is never held against it, nor against who sent it: columns travel on
// their own ways.
#include <algorithm>

#include "blob_tx.h"
#include "engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr Millis kDataPatience = 5000;  // or a third of the time for which blocks are checked

}  // namespace

void Engine::Impl::On(const BlobsAvailable& event) {
  for (const Hash& blob : event.blobs) available_.Insert(blob);
  if (const std::optional<Slot> slot = CurrentSlot()) ReleaseWithData(*slot);
}

bool Engine::Impl::IsAvailable(const Hash& blob) const {
  return misbehaving_.IncludesWithoutData() || available_.Contains(blob);
}

bool Engine::Impl::HasData(const SignedMantleTx& tx) const {
  const std::vector<Hash> blobs = BlobsOf(tx);
  return std::all_of(blobs.begin(), blobs.end(),
                     [this](const Hash& blob) { return IsAvailable(blob); });
}

// An orphan's turn comes with its parent.
bool Engine::Impl::LacksData(const Block& block, Slot current) const {
  if (block.header.slot + options_.check_slots < current) return false;
  if (!tree_->Knows(block.header.parent)) return false;
  return !std::all_of(block.transactions.begin(), block.transactions.end(),
                      [this](const SignedMantleTx& tx) { return HasData(tx); });
}

Engine::Impl::Fate Engine::Impl::HoldForData(const BlockPtr& block, std::optional<PeerId> from) {
  if (!data_lacks_since_) data_lacks_since_ = now_;
  if (without_data_.Add(block, from)) {
    Say(LogLevel::kInfo, "da", "block ", block->id.Short(), " in slot ", block->header.slot, " of ",
        NameOf(from), " waits for the data of its blobs");
    Want(BlobsOf(*block));
  }
  return Fate::kWaiting;
}

// It, or an ancestor, and for so long that it may be for ever: such a block must not keep a node
// that has started from leading.
bool Engine::Impl::WaitsForData(const HeaderId& block) const {
  const Millis checked =
      static_cast<Millis>(options_.check_slots) * options_.consensus.slot_duration_ms;
  const Millis patience = std::min(kDataPatience, checked / 3);
  if (!data_lacks_since_ || now_ - *data_lacks_since_ < patience) return false;
  const HeaderId* id = &block;
  for (std::size_t steps = 0; steps <= orphans_.all().size(); ++steps) {
    if (without_data_.Contains(*id)) return true;
    const auto& orphans = orphans_.all();
    const auto found = std::find_if(orphans.begin(), orphans.end(),
                                    [&](const WaitingBlock& one) { return one.block->id == *id; });
    if (found == orphans.end()) return false;
    id = &found->block->header.parent;
  }
  return false;
}

void Engine::Impl::ReleaseWithData(Slot current) {
  for (const WaitingBlock& ready : without_data_.Take(
           [&](const WaitingBlock& one) { return !LacksData(*one.block, current); })) {
    Consider(ready.block, ready.from, Source::kGossip);
  }
  if (without_data_.all().empty()) data_lacks_since_.reset();
}

// Once a slot, for whatever is still missed.
void Engine::Impl::AskForData() {
  std::vector<Hash> missed = std::exchange(passed_over_, {});
  for (const WaitingBlock& one : without_data_.all()) {
    const std::vector<Hash> blobs = BlobsOf(*one.block);
    missed.insert(missed.end(), blobs.begin(), blobs.end());
  }
  Want(missed);
}

void Engine::Impl::Want(const std::vector<Hash>& blobs) {
  SampleBlobs wanted;
  for (const Hash& blob : blobs) {
    if (IsAvailable(blob) || std::count(wanted.blobs.begin(), wanted.blobs.end(), blob) > 0)
      continue;
    wanted.blobs.push_back(blob);
  }
  if (!wanted.blobs.empty()) Do(std::move(wanted));
}

// Of a download, what follows a block that waits: it need not be asked for again.
void Engine::Impl::KeepForLater(const Blocks& answer, const BlockPtr& held, PeerId peer) {
  const auto at = std::find(answer.blocks.begin(), answer.blocks.end(), held);
  std::vector<Hash> blobs;
  for (auto block = std::next(at); block != answer.blocks.end(); ++block) {
    if (!orphans_.Add(*block, peer)) continue;
    const std::vector<Hash> some = BlobsOf(**block);
    blobs.insert(blobs.end(), some.begin(), some.end());
  }
  Want(blobs);
}

}  // namespace gtestnet::node
