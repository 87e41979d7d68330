// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/three_values.h"

#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {
namespace {

// The answers of those that have nothing to judge, in the order in which they are asked; of one
// way after the other, no before yes. While it lives, it is the thread's.
class Ways {
 public:
  Ways() : outer_(std::exchange(current_, this)) {}
  ~Ways() { current_ = outer_; }
  Ways(const Ways&) = delete;
  Ways& operator=(const Ways&) = delete;

  static Ways* Current() { return current_; }

  bool Answer(std::string_view why) {
    if (why_.empty()) why_ = std::string(why);
    if (asked_ == answers_.size()) answers_.push_back(false);
    return answers_[asked_++];
  }
  // False if there is none any more.
  bool Next() {
    answers_.resize(asked_);
    asked_ = 0;
    while (!answers_.empty() && answers_.back()) answers_.pop_back();
    if (answers_.empty()) return false;
    answers_.back() = true;
    return true;
  }
  bool any() const { return !why_.empty(); }
  const std::string& why() const { return why_; }

 private:
  static thread_local Ways* current_;
  Ways* const outer_;
  std::vector<bool> answers_;
  size_t asked_ = 0;
  std::string why_;
};

thread_local Ways* Ways::current_ = nullptr;

class JudgedMatcher final : public testing::MatcherInterface<const RunRecord&> {
 public:
  explicit JudgedMatcher(testing::Matcher<const RunRecord&> inner) : inner_(std::move(inner)) {}

  bool MatchAndExplain(const RunRecord& record,
                       testing::MatchResultListener* listener) const override {
    const Judgement judgement = JudgeBy(inner_, record, listener);
    if (judgement.outcome != Outcome::kNothingToJudge) return judgement.met();
    return matching::AnswerOfNothing(judgement.why);
  }
  void DescribeTo(std::ostream* os) const override { inner_.DescribeTo(os); }
  void DescribeNegationTo(std::ostream* os) const override { inner_.DescribeNegationTo(os); }

 private:
  const testing::Matcher<const RunRecord&> inner_;
};

}  // namespace

bool NothingToJudge(std::string_view why, testing::MatchResultListener* listener) {
  return matching::Tell(matching::NothingToJudge(why), listener);
}

bool matching::AnswerOfNothing(std::string_view words) {
  Ways* const ways = Ways::Current();
  return ways != nullptr && ways->Answer(words);
}

Judgement JudgeEachWay(const std::function<bool()>& match) {
  constexpr int kMost = 64;  // more ways are not gone
  Ways ways;
  const bool met = match();
  Judgement judgement{met ? Outcome::kMet : Outcome::kNotMet, ""};
  if (!ways.any()) return judgement;
  judgement.why = ways.why();
  for (int tried = 1; ways.Next(); ++tried) {
    if (tried < kMost && match() == met) continue;
    judgement.outcome = Outcome::kNothingToJudge;
    break;
  }
  return judgement;
}

testing::Matcher<const RunRecord&> Judged(testing::Matcher<const RunRecord&> matcher) {
  return testing::MakeMatcher(new JudgedMatcher(std::move(matcher)));
}

}  // namespace gtestnet
