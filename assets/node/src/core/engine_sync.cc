// SPDX-License-Identifier: Apache-2.0
// Peers, and the download of what they have more. One request is under way at a time: for the best
// tip that is known and not had, else for the ancestors of orphans.
#include <algorithm>
#include <unordered_set>

#include "engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr Millis kTipPatience =
    5000;  // a peer that does not tell its tip is not waited for any longer
constexpr Millis kEmptyPause = 500;    // before a peer is asked again that had nothing to give
constexpr Millis kStuckPause = 10000;  // the same for one whose chain contradicts our finality
constexpr Millis kLonelyPatience =
    3000;  // a node that may lead alone first looks whether somebody is there

}  // namespace

void Engine::Impl::On(PeerId peer, const Tip& tip) {
  if (peers_[peer].barren == tip.id && !tree_->Knows(tip.id)) {
    return Drop(peer, "it tells of a tip whose blocks it does not have");
  }
  peers_[peer].tip = tip;
}

void Engine::Impl::On(PeerId peer, const GetTip&) { Do(Send{peer, OwnTip()}); }

void Engine::Impl::On(PeerId peer, const GetBlocks& request) {
  if (misbehaving_.RefusesToSync()) return;
  Do(Send{peer, Answer(request)});
}

void Engine::Impl::On(PeerId peer, const Blocks& answer) {
  // An answer that came too late is of no use: another peer was asked.
  if (!request_ || request_->peer != peer || request_->number != answer.request) return;
  const Request request = *request_;
  if (answer.blocks.empty()) {
    // Its tip may have moved in between.
    if (!request.for_orphan) peers_[peer].barren = request.target;
    peers_[peer].tip.reset();
    peers_[peer].asked = now_;
    Do(Send{peer, GetTip{}});
    return EndRequest(true);
  }
  const Block& first = *answer.blocks.front();
  if (!tree_->Knows(first.header.parent)) {
    return Drop(peer, "it sent blocks that do not follow those that it was told of");
  }
  const HeaderId* parent = nullptr;
  for (const BlockPtr& block : answer.blocks) {
    if (parent != nullptr && block->header.parent != *parent) {
      return Drop(peer, "it sent blocks that are no chain");
    }
    parent = &block->id;
    switch (Consider(block, peer, Source::kSync)) {
      case Fate::kAdmitted:
      case Fate::kKnown:
        break;
      case Fate::kInvalid:
        return;  // dropped already
      case Fate::kWaiting:
        KeepForLater(answer, block, peer);
        return EndRequest(true);
      case Fate::kOrphan:
      case Fate::kFuture:
        return EndRequest(true);
      case Fate::kRefused:
        SayRefused(request);
        EndRequest(true);
        peers_[peer].not_before = now_ + kStuckPause;
        return;
    }
  }
  if (tree_->Knows(request.target)) return EndRequest(false);
  if (request.last == answer.blocks.back()->id) return EndRequest(true);  // it has no more
  Request next = request;
  next.last = answer.blocks.back()->id;
  Ask(std::move(next));
}

void Engine::Impl::SayRefused(const Request& request) {
  const std::string chain = absl::StrCat(
      NameOf(request.peer), ", up to ", request.target.Short(), ", contradicts our final block ",
      tree_->lib().id().Short(), " at height ", tree_->lib().height);
  if (request.for_orphan) {
    Say(LogLevel::kInfo, "sync", "a branch of ", chain);
  } else {
    Say(LogLevel::kError, "sync", "stuck: the better chain of ", chain);
  }
}

void Engine::Impl::Synchronise() {
  if (!start_) return;
  if (!level_ && IsLevel()) {
    level_ = true;
    if (mode_ == Mode::kBootstrapping) {
      mode_ = Mode::kOnline;
      Say(LogLevel::kInfo, "sync", "online at height ", tree_->tip().height, " with ",
          peers_.size(), " peers");
    }
  }
  if (request_ || misbehaving_.IgnoresBlocks() || !replay_.empty()) return;
  if (!AskBest()) AskForOrphans();
}

bool Engine::Impl::HasEnoughPeers() const {
  const auto connected = std::count_if(peers_.begin(), peers_.end(),
                                       [](const auto& one) { return !one.second.dropped; });
  return static_cast<std::size_t>(connected) >= std::min(options_.min_peers, options_.neighbours);
}

bool Engine::Impl::IsLevel() const {
  if (!HasEnoughPeers()) return false;
  if (peers_.empty() && options_.neighbours > 0) {
    return first_tick_ && now_ - *first_tick_ >= kLonelyPatience;
  }
  return std::all_of(peers_.begin(), peers_.end(), [this](const auto& one) {
    const Peer& peer = one.second;
    if (peer.dropped) return true;
    if (!peer.tip) return now_ - peer.asked >= kTipPatience;
    return peer.tip->height <= tree_->tip().height || WaitsForData(peer.tip->id);
  });
}

