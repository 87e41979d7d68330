// SPDX-License-Identifier: Apache-2.0
// Matchers of what nodes logged.
#include <algorithm>
#include <optional>
#include <ostream>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/log_matchers.h"
#include "gtestnet/printable.h"
#include "matchers/core/src/fault_windows.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"
#include "matchers/core/src/pattern.h"

namespace gtestnet {
namespace {

using matching::Counted;
using matching::Finding;
using matching::InSeconds;
using matching::Pattern;

constexpr char kUnread[] = "unread";
constexpr size_t kMostShown = 300;

// Its first line, and the next: that is where a panic says why.
std::string Shown(const std::string& text) {
  std::string shown = matching::FirstLine(text);
  if (shown.size() < text.size()) {
    absl::StrAppend(&shown, " / ", matching::FirstLine(text.substr(shown.size() + 1)));
  }
  const bool cut = shown.size() > kMostShown;
  return Printable(shown.substr(0, kMostShown)) + (cut ? "..." : "");
}

std::string Told(const LogLine& line, const std::string& name) {
  return absl::StrCat(name, " logged at ", InSeconds(line.at), ": ", Shown(line.text));
}

std::string NameOf(const RunRecord& record, NodeIndex node) {
  return record.nodes[static_cast<size_t>(node)].name;
}
std::string NameOf(const Snapshot& snapshot, NodeIndex node) {
  const auto i = static_cast<size_t>(node);
  return i < snapshot.names.size() ? snapshot.names[i] : absl::StrCat("node ", node);
}

// "there is no level "wran"; did you mean warn?"
std::string NoSuchLevel(const std::string& word) {
  std::vector<std::string> known;
  for (int i = 1; i <= static_cast<int>(LogLevel::kFatal); ++i) {
    known.emplace_back(ToString(static_cast<LogLevel>(i)));
  }
  const std::string nearest = matching::Nearest(word, known);
  return absl::StrCat("there is no level \"", word.substr(0, 60), "\"",
                      nearest.empty() ? "; there are trace, debug, info, warn, error and fatal"
                                      : absl::StrCat("; did you mean ", nearest, "?"));
}

bool WasRead(const NodeRecord& node) { return !node.log_lines.empty(); }

// Of one node, or of all without a name: why not all of its lines are to be seen; else "".
std::string Lack(const RunRecord& record, const Of& of) {
  std::vector<std::string> lacks;
  for (const NodeRecord& node : record.nodes) {
    if (!of.TakesName(node.name)) continue;
    if (!WasRead(node)) {
      lacks.push_back(absl::StrCat("the log of ", node.name, " was not read"));
      continue;
    }
    if (node.log_lines_left_out.Get(kUnread) > 0) {
      lacks.push_back(absl::StrCat("the log of ", node.name, " was not read to its end"));
    }
    double left_out = 0;
    for (const auto& [word, count] : node.log_lines_left_out) {
      if (word != kUnread) left_out += count;
    }
    if (left_out > 0) {
      lacks.push_back(absl::StrCat(Counted(static_cast<int64_t>(left_out), "line"), " of ",
                                   node.name, left_out == 1 ? " is" : " are",
                                   " not in the record"));
    }
  }
  return matching::Joined(lacks);
}

std::string NoSuchNode(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = matching::Nearest(name, known);
  return absl::StrCat("there is no node ", name,
                      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
}

// ----- HasNoLogsAbove -----

// Which lines are too much.
struct Rule {
  LogLevel most = LogLevel::kWarn;
  const std::vector<std::shared_ptr<const Pattern>>* patterns = nullptr;
  std::vector<matching::Interval> windows = {};

  bool IsAbove(const LogLine& line) const { return line.level > most; }
  bool IsExcepted(const LogLine& line) const {
    return matching::IsIn(windows, line.at) ||
           std::any_of(patterns->begin(), patterns->end(),
                       [&](const auto& pattern) { return pattern->FindsIn(line.text); });
  }
};

int64_t CountAbove(const Numbers& counts, LogLevel most) {
  double sum = 0;
  for (int i = static_cast<int>(most) + 1; i <= static_cast<int>(LogLevel::kFatal); ++i) {
    sum += counts.Get(ToString(static_cast<LogLevel>(i)));
  }
  return static_cast<int64_t>(sum);
}

Finding JudgeAbove(const RunRecord& record, const Rule& rule) {
  if (record.nodes.empty()) return matching::NothingToJudge("the record has no nodes");
  std::vector<std::string> wrong;
  int64_t excepted = 0;
  for (const LogLine& line : record.logs) {
    if (!rule.IsAbove(line)) continue;
    if (rule.IsExcepted(line)) {
      ++excepted;
    } else {
      wrong.push_back(Told(line, NameOf(record, line.node)));
    }
  }
  int64_t all = 0;
  std::vector<std::string> lacks;
  const bool has_exceptions = !rule.patterns->empty() || !rule.windows.empty();
  for (const NodeRecord& node : record.nodes) {
    if (!WasRead(node)) {
      lacks.push_back(absl::StrCat("the log of ", node.name, " was not read"));
      continue;
    }
    if (node.log_lines_left_out.Get(kUnread) > 0) {
      lacks.push_back(absl::StrCat("the log of ", node.name, " was not read to its end"));
    }
    const int64_t left_out = CountAbove(node.log_lines_left_out, rule.most);
    if (left_out > 0) {
      const std::string words =
          absl::StrCat(Counted(left_out, "line"), " above ", matching::View(ToString(rule.most)),
                       " of ", node.name, left_out == 1 ? " is" : " are", " not in the record");
      (has_exceptions ? lacks : wrong).push_back(words);
    }
    for (const auto& [word, count] : node.log_lines) all += static_cast<int64_t>(count);
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (!lacks.empty()) return matching::NothingToJudge(matching::Joined(lacks));
  return {true, absl::StrCat("of ", Counted(all, "line"), " none is above ",
                             matching::View(ToString(rule.most)),
                             excepted == 0 ? "" : absl::StrCat(" but ", excepted, " excepted"))};
}

// ----- LogLines -----

// The first line that makes a difference by itself; else "".
template <class Where>
std::string Decisive(const Where& where, const LogsMatcher::Lines& lines,
                     const testing::Matcher<const LogsMatcher::Lines&>& inner) {
  const bool of_none = inner.Matches({});
  for (const LogLine& line : lines) {
    if (inner.Matches({line}) != of_none) return Told(line, NameOf(where, line.node));
  }
  return "";
}

template <class Where>
Finding JudgeLines(const Where& where, const std::vector<LogLine>& all, const Of& of,
                   const testing::Matcher<const LogsMatcher::Lines&>& inner,
                   const RunRecord* record, bool explain) {
  LogsMatcher::Lines some;
  if (!of.name().empty()) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const LogLine& line) { return of.TakesName(NameOf(where, line.node)); });
  }
  const LogsMatcher::Lines& lines = of.name().empty() ? all : some;
  const bool met = inner.Matches(lines);
  if (record != nullptr && met == inner.Matches({})) {
    if (const std::string lack = Lack(*record, of); !lack.empty()) {
      return matching::NothingToJudge(lack);
    }
  }
  if (!explain) return {met, ""};
  std::string words = Decisive(where, lines, inner);
  if (words.empty()) {
    words = absl::StrCat(of.name().empty() ? "nodes" : of.name(), " logged ",
                         Counted(static_cast<int64_t>(lines.size()), "line"));
  }
  return {met, std::move(words)};
}

// ----- LogsAtMost -----

struct Size {
  RunTime at{0};
  double bytes = 0;
};

constexpr RunTime kWindow{10'000};
constexpr RunTime kShortest{2000};

Finding JudgeRate(const RunRecord& record, double most) {
  if (record.nodes.empty()) return matching::NothingToJudge("the record has no nodes");
  std::vector<std::vector<Size>> sizes(record.nodes.size());
  for (const ResourceSample& sample : record.resources) {
    const double* const bytes = sample.values.Find("log");
    if (bytes != nullptr) sizes[static_cast<size_t>(sample.node)].push_back({sample.at, *bytes});
  }
  std::vector<std::string> wrong;
  std::vector<std::string> lacks;
  double highest = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string& name = record.nodes[i].name;
    const std::vector<Size>& of_node = sizes[i];
    if (of_node.empty() || of_node.back().at - of_node.front().at < kShortest) {
      lacks.push_back(
          absl::StrCat("the size of the log of ", name, " was not noted for two seconds"));
      continue;
    }
    std::string worst;
    double worst_rate = -1;
    size_t from = 0;
    for (size_t to = 1; to < of_node.size(); ++to) {
      while (from + 1 < to && of_node[to].at - of_node[from + 1].at >= kWindow) ++from;
      const RunTime time = of_node[to].at - of_node[from].at;
      const bool whole = from == 0 && to + 1 == of_node.size();
      if (time < kWindow && !whole) continue;
      const double rate = (of_node[to].bytes - of_node[from].bytes) * 1000 /
                          static_cast<double>(std::max<int64_t>(time.count(), 1));
      if (rate <= worst_rate) continue;
      worst_rate = rate;
      worst = absl::StrCat(name, " logged ", static_cast<int64_t>(rate), " bytes a second from ",
                           InSeconds(of_node[from].at), " to ", InSeconds(of_node[to].at));
    }
    highest = std::max(highest, worst_rate);
    if (worst_rate > most) wrong.push_back(worst);
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (!lacks.empty()) return matching::NothingToJudge(matching::Joined(lacks));
  return {true, absl::StrCat("no node logged more than ", static_cast<int64_t>(highest),
                             " bytes a second")};
}

// A matcher of text that is no string of gMock's, as those take time without a bound.
class FindsMatcher final : public testing::MatcherInterface<const std::string&> {
 public:
  explicit FindsMatcher(const std::string& pattern) : pattern_(pattern) {}

  bool MatchAndExplain(const std::string& text, testing::MatchResultListener*) const override {
    if (pattern_.problem().empty()) return pattern_.FindsIn(text);
    return matching::AnswerOfNothing(matching::NothingToJudge(pattern_.problem()).words);
  }
  void DescribeTo(std::ostream* os) const override {
    *os << "contains regular expression \"" << pattern_.text() << "\"";
  }
  void DescribeNegationTo(std::ostream* os) const override {
    *os << "doesn't contain regular expression \"" << pattern_.text() << "\"";
  }

 private:
  const Pattern pattern_;
};

}  // namespace

HasNoLogsAboveMatcher HasNoLogsAboveMatcher::Except(const std::string& pattern) const {
  HasNoLogsAboveMatcher copy = *this;
  copy.patterns_.push_back(std::make_shared<const Pattern>(pattern));
  return copy;
}

HasNoLogsAboveMatcher HasNoLogsAboveMatcher::ExceptDuringFaults() const {
  HasNoLogsAboveMatcher copy = *this;
  copy.not_during_faults_ = true;
  return copy;
}

bool HasNoLogsAboveMatcher::MatchAndExplain(const RunRecord& record,
                                            testing::MatchResultListener* listener) const {
  const std::optional<LogLevel> level = LogLevelFrom(level_);
  if (!level) return matching::Tell(matching::NothingToJudge(NoSuchLevel(level_)), listener);
  for (const auto& pattern : patterns_) {
    if (pattern->problem().empty()) continue;
    return matching::Tell(matching::NothingToJudge(pattern->problem()), listener);
  }
  Rule rule{*level, &patterns_, {}};
  if (not_during_faults_) rule.windows = matching::FaultWindows(record);
  return matching::Tell(JudgeAbove(record, rule), listener);
}

void HasNoLogsAboveMatcher::DescribeExceptions(std::ostream* os) const {
  for (const auto& pattern : patterns_) *os << ", except \"" << pattern->text() << "\"";
  if (not_during_faults_) *os << ", except while a fault is active";
}

void HasNoLogsAboveMatcher::DescribeTo(std::ostream* os) const {
  *os << "has no line above " << level_ << " in the logs of its nodes";
  DescribeExceptions(os);
}

void HasNoLogsAboveMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a line above " << level_ << " in the logs of its nodes";
  DescribeExceptions(os);
}

