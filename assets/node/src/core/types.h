// SPDX-License-Identifier: Apache-2.0
// The words of the protocol: 32-byte ids, signatures, slots, heights.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gtestnet::node {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

using Slot = std::uint64_t;    // 0 is the genesis block's; the first block is in slot 1 or later
using Height = std::uint64_t;  // 0 is the genesis block's
using Epoch = std::uint64_t;
using Millis = std::int64_t;  // of the Unix epoch, as the shell's clock has it

// A 32-byte value. Ordered as big-endian numbers are, which is the order of its hexadecimal text.
struct Hash {
  static constexpr std::size_t kSize = 32;
  std::array<std::uint8_t, kSize> bytes{};

  // Exactly 64 hexadecimal digits, in either case, after an optional "0x".
  static std::optional<Hash> FromHex(std::string_view text);
  static Hash FromBytes(std::span<const std::uint8_t, kSize> bytes);

  std::string Hex() const;    // 64 lower-case digits
  std::string Short() const;  // the first 8 of them, for logs
  bool IsZero() const { return *this == Hash{}; }
  ByteSpan span() const { return bytes; }

  auto operator<=>(const Hash&) const = default;
};

using HeaderId = Hash;
using TxHash = Hash;
using NoteId = Hash;
using MsgId = Hash;
using ChannelId = Hash;
using PublicKey = Hash;

struct Signature {
  static constexpr std::size_t kSize = 64;
  std::array<std::uint8_t, kSize> bytes{};

  ByteSpan span() const { return bytes; }
  bool operator==(const Signature&) const = default;
};

std::string ToHex(ByteSpan bytes);
// Two hexadecimal digits for each byte and nothing else.
std::optional<Bytes> FromHex(std::string_view text);

inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::ostream& operator<<(std::ostream& out, const Hash& hash);
std::ostream& operator<<(std::ostream& out, const Signature& signature);

}  // namespace gtestnet::node

// Hashes are uniform already: eight of their bytes are as good as any function of them. (An
// attacker who grinds ids gains a slower table, no more.)
template <>
struct std::hash<gtestnet::node::Hash> {
  std::size_t operator()(const gtestnet::node::Hash& id) const noexcept {
    std::size_t value;
    std::memcpy(&value, id.bytes.data() + 8, sizeof value);
    return value;
  }
};
