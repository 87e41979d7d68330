// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/judging.h"

#include <ostream>
#include <utility>

namespace gtestnet::matching {
namespace {

class JudgingMatcher final : public testing::MatcherInterface<const RunRecord&> {
 public:
  JudgingMatcher(std::function<Finding(const RunRecord&)> judge, std::string description,
                 std::string negation)
      : judge_(std::move(judge)),
        description_(std::move(description)),
        negation_(std::move(negation)) {}

  bool MatchAndExplain(const RunRecord& record,
                       testing::MatchResultListener* listener) const override {
    return Tell(judge_(record), listener);
  }
  void DescribeTo(std::ostream* os) const override { *os << description_; }
  void DescribeNegationTo(std::ostream* os) const override { *os << negation_; }

 private:
  const std::function<Finding(const RunRecord&)> judge_;
  const std::string description_;
  const std::string negation_;
};

}  // namespace

RunMatcher Judging(std::function<Finding(const RunRecord&)> judge, std::string description,
                   std::string negation) {
  return testing::MakeMatcher(
      new JudgingMatcher(std::move(judge), std::move(description), std::move(negation)));
}

}  // namespace gtestnet::matching
