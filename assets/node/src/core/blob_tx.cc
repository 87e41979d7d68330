// SPDX-License-Identifier: Apache-2.0
#include "blob_tx.h"

#include <variant>

namespace gtestnet::node {

SignedMantleTx MakeBlobTx(const ChannelId& channel, const MsgId& parent, const Hash& blob,
                          std::uint64_t size) {
  const KeyPair key = KeyPair::FromSeed(Hash{});
  ChannelBlob op;
  op.channel = channel;
  op.blob = blob;
  op.blob_size = size;
  op.parent = parent;
  op.signer = key.public_key();
  SignedMantleTx tx;
  tx.tx.ops.emplace_back(op);
  tx.op_proofs.push_back(key.Sign(HashOfTx(tx.tx).span()));
  return tx;
}

std::vector<Hash> BlobsOf(const SignedMantleTx& tx) {
  std::vector<Hash> blobs;
  for (const Operation& op : tx.tx.ops) {
    if (const auto* blob = std::get_if<ChannelBlob>(&op)) blobs.push_back(blob->blob);
  }
  return blobs;
}

std::vector<Hash> BlobsOf(const Block& block) {
  std::vector<Hash> blobs;
  for (const SignedMantleTx& tx : block.transactions) {
    const std::vector<Hash> some = BlobsOf(tx);
    blobs.insert(blobs.end(), some.begin(), some.end());
  }
  return blobs;
}

}  // namespace gtestnet::node
