// SPDX-License-Identifier: Apache-2.0
// Several engines in one process under virtual time: a network with delays, partitions, pauses,
// deaths and restarts, all of it from one seed. For tests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine.h"
#include "test_support.h"

namespace gtestnet::node::testing_support {

// What the shell's database is: blocks by id, and in the order of their coming.
class MemoryStore : public BlockStore {
 public:
  BlockPtr Get(const HeaderId& id) const override;
  void Store(const BlockPtr& block);
  void Prune(const HeaderId& id) { blocks_.erase(id); }
  std::vector<BlockPtr> InOrder() const;
  std::size_t size() const { return blocks_.size(); }

 private:
  std::unordered_map<HeaderId, BlockPtr> blocks_;
  std::vector<HeaderId> order_;
};

struct SimulationOptions {
  std::size_t nodes = 3;
  std::vector<std::uint64_t> stakes = {};  // by node; 1000 each by default
  std::string f = "0.9";
  std::uint32_t k = 10;
  Millis slot_ms = 200;
  Millis min_delay = 1;
  Millis max_delay = 50;  // of a message, uniformly
  std::uint64_t seed = 1;
  std::size_t min_peers = 1;
  bool encode = false;                                          // send messages as bytes
  std::vector<std::pair<std::size_t, std::size_t>> edges = {};  // all by default
  std::map<std::size_t, Misbehaviour> misbehaviour = {};
  std::set<std::size_t> late = {};  // nodes that are not started yet
  std::size_t wallet_notes = 0;     // notes of 100 of key kWalletKey
};

inline constexpr std::uint8_t kWalletKey = 200;

class Simulation {
 public:
  explicit Simulation(SimulationOptions options);

  Millis now() const { return now_; }
  void RunSlots(std::uint64_t slots) { RunFor(static_cast<Millis>(slots) * options_.slot_ms); }
  void RunFor(Millis duration);

  void Start(std::size_t node);  // also again, with what its store has
  void Kill(std::size_t node);
  void Pause(std::size_t node) { nodes_[node].paused = true; }  // its connections stand still
  void Resume(std::size_t node);
  void Cut(std::size_t a, std::size_t b);
  void Join(std::size_t a, std::size_t b);
  void Isolate(std::size_t node);
  void Rejoin(std::size_t node);

  Engine& engine(std::size_t node) { return *nodes_[node].engine; }
  const MemoryStore& store(std::size_t node) const { return nodes_[node].store; }
  absl::Status Submit(std::size_t node, SignedMantleTx tx);
  const Genesis& genesis() const { return genesis_; }
  std::vector<Coin> WalletCoins() const;

  // What was seen, by node.
  const std::vector<Finalised>& finalised(std::size_t node) const { return nodes_[node].finalised; }
  const std::vector<std::string>& logs(std::size_t node) const { return nodes_[node].logs; }
  const std::vector<std::string>& drops(std::size_t node) const { return nodes_[node].drops; }
  Height deepest_reorganisation() const { return deepest_; }
  // The first contradiction between what two of `nodes` (default: all) finalised, or empty.
  std::string Disagreement(std::vector<std::size_t> nodes = {}) const;

 private:
  struct Node {
    std::unique_ptr<Engine> engine;
    MemoryStore store;
    bool paused = false;
    Millis ticks_from = 0;
    std::vector<Event> missed;            // while paused
    std::map<std::size_t, PeerId> peers;  // by node
    std::vector<Finalised> finalised;
    std::vector<std::string> logs;
    std::vector<std::string> drops;
  };
  struct Due {
    Millis time = 0;
    std::uint64_t order = 0;
    std::function<void()> run;
    bool operator<(const Due& other) const {
      return std::pair(time, order) > std::pair(other.time, other.order);
    }
  };

  EngineOptions OptionsOf(std::size_t node) const;
  void At(Millis time, std::function<void()> run);
  void TickAlways(std::size_t node, std::uint64_t life);
  void Feed(std::size_t node, const Event& event);
  void Perform(std::size_t node, Actions actions);
  void Deliver(std::size_t from, std::size_t to, const Message& message);
  void ConnectAll(std::size_t node);

  SimulationOptions options_;
  Genesis genesis_;
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> lives_;
  std::set<std::pair<std::size_t, std::size_t>> edges_;
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  std::map<std::pair<std::size_t, std::size_t>, Millis> last_delivery_;
  std::priority_queue<Due> queue_;
  std::uint64_t order_ = 0;
  PeerId last_peer_ = 0;
  Millis now_ = 1'000'000;
  Millis start_ = 1'000'500;
  std::mt19937_64 random_;
  Height deepest_ = 0;
};

}  // namespace gtestnet::node::testing_support
