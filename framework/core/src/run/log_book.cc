// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/log_book.h"

#include <algorithm>
#include <utility>

namespace gtestnet {
namespace {

// By how much the clock of a line may differ from that by which it was read, and still be believed
// (it may be of another zone): ahead, behind the reading before, and behind the first.
constexpr std::chrono::milliseconds kAhead{1000};
constexpr std::chrono::milliseconds kBehind{60'000};
constexpr std::chrono::milliseconds kBehindFirst{600'000};

// Not so that it ends in the middle of a character.
std::string_view Cut(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [&](size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  size_t end = most;
  for (int i = 0; i < 3 && end > 0 && continues(end); ++i) --end;
  return text.substr(0, continues(end) ? most : end);
}

// Without what colours it.
std::string TextOf(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.find('\x1b') == std::string_view::npos) {
    return std::string(Cut(line, LogBook::kMostText));
  }
  std::string text;
  for (size_t i = 0; i < line.size() && text.size() <= LogBook::kMostText; ++i) {
    if (line[i] != '\x1b' || i + 1 >= line.size() || line[i + 1] != '[') {
      text += line[i];
      continue;
    }
    // ESC [ … a byte from '@' on
    for (i += 2; i < line.size() && line[i] < '@';) ++i;
  }
  return std::string(Cut(text, LogBook::kMostText));
}

size_t CostOf(const LogLine& line) { return line.text.size() + LogBook::kBytesBesides; }

size_t IndexOf(LogLevel level) { return static_cast<size_t>(level); }

}  // namespace

void LogBook::Take(std::string_view text, RunTime now, std::vector<LogLine>& fresh) {
  bytes_ += text.size();
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    TakeLine(text.substr(0, end), now, fresh);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  read_before_ = now;
}

void LogBook::TakeLine(std::string_view line, RunTime now, std::vector<LogLine>& fresh) {
  const LogHead head = kind_.ParseLog(line);
  if (head != LogHead{}) {
    has_heads_ = true;
  } else if (has_heads_ && Continue(line)) {
    if (!fresh.empty()) fresh.back().text = TextOfLast();
    return;
  }
  LogLine taken{TimeOf(head, now), node_, head.level, TextOf(line)};
  ++counts_[IndexOf(head.level)];
  fresh.push_back(taken);
  Keep(std::move(taken));
}

RunTime LogBook::TimeOf(const LogHead& head, RunTime now) const {
  if (!head.at) return now;
  const RunTime at = std::chrono::floor<RunTime>(*head.at - start_);
  const RunTime earliest =
      read_before_ == RunTime::min() ? now - kBehindFirst : read_before_ - kBehind;
  if (at < earliest || at > now + kAhead) return now;
  return std::min(at, now);
}

const std::string& LogBook::TextOfLast() const {
  const Shelf& shelf = *shelf_of_last_;
  return shelf.last.empty() ? shelf.first.back().text : shelf.last.back().text;
}

bool LogBook::Continue(std::string_view line) {
  Shelf& shelf = *shelf_of_last_;
  const bool in_last = !shelf.last.empty();
  LogLine& before = in_last ? shelf.last.back() : shelf.first.back();
  const size_t had = before.text.size();
  if (had + 1 >= kMostText) return false;
  before.text += '\n';
  before.text += TextOf(line);
  before.text = std::string(Cut(before.text, kMostText));
  (in_last ? shelf.last_bytes : shelf.first_bytes) += before.text.size() - had;
  Thin(shelf);
  return true;
}

void LogBook::Keep(LogLine line) {
  Shelf& shelf = line.level >= LogLevel::kWarn ? grave_ : other_;
  shelf_of_last_ = &shelf;
  const size_t cost = CostOf(line);
  if (shelf.last.empty() && shelf.first_bytes + cost <= shelf.most / 2) {
    shelf.first_bytes += cost;
    shelf.first.push_back(std::move(line));
    return;
  }
  shelf.last_bytes += cost;
  shelf.last.push_back(std::move(line));
  Thin(shelf);
}

void LogBook::Thin(Shelf& shelf) {
  while (shelf.last.size() > 1 && shelf.last_bytes > shelf.most / 2) {
    ++left_out_[IndexOf(shelf.last.front().level)];
    shelf.last_bytes -= CostOf(shelf.last.front());
    shelf.last.pop_front();
  }
}

void LogBook::AddTo(std::vector<LogLine>& lines) const {
  for (const Shelf* shelf : {&grave_, &other_}) {
    lines.insert(lines.end(), shelf->first.begin(), shelf->first.end());
    lines.insert(lines.end(), shelf->last.begin(), shelf->last.end());
  }
}

Numbers LogBook::Counts() const {
  // One that logged nothing was read all the same.
  Numbers counts = {{std::string(ToString(LogLevel::kUnknown)), 0}};
  for (size_t i = 0; i < kLevels; ++i) {
    if (counts_[i] > 0) {
      counts[std::string(ToString(static_cast<LogLevel>(i)))] = static_cast<double>(counts_[i]);
    }
  }
  return counts;
}

Numbers LogBook::LeftOut() const {
  Numbers counts;
  for (size_t i = 0; i < kLevels; ++i) {
    if (left_out_[i] > 0) {
      counts[std::string(ToString(static_cast<LogLevel>(i)))] = static_cast<double>(left_out_[i]);
    }
  }
  return counts;
}

}  // namespace gtestnet
