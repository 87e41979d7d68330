// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_HASH_H_
#define GTESTNET_CORE_SRC_BASE_HASH_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gtestnet::base {

using Hash32 = std::array<uint8_t, 32>;
using ByteView = std::span<const uint8_t>;

// Blake2b-256 of a tag and of what is added after it. Integers are little-endian.
//
//   Hash32 id = Hasher("NOTE_ID_V1").Add(ledger_hash).AddU64(index).Finish();
class Hasher {
 public:
  explicit Hasher(std::string_view tag = {});

  Hasher& Add(ByteView bytes);
  Hasher& Add(std::string_view text);
  Hasher& AddU8(uint8_t value);
  Hasher& AddU32(uint32_t value);
  Hasher& AddU64(uint64_t value);
  // Once.
  Hash32 Finish();

 private:
  // libsodium's state, whose header stays out of this one; the source file checks size and
  // alignment.
  alignas(64) std::array<uint8_t, 384> state_;
};

// Lower-case.
std::string ToHex(ByteView bytes);
// Exactly 64 hexadecimal digits, in either case.
std::optional<Hash32> ParseHash(std::string_view hex);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_HASH_H_
