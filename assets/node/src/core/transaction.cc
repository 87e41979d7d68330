// SPDX-License-Identifier: Apache-2.0
#include "transaction.h"

#include "text.h"

namespace gtestnet::node {
namespace {

constexpr std::uint64_t kLedgerGas = 2705;
constexpr std::uint64_t kInscriptionGas = 22;
constexpr std::uint64_t kBlobGas = 800;
constexpr std::uint64_t kBlobPartGas = 100;
constexpr std::uint64_t kBlobPartBytes = 32 * 1024;
constexpr std::uint64_t kMaxBlobSize = std::uint64_t{1} << 32;  // the ledger demands less
constexpr std::size_t kBlobOpBytes = 4 * Hash::kSize + 3 * 8;

void PutLedger(Writer& out, const LedgerTx& tx) {
  out.U8(static_cast<std::uint8_t>(tx.inputs.size()));
  for (const NoteId& input : tx.inputs) out.Put(input);
  out.U8(static_cast<std::uint8_t>(tx.outputs.size()));
  for (const Note& output : tx.outputs) {
    out.U64(output.value);
    out.Put(output.public_key);
  }
}

void PutPayload(Writer& out, const Inscription& op) {
  out.Put(op.channel_id);
  out.U32(static_cast<std::uint32_t>(op.inscription.size()));
  out.Raw(op.inscription);
  out.Put(op.parent);
  out.Put(op.signer);
}

void PutPayload(Writer& out, const ChannelBlob& op) {
  out.Put(op.channel);
  out.U64(op.session);
  out.Put(op.blob);
  out.U64(op.blob_size);
  out.U64(op.da_storage_gas_price);
  out.Put(op.parent);
  out.Put(op.signer);
}

void PutMantle(Writer& out, const MantleTx& tx) {
  out.U8(static_cast<std::uint8_t>(tx.ops.size()));
  for (const Operation& one : tx.ops) {
    std::visit(
        [&](const auto& op) {
          out.U8(op.kOpcode);
          PutPayload(out, op);
        },
        one);
  }
  PutLedger(out, tx.ledger_tx);
  out.U64(tx.execution_gas_price);
  out.U64(tx.storage_gas_price);
}

LedgerTx GetLedger(Reader& in) {
  LedgerTx tx;
  for (int left = in.U8(); left > 0 && in.ok(); --left) tx.inputs.push_back(in.GetHash());
  for (int left = in.U8(); left > 0 && in.ok(); --left) {
    const std::uint64_t value = in.U64();
    tx.outputs.push_back({value, in.GetHash()});
  }
  return tx;
}

Inscription GetInscription(Reader& in) {
  Inscription op;
  op.channel_id = in.GetHash();
  const std::uint32_t size = in.U32();
  const ByteSpan text = in.Raw(size);
  op.inscription.assign(text.begin(), text.end());
  op.parent = in.GetHash();
  op.signer = in.GetHash();
  return op;
}

ChannelBlob GetBlob(Reader& in) {
  ChannelBlob op;
  op.channel = in.GetHash();
  op.session = in.U64();
  op.blob = in.GetHash();
  op.blob_size = in.U64();
  op.da_storage_gas_price = in.U64();
  op.parent = in.GetHash();
  op.signer = in.GetHash();
  return op;
}

absl::StatusOr<std::vector<Operation>> GetOperations(Reader& in) {
  std::vector<Operation> ops;
  const int count = in.U8();
  for (int i = 0; i < count && in.ok(); ++i) {
    const std::uint8_t opcode = in.U8();
    if (in.ok() && opcode != Inscription::kOpcode && opcode != ChannelBlob::kOpcode) {
      return Invalid("transaction: operation ", i, " has the opcode ", static_cast<int>(opcode),
                     "; only 0 (inscribe) and 1 (blob) are supported");
    }
    if (opcode == ChannelBlob::kOpcode) {
      ops.emplace_back(GetBlob(in));
    } else {
      ops.emplace_back(GetInscription(in));
    }
  }
  return ops;
}

}  // namespace

Bytes EncodeLedgerTx(const LedgerTx& tx) {
  Writer out;
  PutLedger(out, tx);
  return out.Take();
}

Bytes EncodeMantleTx(const MantleTx& tx) {
  Writer out;
  PutMantle(out, tx);
  return out.Take();
}

Bytes EncodeSignedTx(const SignedMantleTx& tx) {
  Writer out;
  PutMantle(out, tx.tx);
  for (const Signature& proof : tx.op_proofs) out.Put(proof);
  out.U8(static_cast<std::uint8_t>(tx.input_signatures.size()));
  for (const Signature& signature : tx.input_signatures) out.Put(signature);
  return out.Take();
}

std::size_t SignedTxSize(const SignedMantleTx& tx) {
  std::size_t size = 1 + 1 + 1 + 8 + 8 + 1;
  for (const Operation& op : tx.tx.ops) {
    const auto* inscription = std::get_if<Inscription>(&op);
    size += 1 + (inscription == nullptr ? kBlobOpBytes
                                        : 3 * Hash::kSize + 4 + inscription->inscription.size());
  }
  size += Hash::kSize * tx.tx.ledger_tx.inputs.size();
  size += (8 + Hash::kSize) * tx.tx.ledger_tx.outputs.size();
  return size + Signature::kSize * (tx.op_proofs.size() + tx.input_signatures.size());
}

absl::StatusOr<SignedMantleTx> DecodeSignedTx(ByteSpan bytes) {
  if (bytes.size() > kMaxTransactionBytes) {
    return Invalid("transaction: ", bytes.size(), " bytes; at most ", kMaxTransactionBytes);
  }
  Reader in(bytes);
  SignedMantleTx tx;
  absl::StatusOr<std::vector<Operation>> ops = GetOperations(in);
  if (!ops.ok()) return ops.status();
  tx.tx.ops = *std::move(ops);
  tx.tx.ledger_tx = GetLedger(in);
  tx.tx.execution_gas_price = in.U64();
  tx.tx.storage_gas_price = in.U64();
  for (std::size_t i = 0; i < tx.tx.ops.size() && in.ok(); ++i) {
    tx.op_proofs.push_back(in.GetSignature());
  }
  for (int left = in.U8(); left > 0 && in.ok(); --left) {
    tx.input_signatures.push_back(in.GetSignature());
  }
  if (absl::Status status = in.Finish("transaction"); !status.ok()) return status;
  return tx;
}

absl::Status CheckShape(const SignedMantleTx& tx) {
  const auto at_most = [](std::string_view what, std::size_t count, std::size_t limit) {
    return count <= limit ? absl::OkStatus()
                          : Invalid("transaction: ", count, " ", Absl(what), "; at most ", limit);
  };
  absl::Status status = at_most("operations", tx.tx.ops.size(), kMaxOperations);
  if (status.ok()) status = at_most("inputs", tx.tx.ledger_tx.inputs.size(), kMaxInputs);
  if (status.ok()) status = at_most("outputs", tx.tx.ledger_tx.outputs.size(), kMaxOutputs);
  if (status.ok()) status = at_most("input signatures", tx.input_signatures.size(), kMaxInputs);
  if (status.ok() && tx.op_proofs.size() != tx.tx.ops.size()) {
    status = Invalid("Number of proofs (", tx.op_proofs.size(),
                     ") does not match number of operations (", tx.tx.ops.size(), ")");
  }
  if (status.ok()) status = at_most("bytes", SignedTxSize(tx), kMaxTransactionBytes);
  return status;
}

TxHash HashOfTx(const MantleTx& tx) {
  return Hasher("NOMOS_MANTLE_TXHASH_V1").Add(EncodeMantleTx(tx)).Finish();
}

Hash LedgerHash(const LedgerTx& tx) {
  return Hasher("NOMOS_LEDGER_TXHASH_V1").Add(EncodeLedgerTx(tx)).Finish();
}

NoteId MakeNoteId(const Hash& ledger_hash, std::uint64_t index, const Note& note) {
  return Hasher("NOMOS_NOTE_ID_V1")
      .Add(ledger_hash)
      .AddU64(index)
      .AddU64(note.value)
      .Add(note.public_key)
      .Finish();
}

std::vector<NoteId> OutputIds(const LedgerTx& tx) {
  const Hash hash = LedgerHash(tx);
  std::vector<NoteId> ids;
  for (const Note& output : tx.outputs) ids.push_back(MakeNoteId(hash, ids.size(), output));
  return ids;
}

const ChannelId& ChannelOf(const Operation& op) {
  const auto* blob = std::get_if<ChannelBlob>(&op);
  return blob == nullptr ? std::get<Inscription>(op).channel_id : blob->channel;
}

const MsgId& ParentOf(const Operation& op) {
  return std::visit([](const auto& one) -> const MsgId& { return one.parent; }, op);
}

const PublicKey& SignerOf(const Operation& op) {
  return std::visit([](const auto& one) -> const PublicKey& { return one.signer; }, op);
}

MsgId MessageId(const Operation& op) {
  Writer out;
  std::visit([&](const auto& one) { PutPayload(out, one); }, op);
  return HashOf(out.bytes());
}

absl::Status CheckOpProofs(const SignedMantleTx& tx) {
  if (tx.op_proofs.size() != tx.tx.ops.size()) {
    return Invalid("Number of proofs (", tx.op_proofs.size(),
                   ") does not match number of operations (", tx.tx.ops.size(), ")");
  }
  if (tx.input_signatures.size() != tx.tx.ledger_tx.inputs.size()) {
    return Invalid("Number of input signatures (", tx.input_signatures.size(),
                   ") does not match number of inputs (", tx.tx.ledger_tx.inputs.size(), ")");
  }
  if (tx.tx.ops.empty()) return absl::OkStatus();
  const TxHash hash = HashOfTx(tx.tx);
  for (std::size_t i = 0; i < tx.tx.ops.size(); ++i) {
    if (!Verify(SignerOf(tx.tx.ops[i]), hash.span(), tx.op_proofs[i])) {
      return Invalid("Invalid signature for operation at index ", i);
    }
  }
  return absl::OkStatus();
}

std::optional<std::uint64_t> GasCost(const SignedMantleTx& tx) {
  std::uint64_t gas = kLedgerGas;
  std::uint64_t execution = 0;
  std::uint64_t storage = 0;
  std::uint64_t blobs = 0;
  std::uint64_t cost = 0;
  for (const Operation& op : tx.tx.ops) {
    const auto* blob = std::get_if<ChannelBlob>(&op);
    if (blob != nullptr && blob->blob_size > kMaxBlobSize) return std::nullopt;
    gas += blob == nullptr ? kInscriptionGas
                           : kBlobGas + kBlobPartGas * (blob->blob_size / kBlobPartBytes);
    std::uint64_t price = 0;
    if (blob != nullptr &&
        (__builtin_mul_overflow(blob->blob_size, blob->da_storage_gas_price, &price) ||
         __builtin_add_overflow(blobs, price, &blobs))) {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(gas, tx.tx.execution_gas_price, &execution) ||
      __builtin_mul_overflow(SignedTxSize(tx), tx.tx.storage_gas_price, &storage) ||
      __builtin_add_overflow(execution, storage, &cost) ||
      __builtin_add_overflow(cost, blobs, &cost)) {
    return std::nullopt;
  }
  return cost;
}

}  // namespace gtestnet::node
