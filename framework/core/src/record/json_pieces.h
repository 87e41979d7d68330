// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_JSON_PIECES_H_
#define GTESTNET_CORE_SRC_RECORD_JSON_PIECES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// JSON that is too large to be had in memory as a tree: it is checked as a whole, and then cut into
// pieces of its text.
namespace gtestnet::internal {

struct JsonFault {
  enum class Kind { kNone, kCutShort, kWrong };
  Kind kind = Kind::kNone;
  size_t offset = 0;  // of what is wrong
  std::string what = {};
};

// Of all lists together. Short entries take up to ten times the memory of their text; a gigabyte of
// hashes has as many as this.
inline constexpr size_t kMostListEntries = 16'000'000;

// Whether the text is one JSON value, no object in it has a name twice, and its lists have no more
// entries than that. Takes no memory for what it reads.
JsonFault CheckJson(std::string_view text, size_t most_entries = kMostListEntries);

// What follows is of text that CheckJson has found sound.

struct JsonMember {
  std::string_view name;  // as it is written
  std::string_view value;
};
// Of an object, from bracket to bracket.
std::vector<JsonMember> MembersOf(std::string_view object);

// The elements of a list one by one.
class JsonElements {
 public:
  explicit JsonElements(std::string_view list) : rest_(list.substr(1)) {}
  // False at the list's end.
  bool Next(std::string_view& element);

 private:
  std::string_view rest_;
};

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_JSON_PIECES_H_
