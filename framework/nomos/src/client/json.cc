// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/client/json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/src/base/hash.h"
#include "nomos/src/client/answer.h"
#include "nomos/src/kind/encoding.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kMostBlocks = 100'000;
constexpr size_t kMostTransactions = 100'000;
constexpr size_t kMostInscribed = 100'000;

InscriptionOp ReadInscription(Answer& answer, const json::object& payload) {
  InscriptionOp op;
  op.channel = answer.Hash(answer.Field(payload, "channel_id"), "channel_id");
  op.bytes = answer.Bytes(answer.Field(payload, "inscription"), "inscription", kMostInscribed);
  op.parent = answer.Hash(answer.Field(payload, "parent"), "parent");
  op.signer = answer.Hash(answer.Field(payload, "signer"), "signer");
  return op;
}

BlobOp ReadBlob(Answer& answer, const json::object& payload) {
  BlobOp op;
  op.channel = answer.Hash(answer.Field(payload, "channel"), "channel");
  op.session = answer.Unsigned(answer.Field(payload, "session"), "session");
  op.blob = answer.NumberHash(answer.Field(payload, "blob"), "blob");
  op.blob_size = answer.Unsigned(answer.Field(payload, "blob_size"), "blob_size");
  op.storage_price =
      answer.Unsigned(answer.Field(payload, "da_storage_gas_price"), "da_storage_gas_price");
  op.parent = answer.Hash(answer.Field(payload, "parent"), "parent");
  op.signer = answer.Hash(answer.Field(payload, "signer"), "signer");
  return op;
}

Operation ReadOperation(Answer& answer, const json::value& value) {
  const json::object& object = answer.Object(value, "an operation");
  const int64_t opcode = answer.Number(object, "opcode");
  const json::object& payload = answer.Object(answer.Field(object, "payload"), "a payload");
  if (opcode == 0) return ReadInscription(answer, payload);
  if (opcode == 1) return ReadBlob(answer, payload);
  answer.Fail("an operation has an opcode that is not known here");
  return {};
}

// The hash is the node's own where it tells it, and else follows from the content.
Transaction ReadTransaction(Answer& answer, const json::value& value) {
  const json::object& signed_tx = answer.Object(value, "a transaction");
  const json::object& mantle = answer.Object(answer.Field(signed_tx, "mantle_tx"), "mantle_tx");
  const json::object& ledger = answer.Object(answer.Field(mantle, "ledger_tx"), "ledger_tx");
  MantleTx tx;
  Transaction transaction;
  for (const json::value& input :
       answer.Array(answer.Field(ledger, "inputs"), "inputs", kMaxCount)) {
    tx.ledger.inputs.push_back(answer.Hash(input, "inputs"));
    transaction.inputs.push_back(base::ToHex(tx.ledger.inputs.back()));
  }
  for (const json::value& each :
       answer.Array(answer.Field(ledger, "outputs"), "outputs", kMaxCount)) {
    const json::object& output = answer.Object(each, "an output");
    tx.ledger.outputs.push_back({answer.Unsigned(answer.Field(output, "value"), "value"),
                                 answer.Hash(answer.Field(output, "pk"), "pk")});
  }
  const std::vector<Hash32> ids = NoteIds(tx.ledger);
  for (size_t i = 0; i < ids.size(); ++i) {
    const Output& output = tx.ledger.outputs[i];
    transaction.outputs.push_back(
        {base::ToHex(ids[i]), output.value, base::ToHex(output.public_key)});
  }
  if (Answer::Has(mantle, "hash")) {
    transaction.hash = answer.Hex(mantle, "hash");
    return transaction;
  }
  for (const json::value& op : answer.Array(answer.Field(mantle, "ops"), "ops", kMaxCount)) {
    tx.operations.push_back(ReadOperation(answer, op));
  }
  tx.execution_price =
      answer.Unsigned(answer.Field(mantle, "execution_gas_price"), "execution_gas_price");
  tx.storage_price =
      answer.Unsigned(answer.Field(mantle, "storage_gas_price"), "storage_gas_price");
  transaction.hash = base::ToHex(HashOf(tx));
  return transaction;
}

std::string ReadLeader(Answer& answer, const json::object& header) {
  const json::object& proof =
      answer.Object(answer.Field(header, "proof_of_leadership"), "proof_of_leadership");
  return answer.Hex(proof, "leader_key");
}

