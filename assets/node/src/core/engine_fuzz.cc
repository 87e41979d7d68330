// SPDX-License-Identifier: Apache-2.0
// The engine under sequences of peers' messages, valid and slightly wrong, and of transactions,
// ticks and restarts. Whatever comes: its memory is bounded, and its chain is valid.
#include <algorithm>
#include <map>
#include <set>

#include "engine_rig.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {
namespace {

using namespace testing_support;

constexpr std::size_t kMostBlocks = 64;

class Run {
 public:
  explicit Run(Choices choices)
      : choices_(choices),
        rig_({.k = 3, .leader = 1, .neighbours = 3, .min_peers = 1, .data_availability = false}),
        maker_(AlwaysWinning(3)) {
    blocks_.push_back(nullptr);  // genesis
    ids_.push_back(maker_.genesis());
    for (std::size_t i = 0; i < 3; ++i) coins_.push_back(AliceCoin(i));
    coins_.push_back(BobCoin());
  }

  void Go() {
    while (!choices_.done()) {
      Step();
      Check();
    }
    rig_.Reboot();
    Demand(rig_.restored().ok(), "what was stored can be restored");
    Check();
  }

 private:
  void Step() {
    const PeerId peer = 1 + choices_.Below(4);
    switch (choices_.Below(12)) {
      case 0:
        return Note(rig_.Connect(peer));
      case 1:
        return Note(rig_.Do(PeerDisconnected{peer}));
      case 2:
      case 3:
        slot_ += 1 + choices_.Below(3);
        return Note(rig_.EnterSlot(slot_));
      case 4:
        return Tell(peer, Tip{AnyId(), choices_.Below(70)});
      case 5:
        return Tell(peer, NewBlock{Made()});
      case 6:
        return Tell(peer, NewBlock{Damaged()});
      case 7: {
        Blocks answer{last_request_ + choices_.Below(2), {}};
        for (std::uint32_t i = choices_.Below(6); i > 0; --i) answer.blocks.push_back(Known());
        std::erase(answer.blocks, nullptr);
        return Tell(peer, answer);
      }
      case 8: {
        GetBlocks get{choices_.Byte(), AnyId(), {}};
        for (std::uint32_t i = choices_.Below(5); i > 0; --i) get.locator.push_back(AnyId());
        return Tell(peer, get);
      }
      case 9: {
        Transactions transactions;
        for (std::uint32_t i = 1 + choices_.Below(3); i > 0; --i) {
          transactions.transactions.push_back(Transaction());
        }
        return Tell(peer, transactions);
      }
      case 10: {
        absl::Status status;
        return Note(rig_.Submit(Transaction(), &status));
      }
      default:
        if (choices_.Below(8) == 0) {
          rig_.Reboot();
          Demand(rig_.restored().ok(), "what was stored can be restored");
          finalised_ = rig_.info().lib_height;
          return;
        }
        return Tell(peer, choices_.Below(2) == 0 ? Message(GetTip{})
                                                 : Message(DataMessage{Bytes(choices_.Byte())}));
    }
  }

  void Tell(PeerId peer, const Message& message) {
    // As a peer could have sent it.
    const absl::StatusOr<Message> sent = DecodeMessage(EncodeMessage(message));
    if (sent.ok()) Note(rig_.Tell(peer, *sent));
  }

  void Note(const Actions& actions) {
    for (const GetBlocks& get : Messages<GetBlocks>(actions)) last_request_ = get.request;
    for (const NewBlock& own : Messages<NewBlock>(actions)) Learn(own.block);
    for (const Finalised& one : Of<Finalised>(actions)) {
      Demand(one.height == finalised_ + 1, "blocks become final one after the other");
      finalised_ = one.height;
    }
  }

  void Learn(const BlockPtr& block) {
    if (blocks_.size() >= kMostBlocks || !known_.insert(block->id).second) return;
    if (std::find(ids_.begin(), ids_.end(), block->header.parent) == ids_.end()) return;
    maker_.Learn(block);
    blocks_.push_back(block);
    ids_.push_back(block->id);
  }

  // On any block so far, by any leader, sometimes with transactions.
  BlockPtr Made() {
    if (blocks_.size() >= kMostBlocks) return Known();
    const std::size_t parent = choices_.Below(static_cast<std::uint32_t>(blocks_.size()));
    const Slot after = parent == 0 ? 0 : blocks_[parent]->header.slot;
    std::vector<SignedMantleTx> transactions;
    for (std::uint32_t i = choices_.Below(3); i > 0; --i) transactions.push_back(Transaction());
    const BlockPtr block =
        maker_.Make(ids_[parent], after + 1 + choices_.Below(4),
                    static_cast<std::uint8_t>(1 + choices_.Below(3)), std::move(transactions));
    Learn(block);
    return block;
  }

  BlockPtr Damaged() {
    const BlockPtr block = Known();
    if (block == nullptr) return Made();
    Header header = block->header;
    switch (choices_.Below(6)) {
      case 0:
        header.slot += choices_.Byte();
        break;
      case 1:
        header.parent = Filled(choices_.Byte());
        break;
      case 2:
        header.proof.bytes[choices_.Below(128)] ^= choices_.Byte();
        break;
      case 3:
        header.leader_key = KeyOf(choices_.Byte()).public_key();
        break;
      case 4:
        header.block_root = Filled(choices_.Byte());
        break;
      default:
        header.entropy = Filled(choices_.Byte());
    }
    const bool sealed = choices_.Below(2) == 0;
    return sealed ? BlockMaker::Seal(header, static_cast<std::uint8_t>(1 + choices_.Below(3)),
                                     block->transactions)
                  : MakeBlock(header, block->signature, block->transactions);
  }

