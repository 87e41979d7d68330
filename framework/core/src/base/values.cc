// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/values.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace gtestnet {

std::string FormatNumber(double number) {
  constexpr double kLargestWhole = 9007199254740992;  // 2^53
  char text[40];
  if (number == std::floor(number) && std::abs(number) <= kLargestWhole) {
    return std::string(text,
                       std::to_chars(text, text + sizeof text, static_cast<int64_t>(number)).ptr);
  }
  return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
}

}  // namespace gtestnet
