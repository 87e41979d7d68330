// SPDX-License-Identifier: Apache-2.0
// What the core's tests share: keys, genesis, transactions, and a deterministic source of numbers.
#pragma once

#include <cstdint>
#include <ostream>
#include <random>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "options.h"

namespace gtestnet::node::testing_support {

inline Hash Filled(std::uint8_t byte) {
  Hash hash;
  hash.bytes.fill(byte);
  return hash;
}

// Key n of a wallet or leader.
inline Hash SeedOf(std::uint8_t n) { return Filled(n); }
inline KeyPair KeyOf(std::uint8_t n) { return KeyPair::FromSeed(SeedOf(n)); }

struct Coin {
  NoteId id;
  std::uint8_t owner = 0;
};

inline void Sign(SignedMantleTx& tx, const std::vector<std::uint8_t>& owners) {
  const TxHash hash = HashOfTx(tx.tx);
  tx.input_signatures.clear();
  for (const std::uint8_t owner : owners) {
    tx.input_signatures.push_back(KeyOf(owner).Sign(hash.span()));
  }
}

inline SignedMantleTx Transfer(const std::vector<Coin>& inputs, std::vector<Note> outputs) {
  SignedMantleTx tx;
  std::vector<std::uint8_t> owners;
  for (const Coin& coin : inputs) {
    tx.tx.ledger_tx.inputs.push_back(coin.id);
    owners.push_back(coin.owner);
  }
  tx.tx.ledger_tx.outputs = std::move(outputs);
  Sign(tx, owners);
  return tx;
}

inline SignedMantleTx Inscribe(std::uint8_t channel, const MsgId& parent, std::uint8_t signer,
                               std::string_view text = "text") {
  Inscription op;
  op.channel_id = Filled(channel);
  op.inscription.assign(text.begin(), text.end());
  op.parent = parent;
  op.signer = KeyOf(signer).public_key();
  SignedMantleTx tx;
  tx.tx.ops.emplace_back(op);
  tx.op_proofs.push_back(KeyOf(signer).Sign(HashOfTx(tx.tx).span()));
  return tx;
}

inline SignedMantleTx BringBlob(std::uint8_t channel, const MsgId& parent, std::uint8_t signer,
                                const Hash& blob, std::uint64_t size = 31) {
  ChannelBlob op;
  op.channel = Filled(channel);
  op.blob = blob;
  op.blob_size = size;
  op.parent = parent;
  op.signer = KeyOf(signer).public_key();
  SignedMantleTx tx;
  tx.tx.ops.emplace_back(op);
  tx.op_proofs.push_back(KeyOf(signer).Sign(HashOfTx(tx.tx).span()));
  return tx;
}

inline MsgId MessageOf(const SignedMantleTx& tx) { return MessageId(tx.tx.ops.front()); }

// Changes, cuts and extends `bytes` in `rounds` ways.
template <typename Function>
void ForEachMutation(const Bytes& bytes, int rounds, Function function) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    function(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  std::mt19937_64 random(20240607);
  for (int round = 0; round < rounds; ++round) {
    Bytes changed = bytes;
    for (std::uint64_t left = 1 + random() % 3; left > 0 && !changed.empty(); --left) {
      changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) changed.push_back(static_cast<std::uint8_t>(random()));
    function(changed);
  }
}

}  // namespace gtestnet::node::testing_support
