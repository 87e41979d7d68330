// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/log_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace gtestnet {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

// How much of a line is looked at: its head, and all of what may be an object of JSON.
constexpr size_t kHeadBytes = 512;
constexpr size_t kJsonBytes = 64 * 1024;
constexpr size_t kLogfmtBytes = 4096;
// Of what may stand between a line's time and its level.
constexpr int kMostWords = 6;
constexpr size_t kLongestWord = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsLetter(char c) { return IsUpper(c) || IsLower(c); }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool StartsWith(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool EndsWith(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}
bool Contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

void SkipBlanks(std::string_view& text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
}

std::string_view Trimmed(std::string_view text) {
  SkipBlanks(text);
  while (!text.empty() && (IsBlank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Exactly so many digits.
bool TakeNumber(std::string_view& text, size_t digits, int& number) {
  if (text.size() < digits) return false;
  number = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return false;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

// The beginning of a line without what colours it.
class Head {
 public:
  explicit Head(std::string_view line) : text_(line.substr(0, kHeadBytes)) {
    if (text_.find('\x1b') == std::string_view::npos) return;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] != '\x1b') {
        plain_ += text_[i];
        continue;
      }
      // ESC [ … letter
      if (i + 1 < text_.size() && text_[i + 1] == '[') {
        for (i += 2; i < text_.size() && !IsLetter(text_[i]);) ++i;
      }
    }
    text_ = plain_;
  }
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string plain_;
  std::string_view text_;
};

// ----- times -----

// "10:00:00", and what follows of a second.
bool TakeTimeOfDay(std::string_view& text, std::chrono::nanoseconds& of_day) {
  std::string_view rest = text;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!TakeNumber(rest, 2, hour) || !Take(rest, ':') || !TakeNumber(rest, 2, minute) ||
      !Take(rest, ':') || !TakeNumber(rest, 2, second)) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  int64_t fraction = 0;
  if (rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && IsDigit(rest[1])) {
    rest.remove_prefix(1);
    int64_t unit = 100'000'000;
    for (; !rest.empty() && IsDigit(rest.front()); rest.remove_prefix(1), unit /= 10) {
      fraction += (rest.front() - '0') * unit;
    }
  }
  of_day = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
           std::chrono::nanoseconds(fraction);
  text = rest;
  return true;
}

// "+02:00" or "-0800": by how much the time is ahead of UTC.
bool TakeOffset(std::string_view& text, std::chrono::minutes& ahead) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  std::string_view rest = text.substr(1);
  int hours = 0;
  int minutes = 0;
  if (!TakeNumber(rest, 2, hours)) return false;
  Take(rest, ':');
  if (!TakeNumber(rest, 2, minutes) || hours > 14 || minutes > 59) return false;
  if (!rest.empty() && IsDigit(rest.front())) return false;
  ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (text.front() == '-') ahead = -ahead;
  text = rest;
  return true;
}

// "2026-11-03T10:00:00.123Z" and its like.
std::optional<TimePoint> TakeTime(std::string_view& text) {
  std::string_view rest = text;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!TakeNumber(rest, 4, year) || rest.empty()) return std::nullopt;
  const char between = rest.front();
  if (between != '-' && between != '/' && between != '.') return std::nullopt;
  if (!Take(rest, between) || !TakeNumber(rest, 2, month) || !Take(rest, between) ||
      !TakeNumber(rest, 2, day)) {
    return std::nullopt;
  }
  if (!Take(rest, 'T') && !Take(rest, ' ') && !Take(rest, 't') && !Take(rest, '_')) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  std::chrono::nanoseconds of_day{};
  if (!date.ok() || year < 1970 || year > 2200 || !TakeTimeOfDay(rest, of_day)) return std::nullopt;
  std::chrono::minutes ahead{};
  std::string_view after_blank = rest;
  if (!Take(rest, 'Z') && !TakeOffset(rest, ahead) && Take(after_blank, ' ') &&
      TakeOffset(after_blank, ahead)) {
    rest = after_blank;
  }
  text = rest;
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::sys_days(date).time_since_epoch() + of_day - ahead));
}

// A number of seconds, milliseconds, microseconds or nanoseconds since the Unix epoch, by its size.
std::optional<TimePoint> TimeOfNumber(double number) {
  if (!(number >= 1e8 && number < 7.2e18)) return std::nullopt;
  double seconds = number;
  for (const double most : {1e11, 1e14, 1e17}) {
    if (number >= most) seconds /= 1e3;
  }
  if (seconds >= 7.2e9) return std::nullopt;
  return TimePoint(
      std::chrono::round<std::chrono::microseconds>(std::chrono::duration<double>(seconds)));
}

