// SPDX-License-Identifier: Apache-2.0
// The protocol of the node as a state machine: no sockets, disk, clock, threads or log of its own.
//
//   Engine engine(options, &store);
//   for (BlockPtr block : store.AllInOrderOfStoring()) status = engine.Restore(block);
//   for (Action& action : engine.Handle(Tick{}, now)) Perform(action);
//
// The same events at the same times give the same actions, bit by bit. One thread at a time; Handle
// is never called from within a BlockStore. The shell performs the actions in their order;
// StoreBlock need not be durable before the next actions, except that a node must not lose a block
// of its own and then make another one for its slot: a Broadcast of one's own block always stands
// behind its StoreBlock.
//
// The shell calls Handle(Tick) at the start of each slot (NextSlotTime) and at least each half
// second in between.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "message.h"
#include "options.h"
#include "types.h"

namespace gtestnet::node {

// The shell's number for one connection; never used again after PeerDisconnected.
using PeerId = std::uint64_t;

// Bodies of blocks by id. Called from within Handle and the queries; must give what StoreBlock
// gave.
class BlockStore {
 public:
  virtual ~BlockStore() = default;
  virtual BlockPtr Get(const HeaderId& id) const = 0;  // null if unknown
};

// ---- Events

struct StartTimeKnown {
  Millis start = 0;  // slot 0 begins here
};
struct Tick {};
struct PeerConnected {
  PeerId peer = 0;
  std::string name;  // for logs
};
struct PeerDisconnected {
  PeerId peer = 0;
};
struct MessageReceived {
  PeerId peer = 0;
  Message message;
};
// An answer to SampleBlobs, or news: the columns of these blobs can be had.
struct BlobsAvailable {
  std::vector<Hash> blobs;
};
using Event = std::variant<StartTimeKnown, Tick, PeerConnected, PeerDisconnected, MessageReceived,
                           BlobsAvailable>;

// ---- Actions

struct Send {
  PeerId peer = 0;
  Message message;
};
struct Broadcast {
  Message message;
  std::optional<PeerId> except;
};
// A block that was admitted to the tree, on whichever branch. A parent always comes before its
// children.
struct StoreBlock {
  BlockPtr block;
  Height height = 0;
};
// Branches that finality has cut off; they may be deleted.
struct PruneBlocks {
  std::vector<HeaderId> ids;
};
// Comes after StoreBlock, and after the TipChanged that the block caused, if it did.
struct BlockApplied {
  BlockPtr block;
  Height height = 0;
};
struct TipChanged {
  HeaderId tip;
  Height height = 0;
  Slot slot = 0;
  Height reorganised = 0;  // how many blocks of the former chain were left
};
// One for each height, ascending.
struct Finalised {
  Height height = 0;
  HeaderId id;
};
struct DropPeer {
  PeerId peer = 0;
  std::string reason;
};
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };
struct Log {
  LogLevel level = LogLevel::kInfo;
  const char* topic = "";  // consensus | sync | mempool | da
  std::string text;
};
// Find out whether the columns of these blobs can be had. Repeated as long as it matters, once a
// slot, until BlobsAvailable.
struct SampleBlobs {
  std::vector<Hash> blobs;
};
using Action = std::variant<Send, Broadcast, StoreBlock, PruneBlocks, BlockApplied, TipChanged,
                            Finalised, DropPeer, Log, SampleBlobs>;
using Actions = std::vector<Action>;

// ---- Answers to queries

enum class Mode { kBootstrapping, kOnline };
const char* ModeName(Mode mode);  // "Bootstrapping", "Online"
std::ostream& operator<<(std::ostream& out, Mode mode);

struct ChainInfo {
  HeaderId tip;
  Height height = 0;  // of the tip, counted from genesis
  Slot slot = 0;      // of the tip
  HeaderId lib;
  Height lib_height = 0;
  Mode mode = Mode::kBootstrapping;
};

struct TxStatus {
  enum class Kind { kUnknown, kPending, kInBlock };
  Kind kind = Kind::kUnknown;
  HeaderId block;  // of kInBlock: a block of the canonical chain
};

struct EngineMetrics {
  // Gauges.
  std::uint64_t current_slot = 0, current_epoch = 0, forks = 0, peers = 0, pending = 0;
  std::uint64_t blocks_waiting = 0;  // for their blobs
  // Counters since the engine was made; Restore counts nothing.
  std::uint64_t processed_blocks = 0;    // admitted to the tree, own ones too
  std::uint64_t blocks_imported = 0;     // of those, from peers
  std::uint64_t block_transactions = 0;  // in blocks as they became canonical
  std::uint64_t slots_won = 0, proposals = 0, reorganisations = 0, deepest_reorganisation = 0;
  std::uint64_t orphan_blocks = 0, equivocations = 0, rejected_blocks = 0;
  std::uint64_t transactions_added = 0, transactions_removed = 0;
};

struct Submission {
  absl::Status
      status;  // AlreadyExists "Item already in mempool", InvalidArgument, ResourceExhausted
  Actions actions;
};

class Engine {
 public:
  // `options` must have passed ConsensusOptions::Check; `store` must outlive the engine.
  Engine(EngineOptions options, const BlockStore* store);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Before the first Handle: each stored block, in the order of its StoreBlock. Ids are recomputed
  // and all rules of the ledger applied, signatures are taken as checked. No actions. An error
  // means that the storage is not of this chain.
  absl::Status Restore(const BlockPtr& block);

  [[nodiscard]] Actions Handle(const Event& event, Millis now);

  // A transaction from the API. The op proofs are checked, the ledger's rules are not: as in the
  // real node.
  [[nodiscard]] Submission Submit(SignedMantleTx tx, Millis now);

  const HeaderId& genesis_id() const;
  ChainInfo Info() const;
  // When the next Tick is due for a slot; nothing before the start is known.
  std::optional<Millis> NextSlotTime(Millis now) const;
  // Newest first, from `from` (default: the tip) along parents to `to` (default: the LIB)
  // inclusively, at most 512.
  std::vector<HeaderId> Headers(std::optional<HeaderId> from, std::optional<HeaderId> to) const;
  // Of any block in the tree or below the LIB; null for the genesis block and for unknown ones.
  BlockPtr FindBlock(const HeaderId& id) const;
  std::optional<Height> HeightOf(const HeaderId& id) const;
  // Finalised blocks with a slot in [from, to], oldest first, without genesis, at most `limit`.
  std::vector<HeaderId> ImmutableBlocks(Slot from, Slot to, std::size_t limit) const;
  TxStatus StatusOf(const TxHash& hash) const;
  std::size_t pending_count() const;
  Millis last_pending_time() const;  // when the newest transaction was admitted; 0 if none ever was
  EngineMetrics Metrics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gtestnet::node
