// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtestnet/resource_matchers.h"
#include "gtestnet/values.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet {
namespace {

using matching::Finding;
using matching::InSeconds;
using matching::Interval;
using matching::Uptime;

// One that was up for less need not have been looked at.
constexpr RunTime kShortLife{15000};
constexpr RunTime kWarmUp{10000};
constexpr RunTime kLeast{60000};
constexpr size_t kFewest = 10;
// By how many standard errors a slope must be above what it may be.
constexpr double kSure = 3;
constexpr double kHour = 3600;

struct Point {
  RunTime at{0};
  double value = 0;
};
using Points = std::map<NodeIndex, std::vector<Point>>;

const char* UnitOf(const std::string& name) {
  if (name == "memory" || name == "log" || name == "data") return " bytes";
  return name == "cpu" ? " ms" : "";
}

std::string Amount(const std::string& name, double value) {
  return absl::StrCat(FormatNumber(std::round(value)), UnitOf(name));
}

// Why there is nothing of that name; "" if there is.
std::string Lack(const RunRecord& record, const std::string& name, const Points& points) {
  if (!points.empty()) return "";
  const std::set<std::string> kinds = {"cpu", "data", "frozen", "log", "memory", "open_files"};
  std::set<std::string> known = kinds;
  for (const ResourceSample& sample : record.resources) {
    for (const auto& [one, value] : sample.values) known.insert(one);
  }
  if (known.count(name) > 0) return absl::StrCat("of no node was its ", name, " looked at");
  const std::string nearest = matching::Nearest(name, {known.begin(), known.end()});
  return absl::StrCat("there is no resource \"", name, "\"",
                      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"),
                      "; there are ", absl::StrJoin(kinds, ", "));
}

Points PointsOf(const RunRecord& record, const std::string& name) {
  Points points;
  for (const ResourceSample& sample : record.resources) {
    const double* const value = sample.values.Find(name);
    if (value != nullptr && static_cast<size_t>(sample.node) < record.nodes.size()) {
      points[sample.node].push_back({sample.at, *value});
    }
  }
  return points;
}

Finding JudgePeaks(const RunRecord& record, const std::string& name,
                   const testing::Matcher<double>& inner) {
  const Points points = PointsOf(record, name);
  if (const std::string lack = Lack(record, name, points); !lack.empty()) {
    return matching::NothingToJudge(lack);
  }
  const Uptime uptime(record);
  std::vector<std::string> wrong;
  std::vector<std::string> all;
  std::vector<std::string> unseen;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto of_node = points.find(static_cast<NodeIndex>(i));
    if (of_node == points.end()) {
      const auto& up = uptime.Of(static_cast<NodeIndex>(i));
      const bool was_up = std::any_of(
          up.begin(), up.end(), [](const Interval& one) { return one.to - one.from > kShortLife; });
      if (was_up) unseen.push_back(record.nodes[i].name);
      continue;
    }
    const Point peak =
        *std::max_element(of_node->second.begin(), of_node->second.end(),
                          [](const Point& a, const Point& b) { return a.value < b.value; });
    all.push_back(absl::StrCat(record.nodes[i].name, "'s ", name, " was at most ",
                               Amount(name, peak.value), ", at ", InSeconds(peak.at)));
    if (!inner.Matches(peak.value)) wrong.push_back(all.back());
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (!unseen.empty()) {
    return matching::NothingToJudge(
        absl::StrCat("the ", name, " of ", matching::Joined(unseen, ", "), " was not looked at"));
  }
  return {true, matching::Joined(all)};
}

// The stretches of a node's life in which nothing was done to it, without their beginnings.
std::vector<Interval> Lives(const RunRecord& record, const Uptime& uptime, NodeIndex node) {
  std::vector<Interval> lives;
  for (Interval up : uptime.Of(node)) {
    for (const NodeEvent& event : record.events) {
      if (event.node != node || event.at <= up.from || event.at >= up.to) continue;
      lives.push_back({up.from, event.at, nullptr});
      up.from = event.at;
    }
    lives.push_back(up);
  }
  for (Interval& life : lives) life.from += kWarmUp;
  std::erase_if(lives, [](const Interval& life) { return life.from >= life.to; });
  return lives;
}

// A line through points, by least squares, with a height of its own for each life.
class Fit {
 public:
  void Take(const std::vector<Point>& points) {
    if (points.size() < kFewest) return;
    double mean_x = 0;
    double mean_y = 0;
    for (const Point& point : points) {
      mean_x += Seconds(point.at) / static_cast<double>(points.size());
      mean_y += point.value / static_cast<double>(points.size());
    }
    for (const Point& point : points) {
      const double x = Seconds(point.at) - mean_x;
      const double y = point.value - mean_y;
      xx_ += x * x;
      xy_ += x * y;
      yy_ += y * y;
    }
    free_ += static_cast<double>(points.size()) - 1;
    time_ += points.back().at - points.front().at;
    if (!first_) first_ = points.front();
    last_ = points.back();
  }