std::optional<double> NumberIn(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

std::optional<TimePoint> TimeIn(std::string_view text) {
  if (const std::optional<double> number = NumberIn(text)) return TimeOfNumber(*number);
  return TakeTime(text);
}

// ----- levels -----

std::optional<LogLevel> LevelOfLetter(char c) {
  switch (c) {
    case 'T':
      return LogLevel::kTrace;
    case 'D':
      return LogLevel::kDebug;
    case 'I':
    case 'N':
      return LogLevel::kInfo;
    case 'W':
      return LogLevel::kWarn;
    case 'E':
      return LogLevel::kError;
    case 'C':
    case 'F':
      return LogLevel::kFatal;
    default:
      return std::nullopt;
  }
}

// In brackets: "info", "I", "net:debug".
std::optional<LogLevel> LevelInBrackets(std::string_view text) {
  text = Trimmed(text);
  if (text.size() == 1) return LevelOfLetter(text[0]);
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    text.remove_prefix(colon + 1);
  }
  return LogLevelFrom(text);
}

// What is a level in lower letters, with nothing behind it that says so. ("critical", "alert",
// "panic" and "notice" also begin sentences.)
bool IsPlainLevel(std::string_view word) {
  return word == "trace" || word == "debug" || word == "info" || word == "warn" ||
         word == "warning" || word == "error";
}

bool IsAllUpper(std::string_view word) { return std::all_of(word.begin(), word.end(), IsUpper); }

bool IsSeparator(std::string_view word) {
  return word == "-" || word == "|" || word == "--" || word == "---";
}

// Of numbers (a thread, a process) and zones, which may come before a level.
bool MayComeBefore(std::string_view word) {
  return word == "UTC" || word == "GMT" ||
         std::all_of(word.begin(), word.end(), [](char c) { return IsDigit(c); });
}

