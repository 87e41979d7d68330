// SPDX-License-Identifier: Apache-2.0
//
// What a fuzz target is made of: it defines the two functions, and fuzz_main.cc does the rest.
#ifndef GTESTNET_CORE_SRC_BASE_TESTING_FUZZ_H_
#define GTESTNET_CORE_SRC_BASE_TESTING_FUZZ_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace gtestnet::fuzz {

// Inputs to begin with: sound ones, and those that once went wrong.
std::vector<std::string> Seeds();
// Whatever the input: it returns, and its demands are met.
void Try(std::string_view input);

inline void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// Takes choices from the front of an input.
class Choices {
 public:
  explicit Choices(std::string_view input) : input_(input) {}

  bool done() const { return input_.empty(); }
  // Below `bound`; 0 when nothing is left.
  std::uint32_t Below(std::uint32_t bound) { return bound == 0 ? 0 : Byte() % bound; }
  std::uint8_t Byte() {
    if (input_.empty()) return 0;
    const char c = input_.front();
    input_.remove_prefix(1);
    return static_cast<std::uint8_t>(c);
  }
  std::string_view Take(std::size_t bytes) {
    const std::string_view taken = input_.substr(0, bytes);
    input_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view Rest() { return Take(input_.size()); }

 private:
  std::string_view input_;
};

}  // namespace gtestnet::fuzz

#endif  // GTESTNET_CORE_SRC_BASE_TESTING_FUZZ_H_
