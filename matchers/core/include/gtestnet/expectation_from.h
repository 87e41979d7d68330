// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_EXPECTATION_FROM_H_
#define GTESTNET_EXPECTATION_FROM_H_

#include <gmock/gmock.h>

#include <concepts>
#include <functional>
#include <string>
#include <utility>

#include "gtestnet/expectation.h"

namespace gtestnet {
namespace internal {

using WatchMaker = std::function<SnapshotWatch(const RunBegin&)>;

RunExpectation MakeExpectation(testing::Matcher<const RunRecord&> matcher, WatchMaker watch,
                               SourceLocation where);

}  // namespace internal

// Turns any gMock matcher of RunRecord into an expectation: ours, AllOf, Field, a MATCHER of yours.
//
//   RunExpectation e = ExpectationFrom<M>::Make(matcher, SourceLocation::Current());
//
// It is named by the matcher's description; what was observed is the matcher's explanation or, if
// it has none, the record in one line. A matcher with a member
// `SnapshotWatch Watch(const RunBegin&) const` is watched during the run, too.
template <class M>
struct ExpectationFrom {
  static RunExpectation Make(M matcher, SourceLocation where = SourceLocation::Current()) {
    internal::WatchMaker watch;
    if constexpr (requires(const RunBegin& begin) {
                    { matcher.Watch(begin) } -> std::convertible_to<SnapshotWatch>;
                  }) {
      watch = [matcher](const RunBegin& begin) { return matcher.Watch(begin); };
    }
    return internal::MakeExpectation(testing::SafeMatcherCast<const RunRecord&>(std::move(matcher)),
                                     std::move(watch), where);
  }
};

}  // namespace gtestnet

#endif  // GTESTNET_EXPECTATION_FROM_H_
