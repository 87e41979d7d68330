// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_PROGRESS_H_
#define GTESTNET_SUITES_RUNNER_PROGRESS_H_

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>

#include "gtestnet/clock.h"
#include "gtestnet/record.h"

namespace gtestnet::command {

struct TerminalSize {
  int lines = 24;
  int columns = 80;
};

// Shows a running cluster: on a terminal a table that is drawn over in place and fits the screen,
// elsewhere a line every two seconds. Used by one thread.
class Progress {
 public:
  // `out` must outlive it. `size`: how large the terminal is now; empty where there is none.
  explicit Progress(std::ostream& out, std::function<TerminalSize()> size = {},
                    const Clock& clock = RealClock())
      : out_(out), size_(std::move(size)), clock_(clock), begun_(clock.Now()) {}

  void Show(const Snapshot& snapshot);
  // A line of its own, above what follows.
  void Say(const std::string& line);

 private:
  void DrawTable(const Snapshot& snapshot);
  void PrintLine(const Snapshot& snapshot);

  std::ostream& out_;
  std::function<TerminalSize()> size_;
  const Clock& clock_;
  Clock::TimePoint begun_;
  Clock::TimePoint next_line_{};
  int drawn_lines_ = 0;
};

// For standard output.
Progress ProgressOnStandardOutput();

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_PROGRESS_H_
