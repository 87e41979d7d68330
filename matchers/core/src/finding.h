// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_FINDING_H_
#define GTESTNET_MATCHERS_CORE_SRC_FINDING_H_

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"

namespace gtestnet::matching {

// What a matcher of RunRecord found: a sentence without its full stop, "validator-2 grew by 1
// block", that follows "in which".
struct Finding {
  bool met = false;
  std::string words;
  // False: there was nothing to judge, so that it is not met, nor is its negation.
  bool judged = true;
};

// A record that does not have what the claim is about: "there is nothing to judge: " and why.
Finding NothingToJudge(std::string_view why);
// Hands the words to gMock and returns whether it matches, or what one that has nothing to judge is
// to answer (gtestnet/three_values.h).
bool Tell(const Finding& finding, testing::MatchResultListener* listener);
bool AnswerOfNothing(std::string_view words);

// Several sentences as one; the first four, and how many more there are.
std::string Joined(const std::vector<std::string>& sentences, std::string_view between = "; ");

using gtestnet::InSeconds;
// "1 block", "40 blocks".
std::string Counted(int64_t n, std::string_view one);
// The first characters of an id.
std::string Short(std::string_view id);
// At most three significant decimals: "0.9", "18.25".
std::string Rounded(double value);
// Up to the first newline.
std::string FirstLine(std::string_view text);
// How many characters must be changed, added or left out to make one of the other.
size_t Edits(std::string_view a, std::string_view b);
// The one of `known` that is nearest to `text` in edits; empty if none is near.
std::string Nearest(std::string_view text, const std::vector<std::string>& known);
// For Abseil of Debian 12, which does not take the standard's.
inline absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// What a matcher says of itself.
template <class T>
std::string Description(const testing::Matcher<T>& matcher) {
  std::ostringstream os;
  matcher.DescribeTo(&os);
  return os.str();
}
template <class T>
std::string Negation(const testing::Matcher<T>& matcher) {
  std::ostringstream os;
  matcher.DescribeNegationTo(&os);
  return os.str();
}

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_FINDING_H_
