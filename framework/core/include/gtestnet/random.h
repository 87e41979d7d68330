// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RANDOM_H_
#define GTESTNET_RANDOM_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace gtestnet {

// A stream of random numbers that depends on its seed alone: the same on every machine, compiler
// and standard library. Copies go on independently. Not for cryptography.
//
//   Random random = Random(seed).Fork("restarts");
//   auto delay = min + random.Below(max - min);
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t Next();
  // In [0, bound), without bias; 0 when bound is 0.
  uint64_t Below(uint64_t bound);
  // In [0, 1).
  double Fraction();
  // A stream of its own for a purpose: it depends on this one's seed and the label, and not on how
  // much of this one was used.
  Random Fork(std::string_view label) const;
  // 32 bytes for a purpose, e.g. the seed of a key.
  std::array<uint8_t, 32> Bytes(std::string_view label) const;

 private:
  uint64_t seed_;
  std::array<uint64_t, 4> state_;
};

// The seed of one test: a hash of the run's seed and the test's name.
uint64_t SeedFor(uint64_t seed, std::string_view test_name);

}  // namespace gtestnet

#endif  // GTESTNET_RANDOM_H_