  BlockPtr Known() {
    BlockPtr block = blocks_[choices_.Below(static_cast<std::uint32_t>(blocks_.size()))];
    return block == nullptr && blocks_.size() > 1 ? blocks_.back() : block;
  }
  HeaderId AnyId() {
    const std::uint32_t which = choices_.Below(static_cast<std::uint32_t>(ids_.size()) + 1);
    return which < ids_.size() ? ids_[which] : Filled(choices_.Byte());
  }

  SignedMantleTx Transaction() {
    if (choices_.Below(4) == 0) {
      return Inscribe(choices_.Byte(), Filled(choices_.Below(2) == 0 ? 0 : choices_.Byte()),
                      kAlice);
    }
    Coin coin = coins_[choices_.Below(static_cast<std::uint32_t>(coins_.size()))];
    const std::uint64_t value = choices_.Below(5) == 0 ? choices_.Byte() : 100;
    if (choices_.Below(6) == 0) coin.owner = kBob;
    SignedMantleTx tx = Transfer({coin}, {NoteFor(kBob, value)});
    const std::vector<Hash> made = OutputIds(tx.tx.ledger_tx);
    if (coins_.size() < 32) coins_.push_back({made[0], kBob});
    return tx;
  }

  void Check() {
    const Engine& engine = rig_.engine();
    const ChainInfo info = engine.Info();
    Demand(info.lib_height <= info.height, "the LIB is not above the tip");
    Demand(info.height - info.lib_height <= 3, "what is k below the tip is final");
    Demand(info.lib_height >= last_lib_, "finality never goes back");
    last_lib_ = info.lib_height;
    CheckChain(engine, info);
    const EngineMetrics metrics = engine.Metrics();
    Demand(metrics.pending == engine.pending_count() && metrics.pending <= 65'536,
           "the pool is bounded");
    Demand(metrics.blocks_waiting <= 64, "waiting blocks are bounded");
  }

  // From the tip to genesis, by the rules of the ledger as this test knows them.
  void CheckChain(const Engine& engine, const ChainInfo& info) {
    std::vector<BlockPtr> chain;
    HeaderId id = info.tip;
    for (Height height = info.height; height > 0; --height) {
      const BlockPtr block = engine.FindBlock(id);
      Demand(block != nullptr, "each block of the chain is there");
      Demand(engine.HeightOf(id) == height, "heights count from genesis");
      chain.push_back(block);
      id = block->header.parent;
    }
    Demand(id == engine.genesis_id(), "the chain begins with genesis");
    std::reverse(chain.begin(), chain.end());
    std::map<NoteId, std::uint64_t> notes;
    static const Genesis genesis = TestGenesis();
    static const std::vector<NoteId> genesis_ids = GenesisNoteIds(genesis);
    for (std::size_t i = 0; i < genesis_ids.size(); ++i) {
      notes[genesis_ids[i]] = genesis.notes[i].note.value;
    }
    Slot slot = 0;
    for (const BlockPtr& block : chain) {
      Demand(block->header.slot > slot, "slots rise along the chain");
      slot = block->header.slot;
      for (const SignedMantleTx& tx : block->transactions) {
        std::uint64_t spent = 0;
        std::uint64_t made = 0;
        for (const NoteId& input : tx.tx.ledger_tx.inputs) {
          const auto note = notes.find(input);
          Demand(note != notes.end(), "a note is spent once, and after it was made");
          spent += note->second;
          notes.erase(note);
        }
        const std::vector<NoteId> outputs = OutputIds(tx.tx.ledger_tx);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          made += tx.tx.ledger_tx.outputs[i].value;
          notes[outputs[i]] = tx.tx.ledger_tx.outputs[i].value;
        }
        Demand(made <= spent, "no transaction makes more than it spends");
      }
    }
  }

  Choices choices_;
  EngineRig rig_;
  BlockMaker maker_;
  std::vector<BlockPtr> blocks_;  // that peers have; the first is genesis
  std::vector<HeaderId> ids_;     // of those
  std::set<HeaderId> known_;
  std::vector<Coin> coins_;
  Slot slot_ = 0;
  std::uint32_t last_request_ = 0;
  Height finalised_ = 0;
  Height last_lib_ = 0;
};

}  // namespace

std::vector<std::string> Seeds() {
  // Steps by their numbers above: connect, tip, blocks on genesis, ticks, transactions, a restart.
  return {std::string("\x01\x00\x01\x04\x00\x00\x01\x05\x00\x00\x00\x01\x02\x00", 14),
          std::string(
              "\x01\x00\x01\x04\x00\x00\x01\x02\x00\x01\x02\x00\x01\x09\x01\x01\x01\x01\x01", 19),
          std::string(
              "\x01\x00\x02\x00\x01\x05\x00\x00\x00\x01\x05\x01\x00\x01\x01\x06\x01\x02\x03", 19),
          std::string("\x01\x00\x01\x05\x00\x00\x00\x01\x07\x00\x03\x01\x01\x01\x01\x0b\x00", 17)};
}

void Try(std::string_view input) { Run(Choices(input.substr(0, 512))).Go(); }

}  // namespace gtestnet::node::fuzz
