// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_ENCODING_H_
#define GTESTNET_NOMOS_SRC_KIND_ENCODING_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/src/base/hash.h"

// The encodings of assets/node/README.md, written without the node's own: test vectors hold the two
// equal.
namespace gtestnet::nomos {

using base::Hash32;
using Bytes = std::vector<uint8_t>;
using Signature = std::array<uint8_t, 64>;

// Counts are a byte each in an encoding.
inline constexpr size_t kMaxCount = 255;

struct Output {
  uint64_t value = 0;
  Hash32 public_key{};
};

struct LedgerTx {
  std::vector<Hash32> inputs;
  std::vector<Output> outputs;
};

// Opcode 0.
struct InscriptionOp {
  Hash32 channel{};
  std::string bytes;
  Hash32 parent{};
  Hash32 signer{};
};

// Opcode 1. There are no sessions: each is 0.
struct BlobOp {
  Hash32 channel{};
  uint64_t session = 0;
  Hash32 blob{};
  uint64_t blob_size = 0;
  uint64_t storage_price = 0;
  Hash32 parent{};
  Hash32 signer{};
};

using Operation = std::variant<InscriptionOp, BlobOp>;

struct MantleTx {
  std::vector<Operation> operations;
  LedgerTx ledger;
  uint64_t execution_price = 0;
  uint64_t storage_price = 0;
};

struct SignedTx {
  MantleTx tx;
  std::vector<Signature> operation_proofs;
  std::vector<Signature> input_signatures;
};

Bytes Encode(const LedgerTx& tx);
Bytes Encode(const MantleTx& tx);
Bytes Encode(const SignedTx& tx);

Hash32 HashOf(const MantleTx& tx);
Hash32 HashOf(const LedgerTx& tx);
Hash32 NoteId(const Hash32& ledger_hash, uint64_t index, const Output& output);
std::vector<Hash32> NoteIds(const LedgerTx& tx);
// Of the channel message that the operation is.
Hash32 MessageId(const Operation& operation);

// The body of POST /mempool/add/tx.
std::string ToJson(const SignedTx& tx);

struct GenesisOutput {
  Output output;
  bool leader = false;
};
Hash32 GenesisLedgerHash(const Hash32& chain_id, const std::vector<GenesisOutput>& outputs);

struct Header {
  Hash32 parent{};
  uint64_t slot = 0;
  Hash32 block_root{};
  Hash32 voucher{};
  Hash32 entropy{};
  std::array<uint8_t, 128> proof{};
  Hash32 leader_key{};
};
Hash32 IdOf(const Header& header);
// Over the hashes of the block's transactions.
Hash32 BlockRoot(std::vector<Hash32> transactions);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_ENCODING_H_
