// SPDX-License-Identifier: Apache-2.0
// Headers and blocks, their ids, roots and signatures, and the genesis block that a config
// describes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto.h"
#include "transaction.h"
#include "types.h"

namespace gtestnet::node {

inline constexpr std::size_t kMaxBlockTransactions = 1024;
inline constexpr std::size_t kMaxBlockBytes = 1024 * 1024;  // of an encoded block

// A development proof of leadership: signature 64 ‖ note id 32 ‖ zeros 32.
struct LeaderProof {
  static constexpr std::size_t kSize = 128;
  std::array<std::uint8_t, kSize> bytes{};

  static LeaderProof Make(const Signature& signature, const NoteId& note);
  Signature signature() const;
  NoteId note() const;
  bool PaddingIsZero() const;

  bool operator==(const LeaderProof&) const = default;
};

struct Header {
  HeaderId parent;
  Slot slot = 0;
  Hash block_root;
  Hash voucher;
  Hash entropy;
  LeaderProof proof;
  PublicKey leader_key;  // the note's key

  bool operator==(const Header&) const = default;
};

HeaderId IdOf(const Header& header);
Hash BlockRoot(const std::vector<TxHash>& hashes);

// An immutable block with what is dear to compute again. Shared, never changed.
struct Block {
  Header header;
  Signature signature;  // by the leader's key, over the id
  std::vector<SignedMantleTx> transactions;

  // Computed by MakeBlock and DecodeBlock.
  HeaderId id;
  std::vector<TxHash> tx_hashes;
};
using BlockPtr = std::shared_ptr<const Block>;

BlockPtr MakeBlock(Header header, Signature signature, std::vector<SignedMantleTx> transactions);

// Encoding on the wire and in storage: header fields in the order of HeaderId (296 bytes),
// signature 64, u16 transactions, each u32 length ‖ signed encoding.
Bytes EncodeBlock(const Block& block);
std::size_t EncodedSize(const Block& block);
absl::StatusOr<BlockPtr> DecodeBlock(ByteSpan bytes);

// Whether signatures are checked, or were checked before.
enum class Signatures { kCheck, kTrust };

// That it is within its bounds, and that the root and the leader's signature are its own. Whether
// the leader may lead is leadership.h's to say.
absl::Status CheckBlock(const Block& block, Signatures signatures);

struct GenesisNote {
  Note note;
  bool leader = false;  // its key's notes count as stake
};

struct Genesis {
  Hash chain_id;
  std::vector<GenesisNote> notes;  // `count` expanded
};

// That the sum of all values fits 64 bits, that none is zero, and that the notes are not too many.
absl::Status CheckGenesis(const Genesis& genesis);
Hash GenesisLedgerHash(const Genesis& genesis);
std::vector<NoteId> GenesisNoteIds(const Genesis& genesis);
BlockPtr MakeGenesisBlock(const Genesis& genesis);
Hash GenesisNonce(const Genesis& genesis);

}  // namespace gtestnet::node
