// SPDX-License-Identifier: Apache-2.0
#include "runner/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace gtestnet::command {
namespace {

constexpr std::chrono::seconds kBetweenLines{2};
constexpr size_t kShortId = 8;

std::string ShortId(const std::string& id) { return id.substr(0, kShortId); }

std::string StateOf(const NodeSample& node) { return node.reachable ? node.mode : "down"; }

std::string Seconds(Clock::TimePoint::duration elapsed) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << std::chrono::duration<double>(elapsed).count()
       << " s";
  return text.str();
}

}  // namespace

void Progress::Show(const Snapshot& snapshot) {
  if (terminal_) {
    DrawTable(snapshot);
  } else if (clock_.Now() >= next_line_) {
    next_line_ = clock_.Now() + kBetweenLines;
    PrintLine(snapshot);
  }
}

void Progress::Say(const std::string& line) {
  out_ << line << std::endl;
  drawn_lines_ = 0;
}

void Progress::DrawTable(const Snapshot& snapshot) {
  constexpr const char* kClearToEndOfLine = "\x1b[K";
  std::ostringstream table;
  if (drawn_lines_ > 0) table << "\x1b[" << drawn_lines_ << 'A';
  table << std::left << std::setw(14) << "  node" << std::setw(15) << "state" << std::right
        << std::setw(7) << "height"
        << "  " << std::left << std::setw(10) << "tip" << std::right << std::setw(10) << "finalised"
        << std::setw(7) << "peers" << std::setw(9) << "mempool"
        << "   " << Seconds(clock_.Now() - begun_) << kClearToEndOfLine << '\n';
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    table << "  " << std::left << std::setw(12) << snapshot.names[i] << std::setw(15)
          << StateOf(node) << std::right;
    if (node.reachable) {
      table << std::setw(7) << node.height << "  " << std::left << std::setw(10)
            << ShortId(node.tip) << std::right << std::setw(10) << node.finalised_height
            << std::setw(7) << node.peers << std::setw(9) << node.mempool;
    }
    table << kClearToEndOfLine << '\n';
  }
  out_ << table.str() << std::flush;
  drawn_lines_ = static_cast<int>(snapshot.nodes.size()) + 1;
}

void Progress::PrintLine(const Snapshot& snapshot) {
  out_ << Seconds(clock_.Now() - begun_) << ':';
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    out_ << (i == 0 ? " " : "; ") << snapshot.names[i];
    if (!node.reachable) {
      out_ << " down";
      continue;
    }
    out_ << ' ' << node.mode << " height " << node.height << " tip " << ShortId(node.tip)
         << " finalised " << node.finalised_height << " peers " << node.peers << " mempool "
         << node.mempool;
  }
  out_ << std::endl;
}

Progress ProgressOnStandardOutput() { return Progress(std::cout, isatty(STDOUT_FILENO) == 1); }

}  // namespace gtestnet::command
