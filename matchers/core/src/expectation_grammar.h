// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_EXPECTATION_GRAMMAR_H_
#define GTESTNET_MATCHERS_CORE_SRC_EXPECTATION_GRAMMAR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::matching {

// The text form of an expectation as a tree: Name(argument, …), a number or a "string".
struct Expression {
  enum class Kind { kCall, kNumber, kString };
  Kind kind = Kind::kCall;
  std::string text;  // the name, the digits, or the string without its quotes
  std::vector<Expression> arguments;
  size_t column = 1;

  // Of a number.
  double number = 0;
  bool is_whole = false;
};

// kInvalidArgument: "column 14: expected …".
absl::StatusOr<Expression> ParseExpression(std::string_view text);
// "column 14: " and the words.
absl::Status ErrorAt(size_t column, std::string_view what);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_EXPECTATION_GRAMMAR_H_
