// SPDX-License-Identifier: Apache-2.0
#include "da_message.h"

#include <algorithm>

#include "codec.h"
#include "text.h"

namespace gtestnet::node {
namespace {

constexpr const char* kNames[] = {"Disperse", "Dispersed", "GetShares", "Shares"};
static_assert(std::size(kNames) == std::variant_size_v<DaMessage>);

template <std::size_t kSize>
void GetArray(Reader& in, std::array<std::uint8_t, kSize>& out) {
  const ByteSpan bytes = in.Raw(kSize);
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

void PutColumns(Writer& out, const ColumnSet& columns) {
  for (std::size_t byte = 0; byte < kColumns / 8; ++byte) {
    unsigned bits = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) bits |= columns[8 * byte + bit] ? 1U << bit : 0U;
    out.U8(static_cast<std::uint8_t>(bits));
  }
}

ColumnSet GetColumns(Reader& in) {
  ColumnSet columns;
  for (std::size_t byte = 0; byte < kColumns / 8; ++byte) {
    const unsigned bits = in.U8();
    for (std::size_t bit = 0; bit < 8; ++bit) columns[8 * byte + bit] = (bits >> bit & 1U) != 0;
  }
  return columns;
}

void PutShares(Writer& out, const Shares& shares) {
  out.U8(static_cast<std::uint8_t>(shares.size()));
  for (const Share& share : shares) {
    out.U8(share.column);
    out.Raw(share.cell);
    out.Raw(share.proof);
  }
}

absl::StatusOr<Shares> GetShareList(Reader& in, const char* name) {
  const std::size_t count = in.U8();
  if (count > kColumns) return Invalid(name, ": ", count, " shares; at most ", kColumns);
  Shares shares(count);
  ColumnSet seen;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Share& share = shares[i];
    share.column = in.U8();
    GetArray(in, share.cell);
    GetArray(in, share.proof);
    if (share.column >= kColumns || seen[share.column]) {
      return Invalid(name, ": share ", i, " is of column ", static_cast<int>(share.column),
                     share.column < kColumns ? " again" : "; there are 128");
    }
    seen.set(share.column);
  }
  return shares;
}

template <class WithShares>
absl::StatusOr<DaMessage> DecodeWithShares(Reader& in, const char* name) {
  WithShares message;
  message.request = in.U32();
  GetArray(in, message.commitment);
  absl::StatusOr<Shares> shares = GetShareList(in, name);
  if (!shares.ok()) return shares.status();
  message.shares = *std::move(shares);
  return message;
}

absl::StatusOr<DaMessage> DecodeBody(std::uint8_t type, Reader& in) {
  switch (type) {
    case 0:
      return DecodeWithShares<Disperse>(in, kNames[0]);
    case 1: {
      Dispersed answer;
      answer.request = in.U32();
      answer.stored = GetColumns(in);
      return answer;
    }
    case 2: {
      GetShares request;
      request.request = in.U32();
      request.blob = in.GetHash();
      request.columns = GetColumns(in);
      return request;
    }
    case 3:
      return DecodeWithShares<SharesAnswer>(in, kNames[3]);
    default:
      return Invalid("message of data availability: its type ", static_cast<int>(type),
                     " is unknown");
  }
}

void Put(Writer& out, const Disperse& message) {
  out.Raw(message.commitment);
  PutShares(out, message.shares);
}
void Put(Writer& out, const Dispersed& message) { PutColumns(out, message.stored); }
void Put(Writer& out, const GetShares& message) {
  out.Put(message.blob);
  PutColumns(out, message.columns);
}
void Put(Writer& out, const SharesAnswer& message) {
  out.Raw(message.commitment);
  PutShares(out, message.shares);
}

}  // namespace

Bytes EncodeDaMessage(const DaMessage& message) {
  Writer out;
  out.U8(static_cast<std::uint8_t>(message.index()));
  std::visit(
      [&](const auto& one) {
        out.U32(one.request);
        Put(out, one);
      },
      message);
  return out.Take();
}

absl::StatusOr<DaMessage> DecodeDaMessage(ByteSpan bytes) {
  Reader in(bytes);
  const std::uint8_t type = in.U8();
  if (!in.ok()) return Invalid("message of data availability: is empty");
  absl::StatusOr<DaMessage> message = DecodeBody(type, in);
  if (!message.ok()) return message.status();
  if (absl::Status status = in.Finish(kNames[type]); !status.ok()) return status;
  return message;
}

}  // namespace gtestnet::node
