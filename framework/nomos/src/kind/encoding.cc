// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/encoding.h"

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet::nomos {
namespace {

using base::Hasher;
using base::ToHex;

class Writer {
 public:
  Writer& Count(size_t n) { return Integer(n, 1); }
  Writer& U32(size_t n) { return Integer(n, 4); }
  Writer& U64(uint64_t n) { return Integer(n, 8); }
  template <class Range>
  Writer& Put(const Range& range) {
    bytes_.insert(bytes_.end(), range.begin(), range.end());
    return *this;
  }
  Bytes Take() { return std::move(bytes_); }

 private:
  Writer& Integer(uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    return *this;
  }
  Bytes bytes_;
};

Bytes Payload(const InscriptionOp& op) {
  Writer writer;
  writer.Put(op.channel).U32(op.bytes.size()).Put(op.bytes).Put(op.parent).Put(op.signer);
  return writer.Take();
}

Bytes Payload(const BlobOp& op) {
  Writer writer;
  writer.Put(op.channel).U64(op.session).Put(op.blob).U64(op.blob_size).U64(op.storage_price);
  writer.Put(op.parent).Put(op.signer);
  return writer.Take();
}

Bytes Payload(const Operation& op) {
  return std::visit([](const auto& each) { return Payload(each); }, op);
}

// The variant's index is the opcode.
size_t OpcodeOf(const Operation& op) { return op.index(); }

std::string Numbers(base::ByteView bytes) {
  std::string text = "[";
  for (uint8_t byte : bytes) absl::StrAppend(&text, text.size() > 1 ? "," : "", int{byte});
  return text + "]";
}

std::string PayloadJson(const InscriptionOp& op) {
  const base::ByteView bytes(reinterpret_cast<const uint8_t*>(op.bytes.data()), op.bytes.size());
  return absl::StrCat(R"({"channel_id":")", ToHex(op.channel), R"(","inscription":)",
                      Numbers(bytes), R"(,"parent":")", ToHex(op.parent), R"(","signer":")",
                      ToHex(op.signer), R"("})");
}

std::string PayloadJson(const BlobOp& op) {
  return absl::StrCat(R"({"channel":")", ToHex(op.channel), R"(","session":)", op.session,
                      R"(,"blob":)", Numbers(op.blob), R"(,"blob_size":)", op.blob_size,
                      R"(,"da_storage_gas_price":)", op.storage_price, R"(,"parent":")",
                      ToHex(op.parent), R"(","signer":")", ToHex(op.signer), R"("})");
}

// `each` appends the JSON of one item.
template <class Range, class Each>
std::string List(const Range& range, Each each) {
  std::string text = "[";
  for (const auto& item : range) absl::StrAppend(&text, text.size() > 1 ? "," : "", each(item));
  return text + "]";
}

}  // namespace

Bytes Encode(const LedgerTx& tx) {
  Writer writer;
  writer.Count(tx.inputs.size());
  for (const Hash32& input : tx.inputs) writer.Put(input);
  writer.Count(tx.outputs.size());
  for (const Output& output : tx.outputs) writer.U64(output.value).Put(output.public_key);
  return writer.Take();
}

Bytes Encode(const MantleTx& tx) {
  Writer writer;
  writer.Count(tx.operations.size());
  for (const Operation& op : tx.operations) writer.Count(OpcodeOf(op)).Put(Payload(op));
  writer.Put(Encode(tx.ledger)).U64(tx.execution_price).U64(tx.storage_price);
  return writer.Take();
}

Bytes Encode(const SignedTx& tx) {
  Writer writer;
  writer.Put(Encode(tx.tx));
  for (const Signature& proof : tx.operation_proofs) writer.Put(proof);
  writer.Count(tx.input_signatures.size());
  for (const Signature& signature : tx.input_signatures) writer.Put(signature);
  return writer.Take();
}

Hash32 HashOf(const MantleTx& tx) {
  return Hasher("NOMOS_MANTLE_TXHASH_V1").Add(Encode(tx)).Finish();
}

