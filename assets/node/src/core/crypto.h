// SPDX-License-Identifier: Apache-2.0
// Blake2b-256 and Ed25519, both libsodium's. Each call initialises the library if nothing did so
// before; all of it may be used from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "types.h"

namespace gtestnet::node {

// Blake2b-256 of what is added, in that order. Integers are little-endian.
class Hasher {
 public:
  Hasher();
  // Starts with a domain's tag, for example "BLOCK_ID_V1".
  explicit Hasher(std::string_view tag);

  Hasher& Add(ByteSpan bytes);
  Hasher& Add(const Hash& hash) { return Add(hash.span()); }
  Hasher& AddU8(std::uint8_t value);
  Hasher& AddU32(std::uint32_t value);
  Hasher& AddU64(std::uint64_t value);

  Hash Finish();  // once

 private:
  // crypto_generichash_blake2b_state, kept out of this header; the size is checked in the source
  // file.
  alignas(64) std::array<std::uint8_t, 384> state_;
};

Hash HashOf(ByteSpan bytes);

class KeyPair {
 public:
  // Ed25519, from the 32-byte seed.
  static KeyPair FromSeed(const Hash& seed);

  const PublicKey& public_key() const { return public_key_; }
  // Deterministic: the same key and message give the same signature.
  Signature Sign(ByteSpan message) const;

 private:
  PublicKey public_key_;
  std::array<std::uint8_t, 64> secret_{};
};

bool Verify(const PublicKey& key, ByteSpan message, const Signature& signature);

}  // namespace gtestnet::node
