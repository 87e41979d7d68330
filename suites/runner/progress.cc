// SPDX-License-Identifier: Apache-2.0
#include "runner/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>
#include <vector>

#include "gtestnet/chain/sample.h"
#include "gtestnet/printable.h"

namespace gtestnet::command {
namespace {

constexpr std::chrono::seconds kBetweenLines{2};
constexpr size_t kShortId = 8;

std::string ShortId(const std::string& id) { return id.substr(0, kShortId); }

std::string StateOf(const NodeSample& node) { return node.reachable ? node.status : "down"; }

std::string Seconds(Clock::TimePoint::duration elapsed) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << std::chrono::duration<double>(elapsed).count()
       << " s";
  return text.str();
}

// The columns, with the head's words as their cells.
std::string Line(const std::array<std::string, 7>& cells) {
  std::ostringstream line;
  // However long the name is, it does not run into the state.
  line << "  " << std::left << std::setw(14) << cells[0].substr(0, 13) << std::setw(14) << cells[1]
       << std::right << std::setw(7) << cells[2] << "  " << std::left << std::setw(9) << cells[3]
       << std::right << std::setw(10) << cells[4] << std::setw(6) << cells[5] << std::setw(8)
       << cells[6];
  return line.str();
}

std::string Row(const std::string& name, const NodeSample& node) {
  if (!node.reachable) return Line({Printable(name), StateOf(node)});
  return Line({Printable(name), Printable(StateOf(node)), std::to_string(chain::HeightOf(node)),
               Printable(ShortId(chain::TipOf(node))),
               std::to_string(chain::FinalisedHeightOf(node)), std::to_string(chain::PeersOf(node)),
               std::to_string(chain::MempoolOf(node))});
}

// Which of them there is room for: those that are down, then the one that is behind all, the one
// that is ahead of all, and the first ones; in the order of the nodes.
std::vector<size_t> Chosen(const std::vector<NodeSample>& nodes, size_t room) {
  std::vector<size_t> order(nodes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (nodes.size() <= room) return order;
  const auto by_height = [&](size_t a, size_t b) {
    return std::pair(nodes[a].reachable, chain::HeightOf(nodes[a])) <
           std::pair(nodes[b].reachable, chain::HeightOf(nodes[b]));
  };
  std::stable_sort(order.begin(), order.end(), by_height);
  if (room > 0)
    std::rotate(order.begin() + static_cast<std::ptrdiff_t>(room) - 1, order.end() - 1,
                order.end());
  order.resize(room);
  std::sort(order.begin(), order.end());
  return order;
}

// "  and 12 more: 0 down, heights 31 to 33"
std::string Others(const std::vector<NodeSample>& nodes, const std::vector<size_t>& shown) {
  int down = 0;
  int64_t lowest = std::numeric_limits<int64_t>::max();
  int64_t highest = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (std::binary_search(shown.begin(), shown.end(), i)) continue;
    if (!nodes[i].reachable) {
      ++down;
      continue;
    }
    lowest = std::min(lowest, chain::HeightOf(nodes[i]));
    highest = std::max(highest, chain::HeightOf(nodes[i]));
  }
  std::ostringstream text;
  text << "  and " << nodes.size() - shown.size() << " more: " << down << " down";
  if (lowest <= highest) text << ", heights " << lowest << " to " << highest;
  return text.str();
}

// Not wider than the screen, or the lines would be more than they seem.
std::string Cut(std::string line, size_t columns) {
  if (line.size() > columns) line.resize(columns);
  return line;
}

// As many lines as the terminal shows at once, less one for the cursor.
std::vector<std::string> TableOf(const Snapshot& snapshot, const std::string& elapsed,
                                 TerminalSize size) {
  if (size.lines < 2) return {};
  std::vector<std::string> lines = {
      Line({"node", "state", "height", "tip", "finalised", "peers", "mempool"}) + "  " + elapsed};
  const std::vector<NodeSample>& nodes = snapshot.nodes;
  const auto room = static_cast<size_t>(std::max(0, size.lines - 2));
  const bool all = nodes.size() <= room;
  const std::vector<size_t> shown = Chosen(nodes, all || room == 0 ? room : room - 1);
  for (const size_t i : shown) lines.push_back(Row(snapshot.names[i], nodes[i]));
  if (!all && room > 0) lines.push_back(Others(nodes, shown));
  for (std::string& line : lines) line = Cut(std::move(line), static_cast<size_t>(size.columns));
  return lines;
}

TerminalSize SizeOfStandardOutput() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    return {};
  }
  return {size.ws_row, size.ws_col};
}

}  // namespace

void Progress::Show(const Snapshot& snapshot) {
  if (size_) {
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
  const std::vector<std::string> lines = TableOf(snapshot, Seconds(clock_.Now() - begun_), size_());
  std::ostringstream table;
  if (drawn_lines_ > 0) table << "\x1b[" << drawn_lines_ << 'A';
  for (const std::string& line : lines) table << line << kClearToEndOfLine << '\n';
  // What a taller table left below.
  table << "\x1b[J";
  out_ << table.str() << std::flush;
  drawn_lines_ = static_cast<int>(lines.size());
}

void Progress::PrintLine(const Snapshot& snapshot) {
  out_ << Seconds(clock_.Now() - begun_) << ':';
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    out_ << (i == 0 ? " " : "; ") << Printable(snapshot.names[i]);
    if (!node.reachable) {
      out_ << " down";
      continue;
    }
    out_ << ' ' << Printable(node.status) << " height " << chain::HeightOf(node) << " tip "
         << Printable(ShortId(chain::TipOf(node))) << " finalised "
         << chain::FinalisedHeightOf(node) << " peers " << chain::PeersOf(node) << " mempool "
         << chain::MempoolOf(node);
  }
  out_ << std::endl;
}

Progress ProgressOnStandardOutput() {
  if (isatty(STDOUT_FILENO) != 1) return Progress(std::cout);
  return Progress(std::cout, SizeOfStandardOutput);
}

}  // namespace gtestnet::command
