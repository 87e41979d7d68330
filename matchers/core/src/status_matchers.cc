// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/status_matchers.h"

#include <string>

#include "gtestnet/printable.h"

namespace gtestnet {
namespace internal {

void ExplainStatus(const absl::Status& status, testing::MatchResultListener* listener) {
  *listener << "whose status is " << Printable(status.ToString());
}

std::string CodeName(absl::StatusCode code) {
  return absl::StatusCodeToString(code) + " (" + std::to_string(static_cast<int>(code)) + ")";
}

}  // namespace internal

bool StatusIsMatcher::Match(const absl::Status& status,
                            testing::MatchResultListener* listener) const {
  internal::ExplainStatus(status, listener);
  if (status.code() != code_) return false;
  testing::StringMatchResultListener inner;
  const bool matches = message_.MatchAndExplain(
      std::string(status.message().data(), status.message().size()), &inner);
  if (!inner.str().empty()) *listener << ", the message of which " << inner.str();
  return matches;
}

void StatusIsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has the status " << internal::CodeName(code_) << " with a message that ";
  message_.DescribeTo(os);
}

void StatusIsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't have the status " << internal::CodeName(code_) << ", or a message that ";
  message_.DescribeNegationTo(os);
}

StatusIsMatcher StatusIs(absl::StatusCode code, testing::Matcher<const std::string&> message) {
  return {code, std::move(message)};
}

}  // namespace gtestnet
