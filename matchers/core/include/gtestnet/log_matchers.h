// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LOG_MATCHERS_H_
#define GTESTNET_LOG_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "gtestnet/expectation.h"
#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet {
namespace matching {
class Pattern;
}  // namespace matching

// What nodes logged (gtestnet/evidence.h: LogLine; framework/RECORD.md: which lines are in a
// record). There is nothing to judge where a node's log was not read, or not to its end, nor where
// the record left out lines that might have made a difference.

// Matches a RunRecord in which no node logged a line above that level ("info", "warn", "error"); a
// line that does not say its level is above none.
//
//   ExpectAtTearDown(HasNoLogsAbove("warn").Except("connection reset by peer"));
//
// It is watched live, too: a line that is above ends the run at once (but with ExceptDuringFaults).
class HasNoLogsAboveMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasNoLogsAboveMatcher(std::string level) : level_(std::move(level)) {}

  // Lines in which the regular expression (of RE2) finds something may be above. Again: or this.
  [[nodiscard]] HasNoLogsAboveMatcher Except(const std::string& pattern) const;
  // Lines of any node may be above while a fault of the test was active: from when a workload or
  // the test itself stopped, killed, paused or added any node (or one ended by itself) until that
  // node was up again and, where a workload did it, took part again, and five seconds after. Nor
  // does it count what nodes said before the run began, as they are started one after the other.
  [[nodiscard]] HasNoLogsAboveMatcher ExceptDuringFaults() const;

  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
  // What ExpectationFrom hands to the runner.
  SnapshotWatch Watch(const RunBegin& begin) const;

 private:
  void DescribeExceptions(std::ostream* os) const;

  std::string level_;
  std::vector<std::shared_ptr<const matching::Pattern>> patterns_;
  bool not_during_faults_ = false;
};
[[nodiscard]] HasNoLogsAboveMatcher HasNoLogsAbove(std::string level);
// Nothing at error or fatal: HasNoLogsAbove("warn").
[[nodiscard]] HasNoLogsAboveMatcher LogsNoErrors();

// Matches a RunRecord, or a Snapshot of one, in which the lines of a node, or of all, match: in
// order of time those of the run, or those that came since the snapshot before.
//
//   EXPECT_THAT(record, LogLines(Of("validator-1"), Contains(HasText(ContainsRegex("took [0-9]+
//   s"))))); ExpectAtTearDown(Never(LogLines(Contains(HasText(HasSubstr("database is locked"))))));
//
// What is found counts, whatever was left out; what is not found does not where lines were left
// out. (Lines make a difference if the matcher says another thing of them than of none.)
class LogsMatcher {
 public:
  using is_gtest_matcher = void;
  using Lines = std::vector<LogLine>;
  LogsMatcher(Of node, testing::Matcher<const Lines&> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  bool MatchAndExplain(const Snapshot& snapshot, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  Of node_;
  testing::Matcher<const Lines&> inner_;
};
[[nodiscard]] LogsMatcher LogLines(Of node, testing::Matcher<const LogsMatcher::Lines&> inner);
[[nodiscard]] LogsMatcher LogLines(testing::Matcher<const LogsMatcher::Lines&> inner);

// Matches a RunRecord in which no node logged more bytes a second than that on average, in any ten
// seconds (as far as sizes of logs were noted: about every two), or in all of a run that was
// shorter, but had two seconds.
class LogsAtMostMatcher {
 public:
  using is_gtest_matcher = void;
  explicit LogsAtMostMatcher(double bytes_per_second) : most_(bytes_per_second) {}
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  double most_;
};
[[nodiscard]] LogsAtMostMatcher LogsAtMost(double bytes_per_second);

// ----- of a LogLine -----

// Matches one whose text matches; lines that belong to it follow in the text after a newline.
class HasTextMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasTextMatcher(testing::Matcher<const std::string&> inner);
  bool MatchAndExplain(const LogLine& line, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const std::string&> inner_;
};
[[nodiscard]] HasTextMatcher HasText(testing::Matcher<const std::string&> inner);
// That the regular expression (of RE2: of linear time) finds something in it.
[[nodiscard]] HasTextMatcher HasTextLike(const std::string& pattern);

// Matches one of that level: HasLevel("error").
class HasLevelMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasLevelMatcher(std::string level) : level_(std::move(level)) {}
  bool MatchAndExplain(const LogLine& line, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string level_;
};
[[nodiscard]] HasLevelMatcher HasLevel(std::string level);

}  // namespace gtestnet

#endif  // GTESTNET_LOG_MATCHERS_H_
