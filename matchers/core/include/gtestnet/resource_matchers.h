// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RESOURCE_MATCHERS_H_
#define GTESTNET_RESOURCE_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {

// Of what nodes use of their machine, by the names in evidence.h: "memory", "cpu", "open_files",
// "log", "data". A name that there is not has nothing to judge, and the message says which is meant
// perhaps; so has a run in which a node that was up was not looked at for it.

// Bytes.
constexpr double Megabytes(double n) { return n * 1e6; }

// Matches a RunRecord in which the largest value of each node matches.
//
//   EXPECT_THAT(record, ResourceIs("memory", Le(Megabytes(200))));
class ResourceIsMatcher {
 public:
  using is_gtest_matcher = void;
  ResourceIsMatcher(std::string name, testing::Matcher<double> inner)
      : name_(std::move(name)), inner_(std::move(inner)) {}
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string name_;
  testing::Matcher<double> inner_;
};
[[nodiscard]] ResourceIsMatcher ResourceIs(std::string name, testing::Matcher<double> inner);

// A rate: PerHour(Megabytes(50)), PerHour(1000).
struct PerHour {
  constexpr explicit PerHour(double n) : amount(n) {}
  double amount;
};
std::ostream& operator<<(std::ostream& os, const PerHour& rate);

// Matches a RunRecord in which a value of no node grew faster than that: the slope of the line that
// fits its samples best (least squares), where each time for which the node was up has a line of
// its own height. The first 10 s of each such time do not count, as a program that starts takes
// what it needs, nor does one with less than 10 samples behind them. What counts must be 60 s of
// each node that was up for that long, and of one at least; else there is nothing to judge.
//
//   EXPECT_THAT(record, GrowsAtMost("memory", PerHour(Megabytes(50))));
class GrowsAtMostMatcher {
 public:
  using is_gtest_matcher = void;
  GrowsAtMostMatcher(std::string name, PerHour most) : name_(std::move(name)), most_(most) {}
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string name_;
  PerHour most_;
};
[[nodiscard]] GrowsAtMostMatcher GrowsAtMost(std::string name, PerHour most);

}  // namespace gtestnet

#endif  // GTESTNET_RESOURCE_MATCHERS_H_
