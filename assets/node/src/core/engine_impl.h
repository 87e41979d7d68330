// SPDX-License-Identifier: Apache-2.0
// The inside of the engine, in five parts: engine.cc (events and queries), engine_chain.cc (what
// happens to a block), engine_sync.cc (peers and the download of what they have more),
// engine_lead.cc (slots and proposals), engine_blobs.cc (blobs in transactions and blocks).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"
#include "leadership.h"
#include "mempool.h"
#include "misbehaving.h"
#include "recent_hashes.h"
#include "text.h"
#include "tree.h"
#include "tx_index.h"
#include "waiting_blocks.h"

namespace gtestnet::node {

class Engine::Impl {
 public:
  Impl(EngineOptions options, const BlockStore* store);

  absl::Status Restore(const BlockPtr& block);
  Actions Handle(const Event& event, Millis now);
  Submission Submit(SignedMantleTx tx, Millis now);

  ChainInfo Info() const;
  std::optional<Millis> NextSlotTime(Millis now) const;
  std::vector<HeaderId> Headers(std::optional<HeaderId> from, std::optional<HeaderId> to) const;
  BlockPtr FindBlock(const HeaderId& id) const;
  TxStatus StatusOf(const TxHash& hash) const;
  EngineMetrics Metrics() const;
  const BlockTree& tree() const { return *tree_; }
  const Mempool& mempool() const { return mempool_; }
  const HeaderId& genesis_id() const { return genesis_id_; }
  Millis last_pending_time() const { return last_pending_time_; }

 private:
  struct Peer {
    std::string name;
    std::optional<Tip> tip;
    std::optional<HeaderId> barren = {};  // a tip for which it had no blocks to give
    Millis asked = 0;                     // when it was asked for its tip
    Millis not_before = 0;  // it failed to answer; asked for blocks again from then on
    bool dropped = false;   // nothing of it counts any more
  };

  // The one download that is under way.
  struct Request {
    std::uint32_t number = 0;
    PeerId peer = 0;
    HeaderId target;
    Millis sent = 0;
    std::optional<HeaderId> last;  // the newest block that came of it
    bool for_orphan = false;
  };

  enum class Fate { kAdmitted, kKnown, kOrphan, kFuture, kWaiting, kRefused, kInvalid };
  enum class Source { kGossip, kSync };

  // engine.cc
  std::unique_ptr<BlockTree> MakeTree() const;
  void On(const StartTimeKnown& event);
  void On(const Tick& event);
  void On(const PeerConnected& event);
  void On(const PeerDisconnected& event);
  void On(const MessageReceived& event);
  void On(PeerId peer, const Tip& tip);
  void On(PeerId peer, const GetTip& request);
  void On(PeerId peer, const GetBlocks& request);
  void On(PeerId peer, const Blocks& answer);
  void On(PeerId peer, const NewBlock& news);
  void On(PeerId peer, const Transactions& gossip);
  void On(PeerId peer, const DataMessage& message);
  absl::Status Admit(SignedMantleTx tx, std::vector<SignedMantleTx>* news);
  void Relay(std::vector<SignedMantleTx> news, std::optional<PeerId> except);
  void OfferPool(PeerId peer);
  std::optional<Slot> CurrentSlot() const;
  template <typename Action>
  void Do(Action action) {
    actions_.emplace_back(std::move(action));
  }
  template <typename... Parts>
  void Say(LogLevel level, const char* topic, const Parts&... parts) {
    actions_.emplace_back(Log{level, topic, absl::StrCat(parts...)});
  }
  std::string NameOf(std::optional<PeerId> peer) const;

  // engine_chain.cc
  Fate Consider(const BlockPtr& block, std::optional<PeerId> from, Source source);
  Fate Hold(const BlockPtr& block, std::optional<PeerId> from, Slot current);
  Fate Refuse(const BlockPtr& block, std::optional<PeerId> from, const absl::Status& why);
  void Settle(const TreeChange& change, std::optional<PeerId> from);
  void MoveTip(const TreeChange& change);
  void ReleaseOrphans(const HeaderId& parent);
  void ReleaseFuture(Slot current);
  void Drop(std::optional<PeerId> peer, const std::string& reason);

  // engine_sync.cc
  void Synchronise();
  bool IsLevel() const;
  bool HasEnoughPeers() const;
  void AskForTips();
  void ExpireRequest();
  void Ask(Request request);
  bool AskBest();
  bool AskForOrphans();
  void EndRequest(bool failed);
  void SayRefused(const Request& request);
  bool IsUsable(const Peer& peer) const { return !peer.dropped && peer.not_before <= now_; }
  std::vector<HeaderId> Locator(const std::optional<HeaderId>& last) const;
  Blocks Answer(const GetBlocks& request) const;
  Height LastCommon(const GetBlocks& request, const TreeNode& target) const;
  Tip OwnTip() const { return {tree_->tip().id(), tree_->tip().height}; }

  // engine_blobs.cc
  void On(const BlobsAvailable& event);
  bool IsAvailable(const Hash& blob) const;
  bool HasData(const SignedMantleTx& tx) const;
  bool LacksData(const Block& block, Slot current) const;
  Fate HoldForData(const BlockPtr& block, std::optional<PeerId> from);
  void ReleaseWithData(Slot current);
  bool WaitsForData(const HeaderId& block) const;
  void AskForData();
  void Want(const std::vector<Hash>& blobs);
  void KeepForLater(const Blocks& answer, const BlockPtr& held, PeerId peer);

  // engine_lead.cc
  void OnSlot(Slot slot);
  std::optional<Leader::Win> TryWin(Slot slot);
  void Propose(Slot slot, const Leader::Win& win);
  BlockPtr Make(Slot slot, const Leader::Win& win, std::vector<SignedMantleTx> transactions) const;
  void RevertFinality(Slot current);
  std::vector<SignedMantleTx> SpentBefore(const std::vector<SignedMantleTx>& others) const;
  void BeginReplay();
  void ReplayOne();

  EngineOptions options_;
  const BlockStore* store_;
  Misbehaving misbehaving_;
  std::unique_ptr<BlockTree> tree_;
  HeaderId genesis_id_;
  Leader leader_;
  Mempool mempool_;
  TxIndex tx_index_;
  WaitingBlocks orphans_;
  WaitingBlocks future_;
  WaitingBlocks without_data_;
  std::optional<Millis> data_lacks_since_;  // since when there has been one at each moment
  RecentHashes available_;
  std::vector<Hash>
      passed_over_;  // blobs of transactions that could not be included for lack of them
  std::deque<BlockPtr> replay_;  // blocks that are to be replayed, oldest first
  EngineMetrics metrics_;

  std::optional<Millis> start_;
  Millis now_ = 0;  // of the event that is being handled
  std::optional<Millis> first_tick_;
  std::optional<Millis> last_tick_;
  Millis tip_told_ = 0;
  std::optional<Slot> last_slot_;  // whose beginning was handled
  Slot last_proposed_slot_ = 0;
  Millis last_pending_time_ = 0;
  Mode mode_ = Mode::kBootstrapping;
  bool level_ = false;  // with its peers: at the start, and after a pause
  bool tell_tip_ = false;
  std::map<PeerId, Peer> peers_;
  std::optional<Request> request_;
  std::uint32_t last_request_ = 0;
  Actions actions_;
};

}  // namespace gtestnet::node
