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

using SnapshotWatch = std::function<std::string(const Snapshot&)>;

RunExpectation MakeExpectation(testing::Matcher<const RunRecord&> matcher, SnapshotWatch watch,
                               SourceLocation where);

}  // namespace internal

// Turns any gMock matcher of RunRecord into an expectation: ours, AllOf, Field, a MATCHER of yours.
//
//   RunExpectation e = ExpectationFrom<M>::Make(matcher, SourceLocation::Current());
//
// It is named by the matcher's description; what was observed is the matcher's explanation or, if
// it has none, the record in one line. A matcher with a member
// `std::function<std::string(const Snapshot&)> Watch() const` is watched during the run, too.
template <class M>
struct ExpectationFrom {
  static RunExpectation Make(M matcher, SourceLocation where = SourceLocation::Current()) {
    internal::SnapshotWatch watch;
    if constexpr (requires {
                    { matcher.Watch() } -> std::convertible_to<internal::SnapshotWatch>;
                  }) {
      watch = matcher.Watch();
    }
    return internal::MakeExpectation(testing::SafeMatcherCast<const RunRecord&>(std::move(matcher)),
                                     std::move(watch), where);
  }
};

}  // namespace gtestnet

#endif  // GTESTNET_EXPECTATION_FROM_H_
