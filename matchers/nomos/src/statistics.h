// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_NOMOS_SRC_STATISTICS_H_
#define GTESTNET_MATCHERS_NOMOS_SRC_STATISTICS_H_

#include <cstdint>
#include <vector>

namespace gtestnet::matching {

// So many independent trials that each succeed with the same chance.
struct Trials {
  int64_t count = 0;
  double chance = 0;
};

// Of the sum of all trials (a Poisson binomial): how many succeed on average.
double Mean(const std::vector<Trials>& trials);
int64_t Count(const std::vector<Trials>& trials);
// The greatest q for which fewer than q successes have a chance of at most `alpha`. Exact but for
// rounding, unless there are so many trials that it would take long: then a smaller one, by
// Bernstein's inequality (of 10,000 successes on average, less than one percent smaller).
int64_t LowerQuantile(std::vector<Trials> trials, double alpha);
// The least q for which more than q successes have a chance of at most `alpha`; in the same case a
// greater one.
int64_t UpperQuantile(std::vector<Trials> trials, double alpha);
// The smaller of half of the mean and the lower quantile: a bound that a live chain misses with a
// chance of at most `alpha`.
double LiveBound(const std::vector<Trials>& trials, double alpha);
// How many of the trials, in their order, it takes until none of them succeeds only with a chance
// of at most `alpha`; one more than there are if they are too few for that.
int64_t FailuresUntil(const std::vector<Trials>& trials, double alpha);

// What a formula makes, as a count: rounded up, from 0 to 2^53, whatever it is.
int64_t RoundedUp(double count);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_NOMOS_SRC_STATISTICS_H_