std::string_view TakeWord(std::string_view& text) {
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// A word as a level: in capitals, before a colon or a bar, or a plain one that comes first.
std::optional<LogLevel> LevelOfWord(std::string_view word, bool first, std::string_view rest) {
  std::string_view bare = word;
  while (!bare.empty() && (bare.back() == ':' || bare.back() == '|')) bare.remove_suffix(1);
  const bool marked = bare.size() < word.size();
  if (bare.size() == 1) {
    SkipBlanks(rest);
    if (!StartsWith(rest, "|") && !EndsWith(word, "|")) return std::nullopt;
    return LevelOfLetter(bare[0]);
  }
  const std::optional<LogLevel> level = LogLevelFrom(bare);
  if (!level) return std::nullopt;
  const bool tab = !rest.empty() && rest.front() == '\t';
  if (IsAllUpper(bare) || marked || (first && (tab || IsPlainLevel(bare)))) return level;
  return std::nullopt;
}

// Behind a line's time, up to the text.
LogLevel LevelAfterTime(std::string_view rest) {
  bool first = true;
  for (int i = 0; i < kMostWords; ++i) {
    SkipBlanks(rest);
    if (rest.empty()) break;
    const char open = rest.front();
    if (open == '[' || open == '(' || open == '<') {
      const char close = open == '[' ? ']' : open == '(' ? ')' : '>';
      const size_t end = rest.substr(0, kLongestWord).find(close);
      if (end == std::string_view::npos) break;
      if (const auto level = LevelInBrackets(rest.substr(1, end - 1))) return *level;
      rest.remove_prefix(end + 1);
      Take(rest, ':');
      continue;
    }
    const std::string_view word = TakeWord(rest);
    if (IsSeparator(word)) continue;
    if (const auto level = LevelOfWord(word, first, rest)) return *level;
    first = false;
    std::string_view next = rest;
    SkipBlanks(next);
    if (!MayComeBefore(word) && !IsSeparator(TakeWord(next))) break;
  }
  return LogLevel::kUnknown;
}

// ----- what a dying program leaves -----

constexpr std::string_view kDeathCries[] = {
    "panic: ",
    "fatal error: ",
    "fatal runtime error: ",
    "Fatal glibc error: ",
    "terminate called ",
    "terminating due to ",
    "terminating with ",
    "libc++abi: ",
    "pure virtual method called",
    "*** stack smashing detected ***",
    "*** buffer overflow detected ***",
    "double free or corruption",
    "corrupted size vs. prev_size",
    "corrupted double-linked list",
    "free(): ",
    "malloc(): ",
    "malloc_consolidate(): ",
    "munmap_chunk(): ",
    "realloc(): ",
    "Assertion failed: ",
    "Segmentation fault",
    "SIGSEGV: ",
    "SIGABRT: ",
    "runtime: out of memory",
    "WARNING: DATA RACE",
    "WARNING: ThreadSanitizer: ",
    "SUMMARY: AddressSanitizer: ",
    "SUMMARY: LeakSanitizer: ",
    "SUMMARY: MemorySanitizer: ",
    "SUMMARY: ThreadSanitizer: ",
    "SUMMARY: UndefinedBehaviorSanitizer: ",
    "AddressSanitizer:DEADLYSIGNAL",
    "MemorySanitizer:DEADLYSIGNAL",
    "ThreadSanitizer:DEADLYSIGNAL",
    "UndefinedBehaviorSanitizer:DEADLYSIGNAL",
    "Exception in thread ",
    "Uncaught ",
};

// "==17==ERROR: AddressSanitizer: …"
bool IsSanitizerReport(std::string_view text) {
  if (!StartsWith(text, "==")) return false;
  text.remove_prefix(2);
  while (!text.empty() && IsDigit(text.front())) text.remove_prefix(1);
  for (const std::string_view word : {"==ERROR: ", "==WARNING: ", "==FATAL: "}) {
    if (StartsWith(text, word))
      return Contains(TakeWord(text = text.substr(word.size())), "Sanitizer");
  }
  return false;
}

// "file.cc:12:5: runtime error: …"
bool IsUndefinedBehaviour(std::string_view text) {
  const size_t at = text.find(": runtime error: ");
  return at != std::string_view::npos && at > 0 && IsDigit(text[at - 1]) &&
         text.substr(0, at).find(' ') == std::string_view::npos &&
         Contains(text.substr(0, at), ":");
}

std::optional<LogLevel> DeathCry(std::string_view text) {
  text = Trimmed(text);
  for (const std::string_view cry : kDeathCries) {
    if (StartsWith(text, cry)) return LogLevel::kFatal;
  }
  const bool of_rust =
      StartsWith(text, "thread '") &&
      (Contains(text, " panicked at ") || Contains(text, " has overflowed its stack"));
  const bool assertion = Contains(text, ": Assertion `") && Contains(text, "' failed");
  const bool check =
      StartsWith(text, "[") && Contains(text, "] RAW: ") && Contains(text, " failed");
  if (of_rust || assertion || check || text == "Aborted" || text == "Aborted (core dumped)" ||
      IsSanitizerReport(text) || IsUndefinedBehaviour(text)) {
    return LogLevel::kFatal;
  }
  // Also what a program writes that goes on.
  if (StartsWith(text, "Traceback (most recent call last)")) return LogLevel::kError;
  return std::nullopt;
}

// ----- formats -----

// A line that begins with its time, maybe in brackets.
std::optional<LogHead> TimeFirst(std::string_view text) {
  const bool in_brackets = Take(text, '[') || Take(text, '(');
  const std::optional<TimePoint> at = TakeTime(text);
  if (!at) return std::nullopt;
  if (in_brackets) {
    // A zone, or what else is in there.
    const size_t end = text.substr(0, kLongestWord).find_first_of("])");
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  Take(text, ':');
  LogHead head{LevelAfterTime(text), at};
  if (head.level == LogLevel::kUnknown) head.level = DeathCry(text).value_or(head.level);
  return head;
}

// Go's own logger puts what it is told right before the date: "raft2026/11/03 10:00:00 INFO: text".
std::string_view WithoutPrefix(std::string_view text) {
  size_t end = 0;
  while (end < std::min(text.size(), kLongestWord) && IsLetter(text[end])) ++end;
  return text.substr(end);
}

// A day without a year, or a time without a day, says nothing of when.
std::optional<LogHead> PartOfTimeFirst(std::string_view text) {
  std::chrono::nanoseconds of_day{};
  const bool in_brackets = Take(text, '[');
  if (text.size() > 7 && IsUpper(text[0]) && IsLower(text[1]) && IsLower(text[2]) &&
      text[3] == ' ') {
    // "Nov 03 "
    text.remove_prefix(4);
    SkipBlanks(text);
    while (!text.empty() && IsDigit(text.front())) text.remove_prefix(1);
    SkipBlanks(text);
  }
  if (!TakeTimeOfDay(text, of_day)) return std::nullopt;
  if (in_brackets && !Take(text, ']')) return std::nullopt;
  const LogLevel level = LevelAfterTime(text);
  if (level == LogLevel::kUnknown) return std::nullopt;
  return LogHead{level, std::nullopt};
}

// "ERROR: text", "[WARN] text", "INFO [2026-…] text", "I[2026-…] text".
std::optional<LogHead> LevelFirst(std::string_view text) {
  std::optional<LogLevel> level;
  if (text.size() > 2 && text[1] == '[' && IsUpper(text[0])) {
    level = LevelOfLetter(text[0]);
    text.remove_prefix(1);
    if (level && !IsDigit(text[1])) level.reset();
  } else if (Take(text, '[')) {
    const size_t end = text.substr(0, kLongestWord).find(']');
    if (end == std::string_view::npos) return std::nullopt;
    level = LogLevelFrom(Trimmed(text.substr(0, end)));
    text.remove_prefix(end + 1);
  } else {
    size_t end = 0;
    while (end < std::min(text.size(), kLongestWord) && IsLetter(text[end])) ++end;
    const std::string_view word = text.substr(0, end);
    const char next = end < text.size() ? text[end] : ' ';
    const bool colon = next == ':';
    if (colon || (IsBlank(next) && IsAllUpper(word))) level = LogLevelFrom(word);
    text.remove_prefix(std::min(end + (colon ? 1 : 0), text.size()));
  }
  if (!level) return std::nullopt;
  LogHead head{*level, std::nullopt};
  SkipBlanks(text);
  Take(text, '[');
  head.at = TakeTime(text);
  return head;
}

bool IsLevelKey(std::string_view key) {
  constexpr std::array<std::string_view, 8> kKeys = {
      "level", "lvl", "severity", "loglevel", "logLevel", "log.level", "levelname", "@l"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

bool IsTimeKey(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {"ts", "time", "timestamp", "@timestamp",
                                                     "t",  "@t",   "asctime"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

// A word, or the numbers of pino (10, 20, …) and of syslog (0 to 7).
std::optional<LogLevel> LevelOfValue(std::string_view value) {
  value = Trimmed(value);
  if (const std::optional<double> number = NumberIn(value)) {
    constexpr std::array<LogLevel, 8> kSyslog = {
        LogLevel::kFatal, LogLevel::kFatal, LogLevel::kFatal, LogLevel::kError,
        LogLevel::kWarn,  LogLevel::kInfo,  LogLevel::kInfo,  LogLevel::kDebug};
    constexpr std::array<LogLevel, 7> kPino = {LogLevel::kTrace, LogLevel::kTrace, LogLevel::kDebug,
                                               LogLevel::kInfo,  LogLevel::kWarn,  LogLevel::kError,
                                               LogLevel::kFatal};
    if (!(*number >= 0 && *number < 70)) return std::nullopt;
    if (*number < 8) return kSyslog[static_cast<size_t>(*number)];
    return kPino[static_cast<size_t>(*number / 10)];
  }
  // "ERROR+2"
  return LogLevelFrom(value.substr(0, value.find_first_of("+-")));
}

void Note(LogHead& head, std::string_view key, std::string_view value) {
  if (head.level == LogLevel::kUnknown && IsLevelKey(key)) {
    head.level = LevelOfValue(value).value_or(LogLevel::kUnknown);
  } else if (!head.at && IsTimeKey(key)) {
    head.at = TimeIn(value);
  }
}

bool IsDone(const LogHead& head) { return head.level != LogLevel::kUnknown && head.at; }

// Text in quotes, as it is written, of which the first has been seen.
std::string_view TakeQuoted(std::string_view& text) {
  text.remove_prefix(1);
  size_t end = 0;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  end = std::min(end, text.size());
  const std::string_view quoted = text.substr(0, end);
  text.remove_prefix(end);
  Take(text, '"');
  return quoted;
}

// An object or an array, whatever is in it.
void SkipNested(std::string_view& text) {
  int64_t open = 0;
  do {
    const char c = text.front();
    if (c == '"') {
      TakeQuoted(text);
      continue;
    }
    if (c == '{' || c == '[') ++open;
    if (c == '}' || c == ']') --open;
    text.remove_prefix(1);
  } while (open > 0 && !text.empty());
}

}  // namespace

LogHead ParseSpdlogLine(std::string_view line) {
  const Head head(line);
  if (!StartsWith(head.text(), "[")) return {};
  return TimeFirst(head.text()).value_or(LogHead{});
}

LogHead ParseLogfmtLine(std::string_view line) {
  std::string_view rest = line.substr(0, kLogfmtBytes);
  LogHead head;
  while (!IsDone(head)) {
    SkipBlanks(rest);
    const size_t end = rest.find_first_of("= \t\"");
    if (end == 0 || end == std::string_view::npos || rest[end] != '=') break;
    const std::string_view key = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (StartsWith(rest, "\"")) {
      Note(head, key, TakeQuoted(rest));
    } else {
      Note(head, key, TakeWord(rest));
    }
  }
  return head;
}

LogHead ParseJsonLogLine(std::string_view line) {
  std::string_view rest = line.substr(0, kJsonBytes);
  SkipBlanks(rest);
  LogHead head;
  if (!Take(rest, '{')) return head;
  while (!IsDone(head)) {
    SkipBlanks(rest);
    if (!StartsWith(rest, "\"")) break;
    const std::string_view key = TakeQuoted(rest);
    SkipBlanks(rest);
    if (!Take(rest, ':')) break;
    SkipBlanks(rest);
    if (rest.empty()) break;
    if (rest.front() == '"') {
      Note(head, key, TakeQuoted(rest));
    } else if (rest.front() == '{' || rest.front() == '[') {
      SkipNested(rest);
    } else {
      const size_t end = std::min(rest.find_first_of(",} \t"), rest.size());
      Note(head, key, rest.substr(0, end));
      rest.remove_prefix(end);
    }
    SkipBlanks(rest);
    if (!Take(rest, ',')) break;
  }
  return head;
}

LogHead ParseKlogLine(std::string_view line) {
  const Head plain(line);
  std::string_view rest = plain.text();
  if (rest.size() < 6 || !IsUpper(rest[0]) || !IsDigit(rest[1])) return {};
  const std::optional<LogLevel> level = LevelOfLetter(rest[0]);
  rest.remove_prefix(1);
  int day = 0;
  int month = 0;
  int year = 0;
  std::string_view with_year = rest;
  const bool has_year = TakeNumber(with_year, 4, year) && TakeNumber(with_year, 4, day);
  if (has_year) {
    rest = with_year;
  } else if (!TakeNumber(rest, 4, day)) {
    return {};
  }
  month = day / 100;
  day %= 100;
  std::chrono::nanoseconds of_day{};
  if (!level || month < 1 || month > 12 || day < 1 || day > 31 || !Take(rest, ' ') ||
      !TakeTimeOfDay(rest, of_day)) {
    return {};
  }
  LogHead head{*level, std::nullopt};
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (has_year && date.ok() && year >= 1970 && year <= 2200) {
    head.at = TimePoint(std::chrono::duration_cast<TimePoint::duration>(
        std::chrono::sys_days(date).time_since_epoch() + of_day));
  }
  return head;
}

LogHead ParseLogLine(std::string_view line) {
  if (line.empty() || line == "\r") return {};
  if (line.front() == '{') return ParseJsonLogLine(line);
  const Head plain(line);
  const std::string_view text = plain.text();
  if (text.empty()) return {};
  if (IsBlank(text.front())) {
    // It belongs to the line before, unless it is a level that was put to the right: " INFO text".
    std::string_view rest = text;
    SkipBlanks(rest);
    const std::string_view word = TakeWord(rest);
    const bool level = !word.empty() && !rest.empty() && IsAllUpper(word);
    return {level ? LogLevelFrom(word).value_or(LogLevel::kUnknown) : LogLevel::kUnknown, {}};
  }
  if (const auto cry = DeathCry(text)) return {*cry, std::nullopt};
  if (const auto head = TimeFirst(text)) return *head;
  if (const auto head = TimeFirst(WithoutPrefix(text))) return *head;
  if (const LogHead head = ParseKlogLine(text); head != LogHead{}) return head;
  if (const auto head = PartOfTimeFirst(text)) return *head;
  if (const auto head = LevelFirst(text)) return *head;
  return ParseLogfmtLine(line);
}

}  // namespace gtestnet