  bool enough() const { return time_ >= kLeast && xx_ > 0; }
  double slope() const { return xy_ / xx_; }  // per second
  double error() const {
    const double rest = std::max(0.0, yy_ - xy_ * xy_ / xx_);
    return free_ > 1 ? std::sqrt(rest / (free_ - 1) / xx_) : 0;
  }
  RunTime time() const { return time_; }
  const Point& first() const { return *first_; }
  const Point& last() const { return last_; }

 private:
  static double Seconds(RunTime at) { return static_cast<double>(at.count()) / 1000; }

  double xx_ = 0;
  double xy_ = 0;
  double yy_ = 0;
  double free_ = 0;
  RunTime time_{0};
  std::optional<Point> first_;
  Point last_;
};

Finding JudgeGrowth(const RunRecord& record, const std::string& name, double most_per_hour) {
  const Points points = PointsOf(record, name);
  if (const std::string lack = Lack(record, name, points); !lack.empty()) {
    return matching::NothingToJudge(lack);
  }
  const Uptime uptime(record);
  std::vector<std::string> wrong;
  std::vector<std::string> all;
  std::vector<std::string> unseen;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    const std::string& who = record.nodes[i].name;
    const auto of_node = points.find(node);
    Fit fit;
    RunTime lived{0};
    for (const Interval& life : Lives(record, uptime, node)) {
      lived += life.to - life.from;
      std::vector<Point> in;
      if (of_node == points.end()) continue;
      for (const Point& point : of_node->second) {
        if (life.from <= point.at && point.at <= life.to) in.push_back(point);
      }
      fit.Take(in);
    }
    if (!fit.enough()) {
      if (lived > kLeast + kLeast / 2) {
        unseen.push_back(absl::StrCat("the ", name, " of ", who, " was looked at for ",
                                      InSeconds(fit.time()), " of the ", InSeconds(lived),
                                      " that count"));
      }
      continue;
    }
    const double slope = fit.slope() * kHour;
    all.push_back(absl::StrCat(
        who, "'s ", name, " grew by ", Amount(name, slope), " per hour (± ",
        FormatNumber(std::round(fit.error() * kHour)), ", over ", InSeconds(fit.time()), ", from ",
        Amount(name, fit.first().value), " at ", InSeconds(fit.first().at), " to ",
        Amount(name, fit.last().value), " at ", InSeconds(fit.last().at), ")"));
    if (slope - kSure * fit.error() * kHour > most_per_hour) wrong.push_back(all.back());
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (!unseen.empty()) return matching::NothingToJudge(matching::Joined(unseen));
  if (all.empty()) {
    return matching::NothingToJudge(absl::StrCat("of no node was its ", name, " looked at for ",
                                                 InSeconds(kLeast), " after its first ",
                                                 InSeconds(kWarmUp)));
  }
  return {true, matching::Joined(all)};
}

}  // namespace

bool ResourceIsMatcher::MatchAndExplain(const RunRecord& record,
                                        testing::MatchResultListener* listener) const {
  return matching::Tell(JudgePeaks(record, name_, inner_), listener);
}

void ResourceIsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has, of each node, a largest " << name_ << " that " << matching::Description(inner_);
}

void ResourceIsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has, of a node, a largest " << name_ << " that " << matching::Negation(inner_);
}

ResourceIsMatcher ResourceIs(std::string name, testing::Matcher<double> inner) {
  return ResourceIsMatcher(std::move(name), std::move(inner));
}

std::ostream& operator<<(std::ostream& os, const PerHour& rate) {
  return os << FormatNumber(rate.amount) << " per hour";
}

bool GrowsAtMostMatcher::MatchAndExplain(const RunRecord& record,
                                         testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeGrowth(record, name_, most_.amount), listener);
}

void GrowsAtMostMatcher::DescribeTo(std::ostream* os) const {
  *os << "has no node the " << name_ << " of which grows by more than " << most_;
}

void GrowsAtMostMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a node the " << name_ << " of which grows by more than " << most_;
}

GrowsAtMostMatcher GrowsAtMost(std::string name, PerHour most) {
  return GrowsAtMostMatcher(std::move(name), most);
}

}  // namespace gtestnet
