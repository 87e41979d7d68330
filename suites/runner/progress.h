// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_PROGRESS_H_
#define GTESTNET_SUITES_RUNNER_PROGRESS_H_

#include <chrono>
#include <iosfwd>
#include <string>

#include "gtestnet/clock.h"
#include "gtestnet/record.h"

namespace gtestnet::command {

// Shows a running cluster: on a terminal a table that is drawn over in place, elsewhere a line
// every two seconds. Used by one thread.
class Progress {
 public:
  // `out` must outlive it; `terminal`: whether a person sees it, and lines can be drawn over.
  Progress(std::ostream& out, bool terminal, const Clock& clock = RealClock())
      : out_(out), terminal_(terminal), clock_(clock), begun_(clock.Now()) {}

  void Show(const Snapshot& snapshot);
  // A line of its own, above what follows.
  void Say(const std::string& line);

 private:
  void DrawTable(const Snapshot& snapshot);
  void PrintLine(const Snapshot& snapshot);

  std::ostream& out_;
  bool terminal_;
  const Clock& clock_;
  Clock::TimePoint begun_;
  Clock::TimePoint next_line_{};
  int drawn_lines_ = 0;
};

// For standard output.
Progress ProgressOnStandardOutput();

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_PROGRESS_H_
