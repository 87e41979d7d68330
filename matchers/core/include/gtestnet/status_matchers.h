// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_STATUS_MATCHERS_H_
#define GTESTNET_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}
// "whose status is NOT_FOUND: no node 7", or "whose status is OK".
void ExplainStatus(const absl::Status& status, testing::MatchResultListener* listener);
// "NOT_FOUND (5)".
std::string CodeName(absl::StatusCode code);

template <class R>
class IsOkAndHoldsImpl : public testing::MatcherInterface<const R&> {
 public:
  using Value = typename R::value_type;
  template <class M>
  explicit IsOkAndHoldsImpl(M&& inner)
      : inner_(testing::SafeMatcherCast<const Value&>(std::forward<M>(inner))) {}

  bool MatchAndExplain(const R& result, testing::MatchResultListener* listener) const override {
    if (!result.ok()) {
      ExplainStatus(result.status(), listener);
      return false;
    }
    *listener << "whose value is " << testing::PrintToString(*result);
    testing::StringMatchResultListener inner;
    const bool matches = inner_.MatchAndExplain(*result, &inner);
    if (!inner.str().empty()) *listener << ", " << inner.str();
    return matches;
  }
  void DescribeTo(std::ostream* os) const override {
    *os << "is OK and has a value that ";
    inner_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const override {
    *os << "isn't OK, or has a value that ";
    inner_.DescribeNegationTo(os);
  }

 private:
  testing::Matcher<const Value&> inner_;
};

}  // namespace internal

// Matches an absl::Status or absl::StatusOr that is OK.
//
//   EXPECT_THAT(control.Kill(2), IsOk());
class IsOkMatcher {
 public:
  using is_gtest_matcher = void;
  template <class R>
  bool MatchAndExplain(const R& result, testing::MatchResultListener* listener) const {
    const absl::Status& status = internal::StatusOf(result);
    if (!status.ok()) internal::ExplainStatus(status, listener);
    return status.ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "isn't OK"; }
};
[[nodiscard]] inline IsOkMatcher IsOk() { return {}; }

// Matches an absl::StatusOr that is OK and has a value that matches `inner`.
//
//   EXPECT_THAT(cluster().Find("validator-1"), IsOkAndHolds(1));
template <class M>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(M inner) : inner_(std::move(inner)) {}
  template <class R>
  operator testing::Matcher<R>() const {  // NOLINT: as all polymorphic matchers
    using Result = std::remove_cv_t<std::remove_reference_t<R>>;
    return testing::SafeMatcherCast<R>(
        testing::Matcher<const Result&>(new internal::IsOkAndHoldsImpl<Result>(inner_)));
  }

 private:
  M inner_;
};
template <class M>
[[nodiscard]] IsOkAndHoldsMatcher<std::decay_t<M>> IsOkAndHolds(M&& inner) {
  return IsOkAndHoldsMatcher<std::decay_t<M>>(std::forward<M>(inner));
}

// Matches an absl::Status or absl::StatusOr with this code and a message that matches `message`.
//
//   EXPECT_THAT(control.Kill(9), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("node
//   9")));
class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;
  StatusIsMatcher(absl::StatusCode code, testing::Matcher<const std::string&> message)
      : code_(code), message_(std::move(message)) {}
  template <class R>
  bool MatchAndExplain(const R& result, testing::MatchResultListener* listener) const {
    return Match(internal::StatusOf(result), listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool Match(const absl::Status& status, testing::MatchResultListener* listener) const;
  absl::StatusCode code_;
  testing::Matcher<const std::string&> message_;
};
[[nodiscard]] StatusIsMatcher StatusIs(absl::StatusCode code,
                                       testing::Matcher<const std::string&> message = testing::_);

}  // namespace gtestnet

#endif  // GTESTNET_STATUS_MATCHERS_H_
