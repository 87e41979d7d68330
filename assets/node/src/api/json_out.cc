// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "absl/strings/str_cat.h"
#include "api/json.h"
#include "api/json_writer.h"

// Written piece by piece, as no text in here needs escaping and blocks are mostly arrays of
// numbers.
namespace gtestnet::node {
namespace {

std::string Quoted(const Hash& hash) { return absl::StrCat("\"", hash.Hex(), "\""); }

void AppendBlob(std::string& out, const ChannelBlob& op) {
  absl::StrAppend(&out, "{\"opcode\":1,\"payload\":{\"channel\":", Quoted(op.channel),
                  ",\"session\":", op.session, ",\"blob\":");
  AppendBytes(out, op.blob.span());
  absl::StrAppend(&out, ",\"blob_size\":", op.blob_size,
                  ",\"da_storage_gas_price\":", op.da_storage_gas_price,
                  ",\"parent\":", Quoted(op.parent), ",\"signer\":", Quoted(op.signer), "}}");
}

void AppendOperation(std::string& out, const Operation& op) {
  if (const auto* blob = std::get_if<ChannelBlob>(&op)) return AppendBlob(out, *blob);
  const auto& inscription = std::get<Inscription>(op);
  absl::StrAppend(&out,
                  "{\"opcode\":0,\"payload\":{\"channel_id\":", Quoted(inscription.channel_id),
                  ",\"inscription\":");
  AppendBytes(out, inscription.inscription);
  absl::StrAppend(&out, ",\"parent\":", Quoted(inscription.parent),
                  ",\"signer\":", Quoted(inscription.signer), "}}");
}

// `hash` is a field of the transaction in the explorer's routes, and none in storage's.
void AppendTx(std::string& out, const SignedMantleTx& signed_tx, const TxHash* hash) {
  const MantleTx& tx = signed_tx.tx;
  absl::StrAppend(&out, "{\"mantle_tx\":{");
  if (hash != nullptr) absl::StrAppend(&out, "\"hash\":", Quoted(*hash), ",");
  absl::StrAppend(&out, "\"ops\":");
  AppendList(out, tx.ops, [&](const Operation& op) { AppendOperation(out, op); });
  absl::StrAppend(&out, ",\"ledger_tx\":{\"inputs\":");
  AppendList(out, tx.ledger_tx.inputs, [&](const NoteId& id) { out += Quoted(id); });
  absl::StrAppend(&out, ",\"outputs\":");
  AppendList(out, tx.ledger_tx.outputs, [&](const Note& note) {
    absl::StrAppend(&out, "{\"value\":", note.value, ",\"pk\":", Quoted(note.public_key), "}");
  });
  absl::StrAppend(&out, "},\"execution_gas_price\":", tx.execution_gas_price,
                  ",\"storage_gas_price\":", tx.storage_gas_price, "},\"ops_proofs\":");
  AppendList(out, signed_tx.op_proofs, [&](const Signature& proof) {
    out += "{\"Ed25519Sig\":";
    AppendBytes(out, proof.span());
    out += '}';
  });
  out += ",\"ledger_tx_proof\":{\"signatures\":";
  AppendList(out, signed_tx.input_signatures,
             [&](const Signature& signature) { AppendBytes(out, signature.span()); });
  out += "}}";
}

// Without the closing brace.
void AppendHeader(std::string& out, const Header& header) {
  absl::StrAppend(&out, "\"parent_block\":", Quoted(header.parent), ",\"slot\":", header.slot,
                  ",\"block_root\":", Quoted(header.block_root),
                  ",\"proof_of_leadership\":{\"proof\":");
  AppendBytes(out, header.proof.bytes);
  absl::StrAppend(&out, ",\"entropy_contribution\":", Quoted(header.entropy),
                  ",\"leader_key\":", Quoted(header.leader_key),
                  ",\"voucher_cm\":", Quoted(header.voucher), "}");
}

// Without the closing brace.
void AppendApiBlock(std::string& out, const Block& block) {
  absl::StrAppend(&out, "{\"header\":{\"id\":", Quoted(block.id), ",");
  AppendHeader(out, block.header);
  out += "},\"transactions\":[";
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    if (i > 0) out += ',';
    AppendTx(out, block.transactions[i], &block.tx_hashes[i]);
  }
  out += ']';
}

}  // namespace

std::string InfoJson(const ChainInfo& info) {
  return absl::StrCat("{\"lib\":", Quoted(info.lib), ",\"tip\":", Quoted(info.tip),
                      ",\"slot\":", info.slot, ",\"height\":", info.height, ",\"mode\":\"",
                      ModeName(info.mode), "\",\"lib_height\":", info.lib_height, "}");
}

std::string HashesJson(const std::vector<Hash>& hashes) {
  std::string out;
  out.reserve(hashes.size() * 67 + 2);
  AppendList(out, hashes, [&](const Hash& hash) { out += Quoted(hash); });
  return out;
}

std::string BlockJson(const Block& block) {
  std::string out = "{\"header\":{\"version\":\"Bedrock\",";
  AppendHeader(out, block.header);
  out += "},\"signature\":";
  AppendBytes(out, block.signature.span());
  out += ",\"transactions\":";
  AppendList(out, block.transactions,
             [&](const SignedMantleTx& tx) { AppendTx(out, tx, nullptr); });
  out += '}';
  return out;
}

std::string ApiBlockJson(const Block& block) {
  std::string out;
  AppendApiBlock(out, block);
  out += '}';
  return out;
}

std::string StreamedBlockJson(const Block& block, Height height, const ChainInfo& info) {
  std::string out;
  AppendApiBlock(out, block);
  absl::StrAppend(&out, ",\"height\":", height, ",\"tip\":", Quoted(info.tip),
                  ",\"tip_height\":", info.height, ",\"lib\":", Quoted(info.lib),
                  ",\"lib_height\":", info.lib_height, "}");
  return out;
}

std::string LibJson(const Finalised& finalised) {
  return absl::StrCat("{\"height\":", finalised.height, ",\"header_id\":", Quoted(finalised.id),
                      "}");
}

std::string StatusesJson(const std::vector<TxStatus>& statuses) {
  std::string out;
  AppendList(out, statuses, [&](const TxStatus& status) {
    switch (status.kind) {
      case TxStatus::Kind::kUnknown:
        out += "\"Unknown\"";
        break;
      case TxStatus::Kind::kPending:
        out += "\"Pending\"";
        break;
      case TxStatus::Kind::kInBlock:
        absl::StrAppend(&out, "{\"InBlock\":{\"block\":", Quoted(status.block), "}}");
        break;
    }
  });
  return out;
}

}  // namespace gtestnet::node
