// SPDX-License-Identifier: Apache-2.0
// Makes valid blocks on any parent, for tests. With an active slot coefficient of 1 every leader
// wins every slot.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "epoch.h"
#include "leadership.h"
#include "test_support.h"

namespace gtestnet::node::testing_support {

inline constexpr std::uint8_t kAlice = 10;
inline constexpr std::uint8_t kBob = 11;

// Leaders 1, 2, 3 with 1000 each, then three notes of 100 of Alice's and one of Bob's.
inline Genesis TestGenesis() {
  Genesis genesis;
  genesis.chain_id = Filled(0x77);
  for (std::uint8_t leader = 1; leader <= 3; ++leader) {
    genesis.notes.push_back({{1000, KeyOf(leader).public_key()}, true});
  }
  for (const std::uint8_t owner : {kAlice, kAlice, kAlice, kBob}) {
    genesis.notes.push_back({{100, KeyOf(owner).public_key()}, false});
  }
  return genesis;
}

inline Coin AliceCoin(std::size_t i) { return {GenesisNoteIds(TestGenesis())[3 + i], kAlice}; }
inline Coin BobCoin() { return {GenesisNoteIds(TestGenesis())[6], kBob}; }
inline Note NoteFor(std::uint8_t owner, std::uint64_t value) {
  return {value, KeyOf(owner).public_key()};
}

inline ConsensusOptions AlwaysWinning(std::uint32_t k) {
  ConsensusOptions options;
  options.slot_duration_ms = 100;
  options.active_slot_coeff = {1, 1};
  options.security_param = k;
  return options;
}

class BlockMaker {
 public:
  explicit BlockMaker(const ConsensusOptions& options, const Genesis& genesis = TestGenesis())
      : rules_(options, genesis), genesis_(MakeGenesisBlock(genesis)->id) {
    states_.emplace(genesis_, rules_.genesis());
  }

  const HeaderId& genesis() const { return genesis_; }

  // By leader 1, 2 or 3, with its genesis note.
  BlockPtr Make(const HeaderId& parent, Slot slot, std::uint8_t leader,
                std::vector<SignedMantleTx> transactions = {}) {
    const ChainState& state = states_.at(parent);
    const KeyPair key = KeyOf(leader);
    const Signature leadership = key.Sign(LeadershipMessage(slot, rules_.At(state, slot).nonce));
    std::vector<TxHash> hashes;
    for (const SignedMantleTx& tx : transactions) hashes.push_back(HashOfTx(tx.tx));
    Header header;
    header.parent = parent;
    header.slot = slot;
    header.block_root = BlockRoot(hashes);
    header.entropy = Entropy(leadership);
    header.proof = LeaderProof::Make(leadership, GenesisNoteIds(TestGenesis())[leader - 1u]);
    header.leader_key = key.public_key();
    BlockPtr block = Seal(header, leader, std::move(transactions));
    states_.emplace(block->id, rules_.After(state, header, {}));
    return block;
  }

  // A block that somebody else made.
  void Learn(const BlockPtr& block) {
    const ChainState& state = states_.at(block->header.parent);
    states_.emplace(block->id, rules_.After(state, block->header, {}));
  }

  // `count` blocks, one in each slot from `slot` on.
  std::vector<BlockPtr> Chain(const HeaderId& parent, Slot slot, std::size_t count,
                              std::uint8_t leader) {
    std::vector<BlockPtr> blocks;
    for (std::size_t i = 0; i < count; ++i) {
      blocks.push_back(Make(blocks.empty() ? parent : blocks.back()->id, slot + i, leader));
    }
    return blocks;
  }

  // Signs whatever the header says.
  static BlockPtr Seal(const Header& header, std::uint8_t leader,
                       std::vector<SignedMantleTx> transactions = {}) {
    return MakeBlock(header, KeyOf(leader).Sign(IdOf(header).span()), std::move(transactions));
  }

 private:
  EpochRules rules_;
  HeaderId genesis_;
  std::unordered_map<HeaderId, ChainState> states_;
};

}  // namespace gtestnet::node::testing_support