SnapshotWatch HasNoLogsAboveMatcher::Watch(const RunBegin&) const {
  const std::optional<LogLevel> level = LogLevelFrom(level_);
  const bool unknown = std::any_of(patterns_.begin(), patterns_.end(),
                                   [](const auto& pattern) { return !pattern->problem().empty(); });
  if (!level || unknown || not_during_faults_) return nullptr;
  return [most = *level, patterns = patterns_](const Snapshot& snapshot) -> std::string {
    const Rule rule{most, &patterns, {}};
    for (const LogLine& line : snapshot.lines) {
      if (rule.IsAbove(line) && !rule.IsExcepted(line)) {
        return Told(line, NameOf(snapshot, line.node));
      }
    }
    return "";
  };
}

HasNoLogsAboveMatcher HasNoLogsAbove(std::string level) {
  return HasNoLogsAboveMatcher(std::move(level));
}
HasNoLogsAboveMatcher LogsNoErrors() { return HasNoLogsAbove("warn"); }

LogsMatcher::LogsMatcher(Of node, testing::Matcher<const Lines&> inner)
    : node_(std::move(node)), inner_(std::move(inner)) {}

bool LogsMatcher::MatchAndExplain(const RunRecord& record,
                                  testing::MatchResultListener* listener) const {
  std::vector<std::string> names;
  for (const NodeRecord& node : record.nodes) names.push_back(node.name);
  if (names.empty()) {
    return matching::Tell(matching::NothingToJudge("the record has no nodes"), listener);
  }
  if (!node_.name().empty() && std::find(names.begin(), names.end(), node_.name()) == names.end()) {
    return matching::Tell(matching::NothingToJudge(NoSuchNode(node_.name(), names)), listener);
  }
  return matching::Tell(
      JudgeLines(record, record.logs, node_, inner_, &record, listener->IsInterested()), listener);
}

