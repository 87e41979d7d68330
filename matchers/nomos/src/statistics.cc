// SPDX-License-Identifier: Apache-2.0
#include "matchers/nomos/src/statistics.h"

#include <algorithm>
#include <cmath>

namespace gtestnet::matching {
namespace {

// Steps of the exact quantile, each some nanoseconds.
constexpr double kMostSteps = 1e7;

// Chances of 0 … `most` successes in one group of equal trials.
std::vector<double> Binomial(const Trials& group, int64_t most) {
  const auto n = static_cast<double>(group.count);
  const double log_hit = std::log(group.chance);
  const double log_miss = std::log1p(-group.chance);
  std::vector<double> chance(static_cast<size_t>(std::min(most, group.count)) + 1);
  for (size_t i = 0; i < chance.size(); ++i) {
    const auto k = static_cast<double>(i);
    const double ways = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
    chance[i] = std::exp(ways + k * log_hit + (n - k) * log_miss);
  }
  return chance;
}

// Of the sum of two independent counts, as far as `most`.
std::vector<double> Convolve(const std::vector<double>& a, const std::vector<double>& b,
                             int64_t most) {
  const size_t size = std::min(a.size() + b.size() - 1, static_cast<size_t>(most) + 1);
  std::vector<double> sum(size, 0);
  for (size_t i = 0; i < a.size() && i < size; ++i) {
    if (a[i] == 0) continue;  // far from the mean, it is too small for a double
    for (size_t j = 0; j < b.size() && i + j < size; ++j) sum[i + j] += a[i] * b[j];
  }
  return sum;
}

// Groups of one chance put together; those that never succeed left out, and of those that always do
// only the number kept.
int64_t Simplify(std::vector<Trials>& trials) {
  int64_t certain = 0;
  std::vector<Trials> groups;
  std::sort(trials.begin(), trials.end(),
            [](const Trials& a, const Trials& b) { return a.chance < b.chance; });
  for (const Trials& t : trials) {
    if (t.count <= 0 || t.chance <= 0) continue;
    if (t.chance >= 1) {
      certain += t.count;
    } else if (!groups.empty() && t.chance - groups.back().chance < 1e-12) {
      groups.back().count += t.count;
    } else {
      groups.push_back(t);
    }
  }
  trials = std::move(groups);
  return certain;
}

// P(X ≤ mean − t) ≤ exp(−t² / (2 (variance + t/3))), and the same above, of a sum of independent
// trials.
int64_t BernsteinLower(const std::vector<Trials>& trials, double alpha) {
  double mean = 0;
  double variance = 0;
  for (const Trials& t : trials) {
    const double expected = static_cast<double>(t.count) * t.chance;
    mean += expected;
    variance += expected * (1 - t.chance);
  }
  const double l = -std::log(alpha);
  const double slack = l / 3 + std::sqrt(l * l / 9 + 2 * l * variance);
  return static_cast<int64_t>(std::max(0.0, std::floor(mean - slack)));
}

}  // namespace

double Mean(const std::vector<Trials>& trials) {
  double mean = 0;
  for (const Trials& t : trials) mean += static_cast<double>(t.count) * t.chance;
  return mean;
}

int64_t Count(const std::vector<Trials>& trials) {
  int64_t count = 0;
  for (const Trials& t : trials) count += t.count;
  return count;
}

int64_t LowerQuantile(std::vector<Trials> trials, double alpha) {
  const int64_t certain = Simplify(trials);
  if (trials.empty()) return certain;
  // A quantile below one half is not above the mean by more than one.
  const double mean = std::ceil(Mean(trials)) + 1;
  if (mean * (1 + mean * static_cast<double>(trials.size() - 1)) > kMostSteps) {
    return certain + BernsteinLower(trials, alpha);
  }
  const auto most = static_cast<int64_t>(mean);
  std::vector<double> chance = {1};
  for (const Trials& group : trials) chance = Convolve(chance, Binomial(group, most), most);
  double below = 0;
  int64_t q = 0;
  while (q < static_cast<int64_t>(chance.size())) {
    below += chance[static_cast<size_t>(q)];
    if (below > alpha) break;
    ++q;
  }
  return certain + std::min(q, Count(trials));
}

int64_t UpperQuantile(std::vector<Trials> trials, double alpha) {
  const int64_t count = Count(trials);
  for (Trials& t : trials) t.chance = 1 - t.chance;
  return count - LowerQuantile(std::move(trials), alpha);
}

double LiveBound(const std::vector<Trials>& trials, double alpha) {
  const double half = Mean(trials) / 2;
  // Chernoff: half of a mean m or less has a chance of at most exp(-m/8), so the quantile need not
  // be worked out for a long run.
  if (std::exp(-Mean(trials) / 8) <= alpha) return half;
  return std::min(half, static_cast<double>(LowerQuantile(trials, alpha)));
}

int64_t FailuresUntil(const std::vector<Trials>& trials, double alpha) {
  double left = -std::log(alpha);
  int64_t passed = 0;
  for (const Trials& t : trials) {
    if (t.count <= 0) continue;
    const double each = -std::log1p(-std::min(t.chance, 1.0));  // infinite where it is certain
    if (static_cast<double>(t.count) * each >= left) {
      return passed + std::max<int64_t>(1, RoundedUp(left / each));
    }
    left -= static_cast<double>(t.count) * each;
    passed += t.count;
  }
  return passed + 1;
}

int64_t RoundedUp(double count) {
  constexpr double kMost = 9007199254740992;  // 2^53
  if (!(count < kMost)) return static_cast<int64_t>(kMost);
  return static_cast<int64_t>(std::ceil(std::max(0.0, count)));
}

}  // namespace gtestnet::matching
