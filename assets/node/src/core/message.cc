// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include "text.h"

namespace gtestnet::node {
namespace {

template <typename... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overload(Functions...) -> Overload<Functions...>;  // clang 14 does not find it by itself

void PutPart(Writer& out, const Bytes& part) {
  out.U32(static_cast<std::uint32_t>(part.size()));
  out.Raw(part);
}

ByteSpan GetPart(Reader& in) {
  const std::uint32_t size = in.U32();
  return in.Raw(size);
}

absl::StatusOr<Message> DecodeGetBlocks(Reader& in) {
  GetBlocks request;
  request.request = in.U32();
  request.target = in.GetHash();
  const std::size_t count = in.U8();
  if (count > kMaxLocatorIds) {
    return Invalid("GetBlocks: ", count, " ids in its locator; at most ", kMaxLocatorIds);
  }
  for (std::size_t i = 0; i < count && in.ok(); ++i) request.locator.push_back(in.GetHash());
  return request;
}

absl::StatusOr<Message> DecodeBlocks(Reader& in) {
  Blocks answer;
  answer.request = in.U32();
  const std::size_t count = in.U16();
  if (count > kMaxBatchBlocks) {
    return Invalid("Blocks: ", count, " blocks; at most ", kMaxBatchBlocks);
  }
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const ByteSpan part = GetPart(in);
    if (!in.ok()) break;
    absl::StatusOr<BlockPtr> block = DecodeBlock(part);
    if (!block.ok()) return Invalid("Blocks, item ", i, ": ", block.status().message());
    answer.blocks.push_back(*std::move(block));
  }
  return answer;
}

absl::StatusOr<Message> DecodeTransactions(Reader& in) {
  Transactions gossip;
  const std::size_t count = in.U16();
  if (count > kMaxBatchTransactions) {
    return Invalid("Transactions: ", count, " of them; at most ", kMaxBatchTransactions);
  }
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const ByteSpan part = GetPart(in);
    if (!in.ok()) break;
    absl::StatusOr<SignedMantleTx> tx = DecodeSignedTx(part);
    if (!tx.ok()) return Invalid("Transactions, item ", i, ": ", tx.status().message());
    gossip.transactions.push_back(*std::move(tx));
  }
  return gossip;
}

absl::StatusOr<Message> DecodeBody(std::uint8_t type, Reader& in) {
  switch (type) {
    case 0: {
      Tip tip;
      tip.id = in.GetHash();
      tip.height = in.U64();
      return tip;
    }
    case 1:
      return GetTip{};
    case 2:
      return DecodeGetBlocks(in);
    case 3:
      return DecodeBlocks(in);
    case 4: {
      absl::StatusOr<BlockPtr> block = DecodeBlock(in.Raw(in.left()));
      if (!block.ok()) return block.status();
      return NewBlock{*std::move(block)};
    }
    case 5:
      return DecodeTransactions(in);
    case 6: {
      const ByteSpan bytes = in.Raw(in.left());
      return DataMessage{Bytes(bytes.begin(), bytes.end())};
    }
    default:
      return Invalid("message: its type ", static_cast<int>(type), " is unknown");
  }
}

}  // namespace

Bytes EncodeMessage(const Message& message) {
  Writer out;
  out.U8(static_cast<std::uint8_t>(message.index()));
  std::visit(Overload{
                 [&](const Tip& tip) {
                   out.Put(tip.id);
                   out.U64(tip.height);
                 },
                 [](const GetTip&) {},
                 [&](const GetBlocks& request) {
                   out.U32(request.request);
                   out.Put(request.target);
                   out.U8(static_cast<std::uint8_t>(request.locator.size()));
                   for (const HeaderId& id : request.locator) out.Put(id);
                 },
                 [&](const Blocks& answer) {
                   out.U32(answer.request);
                   out.U16(static_cast<std::uint16_t>(answer.blocks.size()));
                   for (const BlockPtr& block : answer.blocks) PutPart(out, EncodeBlock(*block));
                 },
                 [&](const NewBlock& news) { out.Raw(EncodeBlock(*news.block)); },
                 [&](const Transactions& gossip) {
                   out.U16(static_cast<std::uint16_t>(gossip.transactions.size()));
                   for (const SignedMantleTx& tx : gossip.transactions) {
                     PutPart(out, EncodeSignedTx(tx));
                   }
                 },
                 [&](const DataMessage& message_of_da) { out.Raw(message_of_da.bytes); },
             },
             message);
  return out.Take();
}

absl::StatusOr<Message> DecodeMessage(ByteSpan bytes) {
  if (bytes.size() > kMaxMessageBytes) {
    return Invalid("message: ", bytes.size(), " bytes; at most ", kMaxMessageBytes);
  }
  Reader in(bytes);
  const std::uint8_t type = in.U8();
  if (!in.ok()) return Invalid("message: is empty");
  absl::StatusOr<Message> message = DecodeBody(type, in);
  if (!message.ok()) return message.status();
  if (absl::Status status = in.Finish(MessageName(*message)); !status.ok()) return status;
  return message;
}

const char* MessageName(const Message& message) {
  static constexpr const char* kNames[] = {"Tip",      "GetTip",       "GetBlocks",  "Blocks",
                                           "NewBlock", "Transactions", "DataMessage"};
  static_assert(std::size(kNames) == std::variant_size_v<Message>);
  return kNames[message.index()];
}

}  // namespace gtestnet::node
