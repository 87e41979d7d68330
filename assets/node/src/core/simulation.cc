// SPDX-License-Identifier: Apache-2.0
#include "simulation.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace gtestnet::node::testing_support {
namespace {

std::pair<std::size_t, std::size_t> Edge(std::size_t a, std::size_t b) { return std::minmax(a, b); }

}  // namespace

BlockPtr MemoryStore::Get(const HeaderId& id) const {
  const auto found = blocks_.find(id);
  return found == blocks_.end() ? nullptr : found->second;
}

void MemoryStore::Store(const BlockPtr& block) {
  if (blocks_.emplace(block->id, block).second) order_.push_back(block->id);
}

std::vector<BlockPtr> MemoryStore::InOrder() const {
  std::vector<BlockPtr> blocks;
  for (const HeaderId& id : order_) {
    if (BlockPtr block = Get(id)) blocks.push_back(std::move(block));
  }
  return blocks;
}

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)), random_(options_.seed) {
  genesis_.chain_id = Filled(static_cast<std::uint8_t>(options_.seed));
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    const std::uint64_t value = i < options_.stakes.size() ? options_.stakes[i] : 1000;
    genesis_.notes.push_back({{value, KeyOf(static_cast<std::uint8_t>(i + 1)).public_key()}, true});
  }
  for (std::size_t i = 0; i < options_.wallet_notes; ++i) {
    genesis_.notes.push_back({{100, KeyOf(kWalletKey).public_key()}, false});
  }
  for (const auto& [a, b] : options_.edges) edges_.insert(Edge(a, b));
  if (options_.edges.empty()) {
    for (std::size_t a = 0; a < options_.nodes; ++a) {
      for (std::size_t b = a + 1; b < options_.nodes; ++b) edges_.insert({a, b});
    }
  }
  nodes_.resize(options_.nodes);
  lives_.resize(options_.nodes);
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    if (!options_.late.contains(i)) Start(i);
  }
}

EngineOptions Simulation::OptionsOf(std::size_t node) const {
  EngineOptions options;
  options.consensus.slot_duration_ms = options_.slot_ms;
  options.consensus.active_slot_coeff = SlotCoefficient::Parse(options_.f).value();
  options.consensus.security_param = options_.k;
  options.genesis = genesis_;
  options.leader_seeds = {SeedOf(static_cast<std::uint8_t>(node + 1))};
  options.min_peers = options_.min_peers;
  for (const auto& [a, b] : edges_) options.neighbours += a == node || b == node ? 1 : 0;
  const auto misbehaviour = options_.misbehaviour.find(node);
  if (misbehaviour != options_.misbehaviour.end()) options.misbehaviour = misbehaviour->second;
  return options;
}

void Simulation::Start(std::size_t i) {
  Node& node = nodes_[i];
  node.engine = std::make_unique<Engine>(OptionsOf(i), &node.store);
  for (const BlockPtr& block : node.store.InOrder()) {
    const absl::Status status = node.engine->Restore(block);
    if (!status.ok()) {
      std::cerr << "node " << i << ": " << status << "\n";
      std::abort();
    }
  }
  node.paused = false;
  Feed(i, StartTimeKnown{start_});
  TickAlways(i, ++lives_[i]);
  ConnectAll(i);
}

void Simulation::ConnectAll(std::size_t node) {
  for (const auto& [a, b] : edges_) {
    if (a == node) Join(node, b);
    if (b == node) Join(node, a);
  }
}

void Simulation::Kill(std::size_t i) {
  ++lives_[i];
  nodes_[i].engine.reset();
  for (const auto& [other, peer] : std::exchange(nodes_[i].peers, {})) {
    const PeerId gone = nodes_[other].peers.at(i);
    nodes_[other].peers.erase(i);
    Feed(other, PeerDisconnected{gone});
  }
}

void Simulation::Resume(std::size_t i) {
  nodes_[i].paused = false;
  for (const Event& event : std::exchange(nodes_[i].missed, {})) Feed(i, event);
}

void Simulation::Cut(std::size_t a, std::size_t b) {
  cut_.insert(Edge(a, b));
  const auto peer = nodes_[a].peers.find(b);
  if (peer == nodes_[a].peers.end()) return;
  const PeerId of_a = peer->second;
  const PeerId of_b = nodes_[b].peers.at(a);
  nodes_[a].peers.erase(b);
  nodes_[b].peers.erase(a);
  Feed(a, PeerDisconnected{of_a});
  Feed(b, PeerDisconnected{of_b});
}

void Simulation::Join(std::size_t a, std::size_t b) {
  cut_.erase(Edge(a, b));
  if (!edges_.contains(Edge(a, b)) || nodes_[a].peers.contains(b)) return;
  if (!nodes_[a].engine || !nodes_[b].engine) return;
  nodes_[a].peers[b] = ++last_peer_;
  nodes_[b].peers[a] = ++last_peer_;
  Feed(a, PeerConnected{nodes_[a].peers[b], "node-" + std::to_string(b)});
  Feed(b, PeerConnected{nodes_[b].peers[a], "node-" + std::to_string(a)});
}

