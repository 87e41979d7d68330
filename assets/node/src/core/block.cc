// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <algorithm>

#include "text.h"

namespace gtestnet::node {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaxGenesisNotes = 1'000'000;
constexpr std::size_t kEmptyBlockBytes =
    5 * Hash::kSize + 8 + LeaderProof::kSize + Signature::kSize + 2;

Header GetHeader(Reader& in) {
  Header header;
  header.parent = in.GetHash();
  header.slot = in.U64();
  header.block_root = in.GetHash();
  header.voucher = in.GetHash();
  header.entropy = in.GetHash();
  const ByteSpan proof = in.Raw(LeaderProof::kSize);
  std::copy(proof.begin(), proof.end(), header.proof.bytes.begin());
  header.leader_key = in.GetHash();
  return header;
}

}  // namespace

LeaderProof LeaderProof::Make(const Signature& signature, const NoteId& note) {
  LeaderProof proof;
  std::copy(signature.bytes.begin(), signature.bytes.end(), proof.bytes.begin());
  std::copy(note.bytes.begin(), note.bytes.end(), proof.bytes.begin() + Signature::kSize);
  return proof;
}

Signature LeaderProof::signature() const {
  Signature result;
  std::copy_n(bytes.begin(), Signature::kSize, result.bytes.begin());
  return result;
}

NoteId LeaderProof::note() const {
  NoteId result;
  std::copy_n(bytes.begin() + Signature::kSize, Hash::kSize, result.bytes.begin());
  return result;
}

bool LeaderProof::PaddingIsZero() const {
  return std::all_of(bytes.begin() + Signature::kSize + Hash::kSize, bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

HeaderId IdOf(const Header& header) {
  return Hasher("BLOCK_ID_V1")
      .AddU8(kVersion)
      .Add(header.parent)
      .AddU64(header.slot)
      .Add(header.block_root)
      .Add(header.voucher)
      .Add(header.entropy)
      .Add(header.proof.bytes)
      .Add(header.leader_key)
      .Finish();
}

Hash BlockRoot(const std::vector<TxHash>& hashes) {
  const Hash padding = HashOf(Hash{}.span());
  if (hashes.empty()) return padding;
  std::vector<Hash> level;
  for (const TxHash& hash : hashes) level.push_back(HashOf(hash.span()));
  std::size_t width = 1;
  while (width < level.size()) width *= 2;
  level.resize(width, padding);
  for (; level.size() > 1; level.resize(level.size() / 2)) {
    for (std::size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = Hasher().Add(level[2 * i]).Add(level[2 * i + 1]).Finish();
    }
  }
  return level.front();
}

BlockPtr MakeBlock(Header header, Signature signature, std::vector<SignedMantleTx> transactions) {
  auto block = std::make_shared<Block>();
  block->header = header;
  block->signature = signature;
  block->transactions = std::move(transactions);
  block->id = IdOf(header);
  for (const SignedMantleTx& tx : block->transactions) block->tx_hashes.push_back(HashOfTx(tx.tx));
  return block;
}

Bytes EncodeBlock(const Block& block) {
  Writer out;
  const Header& header = block.header;
  out.Put(header.parent);
  out.U64(header.slot);
  out.Put(header.block_root);
  out.Put(header.voucher);
  out.Put(header.entropy);
  out.Raw(header.proof.bytes);
  out.Put(header.leader_key);
  out.Put(block.signature);
  out.U16(static_cast<std::uint16_t>(block.transactions.size()));
  for (const SignedMantleTx& tx : block.transactions) {
    const Bytes encoded = EncodeSignedTx(tx);
    out.U32(static_cast<std::uint32_t>(encoded.size()));
    out.Raw(encoded);
  }
  return out.Take();
}

std::size_t EncodedSize(const Block& block) {
  std::size_t size = kEmptyBlockBytes;
  for (const SignedMantleTx& tx : block.transactions) size += 4 + SignedTxSize(tx);
  return size;
}

absl::StatusOr<BlockPtr> DecodeBlock(ByteSpan bytes) {
  if (bytes.size() > kMaxBlockBytes) {
    return Invalid("block: ", bytes.size(), " bytes; at most ", kMaxBlockBytes);
  }
  Reader in(bytes);
  const Header header = GetHeader(in);
  const Signature signature = in.GetSignature();
  const std::size_t count = in.U16();
  if (count > kMaxBlockTransactions) {
    return Invalid("block: ", count, " transactions; at most ", kMaxBlockTransactions);
  }
  std::vector<SignedMantleTx> transactions;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::uint32_t size = in.U32();
    const ByteSpan part = in.Raw(size);
    if (!in.ok()) break;
    absl::StatusOr<SignedMantleTx> tx = DecodeSignedTx(part);
    if (!tx.ok()) return Invalid("block, item ", i, ": ", tx.status().message());
    transactions.push_back(*std::move(tx));
  }
  if (absl::Status status = in.Finish("block"); !status.ok()) return status;
  return MakeBlock(header, signature, std::move(transactions));
}

absl::Status CheckBlock(const Block& block, Signatures signatures) {
  if (block.transactions.size() > kMaxBlockTransactions || EncodedSize(block) > kMaxBlockBytes) {
    return Invalid("it has more transactions or bytes than a block may have");
  }
  if (BlockRoot(block.tx_hashes) != block.header.block_root) {
    return Invalid("its root is not that of its transactions");
  }
  if (signatures == Signatures::kCheck &&
      !Verify(block.header.leader_key, block.id.span(), block.signature)) {
    return Invalid("its signature is not its leader's");
  }
  return absl::OkStatus();
}

absl::Status CheckGenesis(const Genesis& genesis) {
  if (genesis.notes.size() > kMaxGenesisNotes) {
    return Invalid("genesis: ", genesis.notes.size(), " notes; at most ", kMaxGenesisNotes);
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < genesis.notes.size(); ++i) {
    const std::uint64_t value = genesis.notes[i].note.value;
    if (value == 0) return Invalid("genesis: the value of note ", i, " is 0");
    if (__builtin_add_overflow(sum, value, &sum)) {
      return Invalid("genesis: the values up to note ", i, " add up to more than 64 bits");
    }
  }
  return absl::OkStatus();
}

Hash GenesisLedgerHash(const Genesis& genesis) {
  Hasher hasher("NOMOS_GENESIS_V1");
  hasher.Add(genesis.chain_id).AddU32(static_cast<std::uint32_t>(genesis.notes.size()));
  for (const GenesisNote& entry : genesis.notes) {
    hasher.AddU64(entry.note.value).Add(entry.note.public_key).AddU8(entry.leader ? 1 : 0);
  }
  return hasher.Finish();
}

std::vector<NoteId> GenesisNoteIds(const Genesis& genesis) {
  const Hash hash = GenesisLedgerHash(genesis);
  std::vector<NoteId> ids;
  for (const GenesisNote& entry : genesis.notes) {
    ids.push_back(MakeNoteId(hash, ids.size(), entry.note));
  }
  return ids;
}

BlockPtr MakeGenesisBlock(const Genesis& genesis) {
  Header header;
  header.block_root = GenesisLedgerHash(genesis);
  return MakeBlock(header, Signature{}, {});
}

Hash GenesisNonce(const Genesis& genesis) {
  return Hasher("EPOCH_NONCE_V1").Add(genesis.chain_id).Finish();
}

}  // namespace gtestnet::node
