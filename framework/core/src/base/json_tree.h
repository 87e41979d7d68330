// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_JSON_TREE_H_
#define GTESTNET_CORE_SRC_BASE_JSON_TREE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet {

// Where something is in a text: the first line and the first column are 1. A column is a byte.
struct TextPosition {
  int line = 1;
  int column = 1;
};

// "3:17: ", for the beginning of a message.
std::string ToString(TextPosition position);
absl::Status ErrorAt(TextPosition position, std::string_view message);

// A JSON value that knows where it stands.
struct JsonTree {
  enum class Type { kNull, kBool, kNumber, kString, kArray, kObject };
  struct Member;

  Type type = Type::kNull;
  TextPosition position;
  std::string text;  // of a string: its content; of a number or a word: as it is written
  std::vector<JsonTree> elements;
  std::vector<Member> members;  // in the order of the text
};
struct JsonTree::Member {
  std::string name;
  TextPosition position;  // of the name
  JsonTree value;
};

// "an object", "the number 3", "the text \"x\"": for messages.
std::string Describe(const JsonTree& value);

inline constexpr size_t kMostJsonBytes = 1 << 20;
inline constexpr int kMostTreeDepth = 32;
inline constexpr int kMostTreeValues = 200'000;

// What no text may have: a NUL, at which another program would end it. OK otherwise.
absl::Status CheckText(TextPosition position, std::string_view text);

// kInvalidArgument, beginning with line and column, for text that is not JSON, names a member
// twice, has a NUL in a text, or is too long, too deep or of too many values.
absl::StatusOr<JsonTree> ParseJsonTree(std::string_view text, size_t most_bytes = kMostJsonBytes);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_JSON_TREE_H_
