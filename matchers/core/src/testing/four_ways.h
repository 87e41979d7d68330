// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_TESTING_FOUR_WAYS_H_
#define GTESTNET_MATCHERS_CORE_SRC_TESTING_FOUR_WAYS_H_

#include <gmock/gmock.h>

#include <string>

#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

// What a matcher says of a value.
template <class T, class M>
std::string Explain(const M& matcher, const T& value) {
  testing::StringMatchResultListener listener;
  testing::SafeMatcherCast<const T&>(matcher).MatchAndExplain(value, &listener);
  return listener.str();
}
template <class T, class M>
bool Matches(const M& matcher, const T& value) {
  return testing::SafeMatcherCast<const T&>(matcher).Matches(value);
}
template <class T, class M>
std::string Describe(const M& matcher) {
  return Description(testing::SafeMatcherCast<const T&>(matcher));
}
template <class T, class M>
std::string DescribeNot(const M& matcher) {
  return Negation(testing::SafeMatcherCast<const T&>(matcher));
}

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_TESTING_FOUR_WAYS_H_
