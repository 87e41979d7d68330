// SPDX-License-Identifier: Apache-2.0
// Mantle transactions: a ledger transfer and operations on channels, with their encodings, hashes
// and proofs.
//
// The encodings are those of assets/node/README.md. Decoders accept exactly what encoders make.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "codec.h"
#include "crypto.h"
#include "types.h"

namespace gtestnet::node {

// Of a signed encoding. A block and a message bound it again.
inline constexpr std::size_t kMaxTransactionBytes = 64 * 1024;
inline constexpr std::size_t kMaxInputs = 255;
inline constexpr std::size_t kMaxOutputs = 255;
inline constexpr std::size_t kMaxOperations = 255;

struct Note {
  std::uint64_t value = 0;
  PublicKey public_key;

  bool operator==(const Note&) const = default;
};

struct LedgerTx {
  std::vector<NoteId> inputs;
  std::vector<Note> outputs;

  bool operator==(const LedgerTx&) const = default;
};

struct Inscription {
  static constexpr std::uint8_t kOpcode = 0x00;
  ChannelId channel_id;
  Bytes inscription;
  MsgId parent;  // the channel's tip; zero for a channel's first message
  PublicKey signer;

  bool operator==(const Inscription&) const = default;
};

// Brings a blob, whose columns others hold, into a channel.
struct ChannelBlob {
  static constexpr std::uint8_t kOpcode = 0x01;
  ChannelId channel;
  std::uint64_t session = 0;  // there is no other
  Hash blob;
  std::uint64_t blob_size = 0;  // bytes of its data
  std::uint64_t da_storage_gas_price = 0;
  MsgId parent;
  PublicKey signer;

  bool operator==(const ChannelBlob&) const = default;
};

using Operation = std::variant<Inscription, ChannelBlob>;

const ChannelId& ChannelOf(const Operation& op);
const MsgId& ParentOf(const Operation& op);
const PublicKey& SignerOf(const Operation& op);

struct MantleTx {
  std::vector<Operation> ops;
  LedgerTx ledger_tx;
  std::uint64_t execution_gas_price = 0;
  std::uint64_t storage_gas_price = 0;

  bool operator==(const MantleTx&) const = default;
};

struct SignedMantleTx {
  MantleTx tx;
  std::vector<Signature> op_proofs;         // one for each operation, by its signer
  std::vector<Signature> input_signatures;  // one for each input, by its note's owner

  bool operator==(const SignedMantleTx&) const = default;
};

Bytes EncodeLedgerTx(const LedgerTx& tx);
Bytes EncodeMantleTx(const MantleTx& tx);
Bytes EncodeSignedTx(const SignedMantleTx& tx);
std::size_t SignedTxSize(const SignedMantleTx& tx);

// An error names the field and the byte, and is an InvalidArgumentError.
absl::StatusOr<SignedMantleTx> DecodeSignedTx(ByteSpan bytes);

// Which counts and lengths the encoding can hold; DecodeSignedTx never returns a transaction that
// fails it. Transactions that come as JSON must be checked before they are encoded or submitted
// (Engine::Submit does it).
absl::Status CheckShape(const SignedMantleTx& tx);

TxHash HashOfTx(const MantleTx& tx);
Hash LedgerHash(const LedgerTx& tx);
NoteId MakeNoteId(const Hash& ledger_hash, std::uint64_t index, const Note& note);
std::vector<NoteId> OutputIds(const LedgerTx& tx);
MsgId MessageId(const Operation& op);

// What admission to a mempool demands: the number of proofs, and each operation's signature. The
// sentences are the real node's: "Number of proofs (0) does not match number of operations (1)",
// "Invalid signature for operation at index 0". Also demands one signature for each input; whether
// they are right only the ledger knows.
absl::Status CheckOpProofs(const SignedMantleTx& tx);

// Execution gas × its price + encoded size × the storage price + the size of each blob × its price,
// or nothing on overflow.
std::optional<std::uint64_t> GasCost(const SignedMantleTx& tx);

}  // namespace gtestnet::node
