// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_LOG_BOOK_H_
#define GTESTNET_CORE_SRC_RUN_LOG_BOOK_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/evidence.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What is kept of one node's log: counts of all lines by level, and of the lines themselves so many
// bytes of those at warn and above, and so many of the others (each line counts for its text and
// kBytesBesides). Of more than that the first half and the last are kept. A line that says nothing
// of itself is part of the one before it, as far as there is room, in a log in which lines do. One
// thread.
class LogBook {
 public:
  static constexpr size_t kMostGrave = 1024 * 1024;  // warn and above
  static constexpr size_t kMostOther = 256 * 1024;
  static constexpr size_t kMostText = 2000;  // of one line, with those that belong to it
  static constexpr size_t kBytesBesides = 40;

  LogBook(NodeIndex node, const NodeKind& kind, std::chrono::system_clock::time_point start)
      : node_(node), kind_(kind), start_(start) {}
  LogBook(const LogBook&) = delete;
  LogBook& operator=(const LogBook&) = delete;

  // Lines, the last of which need not have its newline, that were read at `now`. New ones go to
  // `fresh`, too.
  void Take(std::string_view text, RunTime now, std::vector<LogLine>& fresh);
  uint64_t bytes() const { return bytes_; }

  // Adds the lines that were kept, in the order in which they were read.
  void AddTo(std::vector<LogLine>& lines) const;
  // By the word of the level, as NodeRecord has them.
  Numbers Counts() const;
  Numbers LeftOut() const;

 private:
  static constexpr size_t kLevels = static_cast<size_t>(LogLevel::kFatal) + 1;
  using PerLevel = std::array<int64_t, kLevels>;

  struct Shelf {
    size_t most = 0;
    std::vector<LogLine> first = {};
    std::deque<LogLine> last = {};
    size_t first_bytes = 0;
    size_t last_bytes = 0;
  };

  void TakeLine(std::string_view line, RunTime now, std::vector<LogLine>& fresh);
  // Adds it to the last line; false if there is no room.
  bool Continue(std::string_view line);
  const std::string& TextOfLast() const;
  void Keep(LogLine line);
  void Thin(Shelf& shelf);
  RunTime TimeOf(const LogHead& head, RunTime now) const;

  const NodeIndex node_;
  const NodeKind& kind_;
  const std::chrono::system_clock::time_point start_;
  Shelf grave_{.most = kMostGrave};
  Shelf other_{.most = kMostOther};
  Shelf* shelf_of_last_ = nullptr;  // of the last line of all
  bool has_heads_ = false;          // some line said something of itself
  PerLevel counts_{};
  PerLevel left_out_{};
  uint64_t bytes_ = 0;
  RunTime read_before_ = RunTime::min();
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_LOG_BOOK_H_