void Simulation::Isolate(std::size_t node) {
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other != node) Cut(node, other);
  }
}

void Simulation::Rejoin(std::size_t node) {
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other != node) Join(node, other);
  }
}

absl::Status Simulation::Submit(std::size_t node, SignedMantleTx tx) {
  Submission submission = engine(node).Submit(std::move(tx), now_);
  Perform(node, std::move(submission.actions));
  return submission.status;
}

std::vector<Coin> Simulation::WalletCoins() const {
  std::vector<Coin> coins;
  const std::vector<NoteId> ids = GenesisNoteIds(genesis_);
  for (std::size_t i = options_.nodes; i < ids.size(); ++i) coins.push_back({ids[i], kWalletKey});
  return coins;
}

void Simulation::RunFor(Millis duration) {
  const Millis end = now_ + duration;
  while (!queue_.empty() && queue_.top().time <= end) {
    const Due due = queue_.top();
    queue_.pop();
    now_ = due.time;
    due.run();
  }
  now_ = end;
}

void Simulation::At(Millis time, std::function<void()> run) {
  queue_.push({time, order_++, std::move(run)});
}

void Simulation::TickAlways(std::size_t i, std::uint64_t life) {
  if (lives_[i] != life) return;
  if (!nodes_[i].paused) Feed(i, Tick{});
  const Millis slot = options_.slot_ms;
  const Millis next = now_ < start_ ? start_ : now_ + slot - (now_ - start_) % slot;
  At(std::min(next, now_ + 500), [this, i, life] { TickAlways(i, life); });
}

void Simulation::Feed(std::size_t i, const Event& event) {
  Node& node = nodes_[i];
  if (!node.engine) return;
  if (node.paused) {
    node.missed.push_back(event);
    return;
  }
  Perform(i, node.engine->Handle(event, now_));
}

void Simulation::Perform(std::size_t i, Actions actions) {
  for (Action& action : actions) {
    if (auto* send = std::get_if<Send>(&action)) {
      for (const auto& [other, peer] : nodes_[i].peers) {
        if (peer == send->peer) Deliver(i, other, send->message);
      }
    } else if (auto* broadcast = std::get_if<Broadcast>(&action)) {
      for (const auto& [other, peer] : nodes_[i].peers) {
        if (broadcast->except != peer) Deliver(i, other, broadcast->message);
      }
    } else if (auto* block = std::get_if<StoreBlock>(&action)) {
      nodes_[i].store.Store(block->block);
    } else if (auto* prune = std::get_if<PruneBlocks>(&action)) {
      for (const HeaderId& id : prune->ids) nodes_[i].store.Prune(id);
    } else if (auto* tip = std::get_if<TipChanged>(&action)) {
      deepest_ = std::max(deepest_, tip->reorganised);
    } else if (auto* final = std::get_if<Finalised>(&action)) {
      nodes_[i].finalised.push_back(*final);
    } else if (auto* drop = std::get_if<DropPeer>(&action)) {
      nodes_[i].drops.push_back(drop->reason);
    } else if (auto* log = std::get_if<Log>(&action)) {
      nodes_[i].logs.push_back(log->text);
    }
  }
}

void Simulation::Deliver(std::size_t from, std::size_t to, const Message& message) {
  const auto range = static_cast<std::uint64_t>(options_.max_delay - options_.min_delay + 1);
  Millis time = now_ + options_.min_delay + static_cast<Millis>(random_() % range);
  Millis& last = last_delivery_[{from, to}];  // a stream keeps its order
  last = time = std::max(time, last);
  const PeerId connection = nodes_[to].peers.at(from);
  Message copy = message;
  if (options_.encode) {
    absl::StatusOr<Message> decoded = DecodeMessage(EncodeMessage(message));
    if (!decoded.ok()) {
      std::cerr << "message of node " << from << ": " << decoded.status() << "\n";
      std::abort();
    }
    copy = *std::move(decoded);
  }
  At(time, [this, from, to, connection, copy = std::move(copy)] {
    const auto peer = nodes_[to].peers.find(from);
    if (peer == nodes_[to].peers.end() || peer->second != connection) return;
    Feed(to, MessageReceived{connection, copy});
  });
}

std::string Simulation::Disagreement(std::vector<std::size_t> nodes) const {
  if (nodes.empty()) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) nodes.push_back(i);
  }
  std::map<Height, std::pair<std::size_t, HeaderId>> seen;
  for (const std::size_t i : nodes) {
    for (const Finalised& one : nodes_[i].finalised) {
      const auto [entry, is_new] = seen.emplace(one.height, std::pair(i, one.id));
      if (is_new || entry->second.second == one.id) continue;
      return "nodes " + std::to_string(entry->second.first) + " and " + std::to_string(i) +
             " finalised different blocks at height " + std::to_string(one.height);
    }
  }
  return "";
}

}  // namespace gtestnet::node::testing_support