// Why a header and these transactions cannot be the block of that id; "" if they can be, and of a
// node that does not show the whole header.
std::string Untruth(Answer& answer, const json::object& json, const std::string& id,
                    const std::vector<std::string>& transactions) {
  const json::object& leader =
      answer.Object(answer.Field(json, "proof_of_leadership"), "proof_of_leadership");
  for (const char* field : {"proof", "entropy_contribution", "voucher_cm"}) {
    if (!Answer::Has(leader, field)) return "";
  }
  if (!Answer::Has(json, "block_root")) return "";
  Header header;
  header.parent = answer.Hash(answer.Field(json, "parent_block"), "parent_block");
  header.slot = answer.Unsigned(answer.Field(json, "slot"), "slot");
  header.block_root = answer.Hash(answer.Field(json, "block_root"), "block_root");
  header.voucher = answer.Hash(answer.Field(leader, "voucher_cm"), "voucher_cm");
  header.entropy =
      answer.Hash(answer.Field(leader, "entropy_contribution"), "entropy_contribution");
  header.leader_key = answer.Hash(answer.Field(leader, "leader_key"), "leader_key");
  const std::string proof =
      answer.Bytes(answer.Field(leader, "proof"), "proof", header.proof.size());
  if (proof.size() != header.proof.size()) answer.Fail("\"proof\" does not have 128 bytes");
  if (!answer.ok()) return "";
  std::copy(proof.begin(), proof.end(), header.proof.begin());
  if (const std::string hash = base::ToHex(IdOf(header)); hash != id) {
    return absl::StrCat("its header hashes to ", hash);
  }
  std::vector<Hash32> hashes;
  for (const std::string& hash : transactions) {
    hashes.push_back(base::ParseHash(hash).value_or(Hash32{}));
  }
  const Hash32 root = BlockRoot(std::move(hashes));
  if (root == header.block_root) return "";
  return absl::StrCat("its header is of other transactions than the ", transactions.size(),
                      " with it");
}

StreamedBlock ReadStreamedBlock(Answer& answer, const json::value& value) {
  StreamedBlock block;
  const json::object& object = answer.Object(value, "a block");
  const json::object& header = answer.Object(answer.Field(object, "header"), "header");
  block.id = answer.Hex(header, "id");
  block.parent = answer.Hex(header, "parent_block");
  block.slot = answer.Number(header, "slot");
  block.leader_key = ReadLeader(answer, header);
  for (const json::value& tx :
       answer.Array(answer.Field(object, "transactions"), "transactions", kMostTransactions)) {
    const json::object& mantle =
        answer.Object(answer.Field(answer.Object(tx, "a transaction"), "mantle_tx"), "mantle_tx");
    block.transactions.push_back(answer.Hex(mantle, "hash"));
  }
  block.untrue = Untruth(answer, header, block.id, block.transactions);
  // What only some nodes tell.
  if (Answer::Has(object, "height")) block.height = answer.Number(object, "height");
  if (Answer::Has(object, "tip")) block.tip = answer.Hex(object, "tip");
  if (Answer::Has(object, "tip_height")) block.tip_height = answer.Number(object, "tip_height");
  if (Answer::Has(object, "lib")) block.lib = answer.Hex(object, "lib");
  if (Answer::Has(object, "lib_height")) block.lib_height = answer.Number(object, "lib_height");
  return block;
}

TransactionStatus ReadStatus(Answer& answer, const json::value& value) {
  using Kind = TransactionStatus::Kind;
  TransactionStatus status;
  if (value.is_object()) {
    const json::object& in_block =
        answer.Object(answer.Field(value.get_object(), "InBlock"), "InBlock");
    status.kind = Kind::kInBlock;
    status.block = answer.Hex(in_block, "block");
    return status;
  }
  const std::string word = answer.Text(value, "a status");
  if (word == "Pending") {
    status.kind = Kind::kPending;
  } else if (word == "Rejected") {
    status.kind = Kind::kRejected;
  } else if (word != "Unknown") {
    answer.Fail("it has a status that is not known here");
  }
  return status;
}

}  // namespace