bool LogsMatcher::MatchAndExplain(const Snapshot& snapshot,
                                  testing::MatchResultListener* listener) const {
  const std::vector<std::string>& names = snapshot.names;
  if (!node_.name().empty() && std::find(names.begin(), names.end(), node_.name()) == names.end()) {
    return matching::Tell(matching::NothingToJudge(NoSuchNode(node_.name(), names)), listener);
  }
  const matching::NamesInView* const view = matching::NamesInView::Current();
  const RunRecord* const record = view != nullptr ? &view->record() : nullptr;
  return matching::Tell(
      JudgeLines(snapshot, snapshot.lines, node_, inner_, record, listener->IsInterested()),
      listener);
}

void LogsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a list of log lines of " << (node_.name().empty() ? "its nodes" : node_.name())
      << " that " << matching::Description(inner_);
}

void LogsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a list of log lines of " << (node_.name().empty() ? "its nodes" : node_.name())
      << " that " << matching::Negation(inner_);
}

LogsMatcher LogLines(Of node, testing::Matcher<const LogsMatcher::Lines&> inner) {
  return {std::move(node), std::move(inner)};
}
LogsMatcher LogLines(testing::Matcher<const LogsMatcher::Lines&> inner) {
  return {Of(), std::move(inner)};
}

bool LogsAtMostMatcher::MatchAndExplain(const RunRecord& record,
                                        testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeRate(record, most_), listener);
}

