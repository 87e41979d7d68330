// SPDX-License-Identifier: Apache-2.0
#include "runner/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "gtestnet/chain/sample.h"

namespace gtestnet::command {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What is on a terminal of that size, and has left it at the top, after all that was printed.
class Screen {
 public:
  explicit Screen(TerminalSize size) : size_(size) {}

  void Print(const std::string& text) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') {
        ++row_;
        column_ = 0;
        Scroll();
      } else if (text[i] == '\x1b') {
        i = Escape(text, i);
      } else {
        // A line that is too long goes on in the next.
        if (column_ == static_cast<size_t>(size_.columns)) {
          ++row_;
          column_ = 0;
          Scroll();
        }
        lines_.resize(std::max(lines_.size(), row_ + 1));
        lines_[row_].resize(std::max(lines_[row_].size(), column_ + 1), ' ');
        lines_[row_][column_++] = text[i];
      }
    }
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }
  const std::vector<std::string>& scrolled() const { return scrolled_; }

 private:
  void Scroll() {
    lines_.resize(std::max(lines_.size(), row_ + 1));
    while (lines_.size() > static_cast<size_t>(size_.lines)) {
      scrolled_.push_back(lines_.front());
      lines_.erase(lines_.begin());
      --row_;
    }
  }
  size_t Escape(const std::string& text, size_t i) {
    size_t end = text.find_first_of("AJK", i);
    const int n = std::max(1, std::atoi(text.c_str() + i + 2));
    lines_.resize(std::max(lines_.size(), row_ + 1));
    if (text[end] == 'A') row_ -= std::min(row_, static_cast<size_t>(n));
    if (text[end] != 'A') lines_[row_].resize(std::min(lines_[row_].size(), column_));
    if (text[end] == 'J') lines_.resize(row_ + 1);
    return end;
  }

  const TerminalSize size_;
  std::vector<std::string> lines_;
  std::vector<std::string> scrolled_;
  size_t row_ = 0;
  size_t column_ = 0;
};

Snapshot Of(int nodes, int64_t height) {
  Snapshot snapshot;
  for (int i = 0; i < nodes; ++i) {
    NodeSample& node = snapshot.nodes.emplace_back();
    node.node = i;
    node.reachable = true;
    node.status = "Online";
    chain::SetState(node, {.tip = "0123456789abcdef", .height = height});
    snapshot.names.push_back("validator-" + std::to_string(i));
  }
  return snapshot;
}

TEST(ProgressTest, MoreNodesThanLinesFitTheScreen) {
  for (const TerminalSize size : {TerminalSize{24, 80}, TerminalSize{5, 200}, TerminalSize{24, 40},
                                  TerminalSize{3, 80}, TerminalSize{1, 10}}) {
    Screen screen(size);
    std::ostringstream out;
    Progress progress(out, [size] { return size; });
    for (int64_t height = 1; height < 60; ++height) progress.Show(Of(30, height));
    screen.Print(out.str());
    // The head is there once, and nothing but it has been.
    EXPECT_THAT(screen.scrolled(), testing::IsEmpty()) << size.lines << "x" << size.columns;
    if (size.lines < 3) continue;
    EXPECT_EQ(screen.text().find("  node"), 0u);
    EXPECT_EQ(screen.text().rfind("  node"), 0u) << screen.text();
  }
}

TEST(ProgressTest, WhatIsLeftOutIsSummedUpAndWhatIsWrongIsNot) {
  Snapshot snapshot = Of(30, 17);
  snapshot.nodes[21].reachable = false;
  snapshot.nodes[25].numbers["height"] = 3;
  snapshot.nodes[28].numbers["height"] = 19;
  std::ostringstream out;
  Progress progress(out, [] { return TerminalSize{10, 100}; });
  progress.Show(snapshot);
  Screen screen({10, 100});
  screen.Print(out.str());
  EXPECT_THAT(screen.text(), AllOf(HasSubstr("  validator-0  "), HasSubstr("  validator-21  down"),
                                   HasSubstr("  validator-25"), HasSubstr("  validator-28"),
                                   HasSubstr("  and 23 more: 0 down, heights 17 to 17\n")));
}

TEST(ProgressTest, AFewNodesAreAllThere) {
  std::ostringstream out;
  Progress progress(out, [] { return TerminalSize{}; });
  progress.Show(Of(4, 9));
  progress.Show(Of(3, 9));
  Screen screen({});
  screen.Print(out.str());
  EXPECT_THAT(screen.text(), AllOf(HasSubstr("validator-2"), Not(HasSubstr("validator-3")),
                                   Not(HasSubstr("more"))));
}

TEST(ProgressTest, WhatANodeSaysCannotDrawOnTheScreen) {
  Snapshot snapshot = Of(1, 9);
  snapshot.nodes[0].status = "\x1b[2Jgone";
  std::ostringstream table;
  Progress(table, [] { return TerminalSize{}; }).Show(snapshot);
  std::ostringstream lines;
  Progress(lines).Show(snapshot);
  EXPECT_THAT(table.str(), AllOf(Not(HasSubstr("\x1b[2J")), HasSubstr("\\x1b[2Jgone")));
  EXPECT_THAT(lines.str(), AllOf(Not(HasSubstr("\x1b[2J")), HasSubstr("\\x1b[2Jgone")));
}

}  // namespace
}  // namespace gtestnet::command