absl::StatusOr<ConsensusInfo> ParseInfo(std::string_view body) {
  Answer answer(body);
  const json::object& object = answer.Object(answer.root(), "it");
  ConsensusInfo info;
  info.tip = answer.Hex(object, "tip");
  info.slot = answer.Number(object, "slot");
  info.height = answer.Number(object, "height");
  info.lib = answer.Hex(object, "lib");
  info.mode = answer.Text(answer.Field(object, "mode"), "mode");
  if (Answer::Has(object, "lib_height")) info.lib_height = answer.Number(object, "lib_height");
  return Checked(answer, std::move(info));
}

absl::StatusOr<std::vector<std::string>> ParseHashes(std::string_view body, size_t most) {
  Answer answer(body);
  std::vector<std::string> hashes;
  for (const json::value& hash : answer.Array(answer.root(), "it", most)) {
    hashes.push_back(base::ToHex(answer.Hash(hash, "an element")));
  }
  return Checked(answer, std::move(hashes));
}

absl::StatusOr<std::optional<Block>> ParseBlock(std::string_view id, std::string_view body) {
  Answer answer(body);
  if (answer.ok() && answer.root().is_null()) return std::nullopt;
  const json::object& object = answer.Object(answer.root(), "it");
  const json::object& header = answer.Object(answer.Field(object, "header"), "header");
  Block block;
  block.id = id;
  block.parent = answer.Hex(header, "parent_block");
  block.slot = answer.Number(header, "slot");
  block.leader_key = ReadLeader(answer, header);
  for (const json::value& tx :
       answer.Array(answer.Field(object, "transactions"), "transactions", kMostTransactions)) {
    block.transactions.push_back(ReadTransaction(answer, tx));
  }
  std::vector<std::string> hashes;
  for (const Transaction& transaction : block.transactions) hashes.push_back(transaction.hash);
  block.untrue = Untruth(answer, header, block.id, hashes);
  return Checked(answer, std::make_optional(std::move(block)));
}

absl::StatusOr<StreamedBlock> ParseStreamedBlock(std::string_view line) {
  Answer answer(line);
  StreamedBlock block = ReadStreamedBlock(answer, answer.root());
  return Checked(answer, std::move(block));
}

absl::StatusOr<std::vector<StreamedBlock>> ParseStreamedBlocks(std::string_view body) {
  Answer answer(body);
  std::vector<StreamedBlock> blocks;
  for (const json::value& block : answer.Array(answer.root(), "it", kMostBlocks)) {
    blocks.push_back(ReadStreamedBlock(answer, block));
  }
  return Checked(answer, std::move(blocks));
}

absl::StatusOr<FinalisedBlock> ParseFinalised(std::string_view line) {
  Answer answer(line);
  const json::object& object = answer.Object(answer.root(), "it");
  FinalisedBlock block;
  block.id = answer.Hex(object, "header_id");
  block.height = answer.Number(object, "height");
  return Checked(answer, std::move(block));
}

absl::StatusOr<std::vector<TransactionStatus>> ParseStatuses(std::string_view body, size_t count) {
  Answer answer(body);
  std::vector<TransactionStatus> statuses;
  for (const json::value& status : answer.Array(answer.root(), "it", count)) {
    statuses.push_back(ReadStatus(answer, status));
  }
  if (statuses.size() != count) {
    answer.Fail(absl::StrCat("it has ", statuses.size(), " statuses of ", count, " transactions"));
  }
  return Checked(answer, std::move(statuses));
}

absl::StatusOr<MempoolInfo> ParseMempool(std::string_view body) {
  Answer answer(body);
  const json::object& object = answer.Object(answer.root(), "it");
  MempoolInfo info;
  info.pending = answer.Number(object, "pending_items");
  info.last_added_at = answer.Number(object, "last_item_timestamp");
  return Checked(answer, info);
}

absl::StatusOr<NetworkInfo> ParseNetwork(std::string_view body) {
  Answer answer(body);
  const json::object& object = answer.Object(answer.root(), "it");
  NetworkInfo info;
  for (const json::value& address :
       answer.Array(answer.Field(object, "listen_addresses"), "listen_addresses", 1000)) {
    info.listen_addresses.push_back(answer.Text(address, "listen_addresses"));
  }
  info.peers = answer.Count(object, "n_peers");
  info.connections = answer.Count(object, "n_connections");
  info.pending_connections = answer.Count(object, "n_pending_connections");
  return Checked(answer, std::move(info));
}

}  // namespace gtestnet::nomos