Hash32 HashOf(const LedgerTx& tx) {
  return Hasher("NOMOS_LEDGER_TXHASH_V1").Add(Encode(tx)).Finish();
}

Hash32 NoteId(const Hash32& ledger_hash, uint64_t index, const Output& output) {
  return Hasher("NOMOS_NOTE_ID_V1")
      .Add(ledger_hash)
      .AddU64(index)
      .AddU64(output.value)
      .Add(output.public_key)
      .Finish();
}

std::vector<Hash32> NoteIds(const LedgerTx& tx) {
  const Hash32 ledger_hash = HashOf(tx);
  std::vector<Hash32> ids;
  for (const Output& output : tx.outputs) ids.push_back(NoteId(ledger_hash, ids.size(), output));
  return ids;
}

Hash32 MessageId(const Operation& operation) { return Hasher().Add(Payload(operation)).Finish(); }

std::string ToJson(const SignedTx& tx) {
  const std::string operations = List(tx.tx.operations, [](const Operation& op) {
    const std::string payload = std::visit([](const auto& o) { return PayloadJson(o); }, op);
    return absl::StrCat(R"({"opcode":)", OpcodeOf(op), R"(,"payload":)", payload, "}");
  });
  const std::string inputs = List(tx.tx.ledger.inputs, [](const Hash32& input) {
    return absl::StrCat("\"", ToHex(input), "\"");
  });
  const std::string outputs = List(tx.tx.ledger.outputs, [](const Output& output) {
    return absl::StrCat(R"({"value":)", output.value, R"(,"pk":")", ToHex(output.public_key),
                        R"("})");
  });
  const std::string proofs = List(tx.operation_proofs, [](const Signature& proof) {
    return absl::StrCat(R"({"Ed25519Sig":)", Numbers(proof), "}");
  });
  const std::string signatures =
      List(tx.input_signatures, [](const Signature& signature) { return Numbers(signature); });
  return absl::StrCat(R"({"mantle_tx":{"ops":)", operations, R"(,"ledger_tx":{"inputs":)", inputs,
                      R"(,"outputs":)", outputs, R"(},"execution_gas_price":)",
                      tx.tx.execution_price, R"(,"storage_gas_price":)", tx.tx.storage_price,
                      R"(},"ops_proofs":)", proofs, R"(,"ledger_tx_proof":{"signatures":)",
                      signatures, "}}");
}

Hash32 GenesisLedgerHash(const Hash32& chain_id, const std::vector<GenesisOutput>& outputs) {
  Hasher hasher("NOMOS_GENESIS_V1");
  hasher.Add(chain_id).AddU32(static_cast<uint32_t>(outputs.size()));
  for (const GenesisOutput& note : outputs) {
    hasher.AddU64(note.output.value).Add(note.output.public_key).AddU8(note.leader ? 1 : 0);
  }
  return hasher.Finish();
}

Hash32 IdOf(const Header& header) {
  return Hasher("BLOCK_ID_V1")
      .AddU8(0x01)
      .Add(header.parent)
      .AddU64(header.slot)
      .Add(header.block_root)
      .Add(header.voucher)
      .Add(header.entropy)
      .Add(header.proof)
      .Add(header.leader_key)
      .Finish();
}

Hash32 BlockRoot(std::vector<Hash32> transactions) {
  std::vector<Hash32>& row = transactions;
  for (Hash32& each : row) each = Hasher().Add(each).Finish();
  const Hash32 none = Hasher().Add(Hash32{}).Finish();
  if (row.empty()) return none;
  while ((row.size() & (row.size() - 1)) != 0) row.push_back(none);
  for (; row.size() > 1; row.resize(row.size() / 2)) {
    for (size_t i = 0; i < row.size() / 2; ++i) {
      row[i] = Hasher().Add(row[2 * i]).Add(row[2 * i + 1]).Finish();
    }
  }
  return row.front();
}

}  // namespace gtestnet::nomos
