// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "api/json.h"
#include "api/json_reader.h"

namespace gtestnet::node {
namespace {

using internal::In;
using internal::ReadText;
using internal::ShapeError;

ChannelBlob ReadBlob(const In& payload) {
  ChannelBlob op;
  op.channel = payload.Field("channel").HashValue();
  op.session = payload.Field("session").Number();
  payload.Field("blob").Fill(op.blob.bytes);
  op.blob_size = payload.Field("blob_size").Number();
  op.da_storage_gas_price = payload.Field("da_storage_gas_price").Number();
  op.parent = payload.Field("parent").HashValue();
  op.signer = payload.Field("signer").HashValue();
  return op;
}

Operation ReadOperation(const In& in) {
  const In opcode = in.Field("opcode");
  if (opcode.Number() == ChannelBlob::kOpcode) return ReadBlob(in.Field("payload"));
  if (opcode.Number() != Inscription::kOpcode) {
    opcode.Fail(absl::StrCat("operation ", opcode.Number(), " is not supported"));
  }
  const In payload = in.Field("payload");
  Inscription inscription;
  inscription.channel_id = payload.Field("channel_id").HashValue();
  inscription.inscription = payload.Field("inscription").ByteArray(kMaxTransactionBytes);
  inscription.parent = payload.Field("parent").HashValue();
  inscription.signer = payload.Field("signer").HashValue();
  return inscription;
}

LedgerTx ReadLedgerTx(const In& in) {
  LedgerTx tx;
  in.Field("inputs").List(kMaxInputs,
                          [&](const In& item) { tx.inputs.push_back(item.HashValue()); });
  in.Field("outputs").List(kMaxOutputs, [&](const In& item) {
    tx.outputs.push_back({item.Field("value").Number(), item.Field("pk").HashValue()});
  });
  return tx;
}

Signature ReadOpProof(const In& in, std::size_t index) {
  const boost::json::object* object = in.value().if_object();
  if (object == nullptr || !object->contains("Ed25519Sig")) {
    throw ShapeError{absl::StrCat("Incorrect proof type for operation at index ", index)};
  }
  return in.Field("Ed25519Sig").SignatureValue();
}

SignedMantleTx ReadSignedTx(const In& in) {
  SignedMantleTx signed_tx;
  const In tx = in.Field("mantle_tx");
  tx.Field("ops").List(kMaxOperations,
                       [&](const In& item) { signed_tx.tx.ops.push_back(ReadOperation(item)); });
  signed_tx.tx.ledger_tx = ReadLedgerTx(tx.Field("ledger_tx"));
  signed_tx.tx.execution_gas_price = tx.Field("execution_gas_price").Number();
  signed_tx.tx.storage_gas_price = tx.Field("storage_gas_price").Number();
  in.Field("ops_proofs").List(kMaxOperations, [&](const In& item) {
    signed_tx.op_proofs.push_back(ReadOpProof(item, signed_tx.op_proofs.size()));
  });
  in.Field("ledger_tx_proof").Field("signatures").List(kMaxInputs, [&](const In& item) {
    signed_tx.input_signatures.push_back(item.SignatureValue());
  });
  return signed_tx;
}

}  // namespace

absl::StatusOr<SignedMantleTx> ParseSignedTx(std::string_view text) {
  return ReadText(text, ReadSignedTx);
}

absl::StatusOr<Hash> ParseHash(std::string_view text) {
  return ReadText(text, [](const In& in) { return in.HashValue(); });
}

absl::StatusOr<std::vector<Hash>> ParseHashes(std::string_view text) {
  return ReadText(text, [](const In& in) {
    std::vector<Hash> hashes;
    in.List(SIZE_MAX, [&](const In& item) { hashes.push_back(item.HashValue()); });
    return hashes;
  });
}

}  // namespace gtestnet::node