void Engine::Impl::AskForTips() {
  level_ = false;
  for (auto& [id, peer] : peers_) {
    peer.tip.reset();
    peer.asked = now_;
    peer.not_before = 0;
    Do(Send{id, GetTip{}});
  }
  request_.reset();
}

void Engine::Impl::ExpireRequest() {
  if (!request_) return;
  const bool in_time =
      now_ >= request_->sent && now_ - request_->sent < options_.request_timeout_ms;
  if (in_time) return;
  Say(LogLevel::kWarn, "sync", NameOf(request_->peer), " did not answer in ",
      options_.request_timeout_ms, " ms when asked for blocks");
  Peer& peer = peers_[request_->peer];
  EndRequest(true);
  peer.not_before = now_ + 3 * options_.request_timeout_ms;
}

void Engine::Impl::EndRequest(bool failed) {
  const Request ended = *std::exchange(request_, std::nullopt);
  if (!failed && !ended.for_orphan) return;
  if (failed) peers_[ended.peer].not_before = now_ + kEmptyPause;
  if (ended.for_orphan && !tree_->Knows(ended.target) && !without_data_.Contains(ended.target)) {
    // Nobody will tell; it comes again with a descendant, if it matters.
    orphans_.Take(
        [&](const WaitingBlock& one) { return one.block->header.parent == ended.target; });
  }
}

void Engine::Impl::Ask(Request request) {
  request.number = ++last_request_;
  request.sent = now_;
  Say(LogLevel::kDebug, "sync", "asking ", NameOf(request.peer), " for the blocks up to ",
      request.target.Short());
  Do(Send{request.peer, GetBlocks{request.number, request.target, Locator(request.last)}});
  request_ = std::move(request);
}

bool Engine::Impl::AskBest() {
  const std::pair<const PeerId, Peer>* best = nullptr;
  Tip tip = OwnTip();
  for (const auto& one : peers_) {
    const Peer& peer = one.second;
    if (!IsUsable(peer) || !peer.tip || tree_->Knows(peer.tip->id)) continue;
    if (without_data_.Contains(peer.tip->id)) continue;
    if (!IsBetter(peer.tip->height, peer.tip->id, tip.height, tip.id)) continue;
    best = &one;
    tip = *peer.tip;
  }
  if (best == nullptr) return false;
  Ask({.peer = best->first, .target = tip.id, .last = {}});
  return true;
}

bool Engine::Impl::AskForOrphans() {
  for (const WaitingBlock& orphan : orphans_.all()) {
    const HeaderId& parent = orphan.block->header.parent;
    if (orphans_.Contains(parent) || future_.Contains(parent) || without_data_.Contains(parent)) {
      continue;
    }
    auto peer = orphan.from ? peers_.find(*orphan.from) : peers_.end();
    if (peer != peers_.end() && !IsUsable(peer->second)) continue;
    if (peer == peers_.end()) {
      peer = std::find_if(peers_.begin(), peers_.end(),
                          [this](const auto& one) { return IsUsable(one.second); });
    }
    if (peer == peers_.end()) continue;
    Ask({.peer = peer->first, .target = parent, .last = {}, .for_orphan = true});
    return true;
  }
  return false;
}

std::vector<HeaderId> Engine::Impl::Locator(const std::optional<HeaderId>& last) const {
  std::vector<HeaderId> ids;
  if (last && *last != tree_->tip().id()) ids.push_back(*last);
  const TreeNode& tip = tree_->tip();
  Height step = 1;
  for (Height height = tip.height; height > 0; height -= std::min(height, step)) {
    ids.push_back(tree_->AncestorId(tip, height));
    if (ids.size() > 4) step *= 2;
    if (ids.size() == kMaxLocatorIds - 2) break;
  }
  ids.push_back(tree_->lib().id());
  ids.push_back(genesis_id_);
  return ids;
}

Height Engine::Impl::LastCommon(const GetBlocks& request, const TreeNode& target) const {
  std::optional<Height> common;
  for (const HeaderId& id : request.locator) {
    const std::optional<Height> height = tree_->HeightOf(id);
    if (!height || *height > target.height || (common && *height <= *common)) continue;
    if (tree_->AncestorId(target, *height) == id) common = height;
  }
  return common.value_or(target.height);  // not even genesis: nothing to send
}

Blocks Engine::Impl::Answer(const GetBlocks& request) const {
  Blocks answer{request.request, {}};
  const TreeNode* target = tree_->Find(request.target);
  if (target == nullptr) target = &tree_->tip();
  const Height common = LastCommon(request, *target);
  std::size_t bytes = 0;
  for (Height height = common + 1; height <= target->height; ++height) {
    if (answer.blocks.size() == kMaxBatchBlocks) break;
    BlockPtr block = FindBlock(tree_->AncestorId(*target, height));
    if (block == nullptr) break;
    bytes += 4 + EncodedSize(*block);
    if (!answer.blocks.empty() && bytes > kMaxBlockBytes) break;
    answer.blocks.push_back(std::move(block));
  }
  return answer;
}

}  // namespace gtestnet::node