void LogsAtMostMatcher::DescribeTo(std::ostream* os) const {
  *os << "has only nodes that log at most " << FormatNumber(most_) << " bytes a second";
}

void LogsAtMostMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a node that logs more than " << FormatNumber(most_) << " bytes a second";
}

LogsAtMostMatcher LogsAtMost(double bytes_per_second) {
  return LogsAtMostMatcher(bytes_per_second);
}

HasTextMatcher::HasTextMatcher(testing::Matcher<const std::string&> inner)
    : inner_(std::move(inner)) {}

bool HasTextMatcher::MatchAndExplain(const LogLine& line,
                                     testing::MatchResultListener* listener) const {
  *listener << "whose text is \"" << Shown(line.text) << "\"";
  return inner_.Matches(line.text);
}

void HasTextMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a text that " << matching::Description(inner_);
}

void HasTextMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a text that " << matching::Negation(inner_);
}

HasTextMatcher HasText(testing::Matcher<const std::string&> inner) {
  return HasTextMatcher(std::move(inner));
}
HasTextMatcher HasTextLike(const std::string& pattern) {
  return HasText(testing::MakeMatcher(new FindsMatcher(pattern)));
}

bool HasLevelMatcher::MatchAndExplain(const LogLine& line,
                                      testing::MatchResultListener* listener) const {
  const std::optional<LogLevel> level = LogLevelFrom(level_);
  if (!level) return matching::Tell(matching::NothingToJudge(NoSuchLevel(level_)), listener);
  *listener << "whose level is " << line.level;
  return line.level == *level;
}

void HasLevelMatcher::DescribeTo(std::ostream* os) const { *os << "is at level " << level_; }
void HasLevelMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "isn't at level " << level_;
}

HasLevelMatcher HasLevel(std::string level) { return HasLevelMatcher(std::move(level)); }

}  // namespace gtestnet
