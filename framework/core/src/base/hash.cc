// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/hash.h"

#include <sodium.h>

#include <new>

namespace gtestnet::base {
namespace {

using State = crypto_generichash_blake2b_state;

State* StateIn(std::array<uint8_t, 384>& room) {
  static_assert(sizeof(State) <= 384 && alignof(State) <= 64);
  return std::launder(reinterpret_cast<State*>(room.data()));
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Hasher::Hasher(std::string_view tag) {
  static const int ready = sodium_init();
  static_cast<void>(ready);
  new (state_.data()) State;
  crypto_generichash_blake2b_init(StateIn(state_), nullptr, 0, sizeof(Hash32));
  Add(tag);
}

Hasher& Hasher::Add(ByteView bytes) {
  crypto_generichash_blake2b_update(StateIn(state_), bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::Add(std::string_view text) {
  return Add(ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

Hasher& Hasher::AddU8(uint8_t value) { return Add(ByteView(&value, 1)); }

Hasher& Hasher::AddU32(uint32_t value) {
  std::array<uint8_t, 4> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
  return Add(ByteView(bytes));
}

Hasher& Hasher::AddU64(uint64_t value) {
  std::array<uint8_t, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
  return Add(ByteView(bytes));
}

Hash32 Hasher::Finish() {
  Hash32 hash;
  crypto_generichash_blake2b_final(StateIn(state_), hash.data(), hash.size());
  return hash;
}

std::string ToHex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<Hash32> ParseHash(std::string_view hex) {
  Hash32 hash;
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  for (size_t i = 0; i < hash.size(); ++i) {
    const int high = DigitOf(hex[2 * i]);
    const int low = DigitOf(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return hash;
}

}  // namespace gtestnet::base
