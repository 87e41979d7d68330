// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/random.h"

#include <bit>

#include "core/src/base/hash.h"

namespace gtestnet {
namespace {

// splitmix64, which spreads a seed over a state (Vigna; public domain algorithm).
uint64_t SplitMix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

base::Hash32 HashOf(std::string_view purpose, uint64_t seed, std::string_view label) {
  return base::Hasher(purpose).AddU64(seed).Add(label).Finish();
}

uint64_t FirstEight(const base::Hash32& hash) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value |= uint64_t{hash[i]} << (8 * i);
  return value;
}

}  // namespace

Random::Random(uint64_t seed) : seed_(seed) {
  uint64_t state = seed;
  for (uint64_t& word : state_) word = SplitMix(state);
}

// xoshiro256** (Blackman and Vigna; public domain algorithm).
uint64_t Random::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::Below(uint64_t bound) {
  if (bound == 0) return 0;
  // The lowest 2⁶⁴ mod bound values would make some remainders likelier: they are drawn anew.
  const uint64_t surplus = (0 - bound) % bound;
  uint64_t value = Next();
  while (value < surplus) value = Next();
  return value % bound;
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

Random Random::Fork(std::string_view label) const {
  return Random(FirstEight(HashOf("GTESTNET_FORK_V1", seed_, label)));
}

std::array<uint8_t, 32> Random::Bytes(std::string_view label) const {
  return HashOf("GTESTNET_BYTES_V1", seed_, label);
}

uint64_t SeedFor(uint64_t seed, std::string_view test_name) {
  return FirstEight(HashOf("GTESTNET_TEST_V1", seed, test_name));
}

}  // namespace gtestnet
