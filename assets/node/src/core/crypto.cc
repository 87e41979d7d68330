// SPDX-License-Identifier: Apache-2.0
#include "crypto.h"

#include <sodium.h>

#include <cstdlib>

namespace gtestnet::node {
namespace {

static_assert(sizeof(crypto_generichash_blake2b_state) <= 384);
static_assert(alignof(crypto_generichash_blake2b_state) <= 64);
static_assert(crypto_sign_BYTES == Signature::kSize && crypto_sign_SEEDBYTES == Hash::kSize);

void EnsureSodium() {
  // Negative means that the machine has no randomness and no node can run; -1 never comes a second
  // time.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

crypto_generichash_blake2b_state* State(std::array<std::uint8_t, 384>& bytes) {
  return reinterpret_cast<crypto_generichash_blake2b_state*>(bytes.data());
}

}  // namespace

Hasher::Hasher() {
  EnsureSodium();
  crypto_generichash_blake2b_init(State(state_), nullptr, 0, Hash::kSize);
}

Hasher::Hasher(std::string_view tag) : Hasher() { Add(AsBytes(tag)); }

Hasher& Hasher::Add(ByteSpan bytes) {
  crypto_generichash_blake2b_update(State(state_), bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::AddU8(std::uint8_t value) { return Add(ByteSpan(&value, 1)); }

Hasher& Hasher::AddU32(std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes;
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return Add(bytes);
}

Hasher& Hasher::AddU64(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes;
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return Add(bytes);
}

Hash Hasher::Finish() {
  Hash hash;
  crypto_generichash_blake2b_final(State(state_), hash.bytes.data(), Hash::kSize);
  return hash;
}

Hash HashOf(ByteSpan bytes) { return Hasher().Add(bytes).Finish(); }

KeyPair KeyPair::FromSeed(const Hash& seed) {
  EnsureSodium();
  KeyPair pair;
  crypto_sign_seed_keypair(pair.public_key_.bytes.data(), pair.secret_.data(), seed.bytes.data());
  return pair;
}

Signature KeyPair::Sign(ByteSpan message) const {
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                       secret_.data());
  return signature;
}

bool Verify(const PublicKey& key, ByteSpan message, const Signature& signature) {
  EnsureSodium();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

}  // namespace gtestnet::node
