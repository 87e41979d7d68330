// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_EXPECTATION_H_
#define GTESTNET_EXPECTATION_H_

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/record.h"

namespace gtestnet {

// The place in a source that declared something. Made by the default argument of the function that
// takes it, so that it names the caller's line.
struct SourceLocation {
  const char* file = "";
  int line = 0;

  static constexpr SourceLocation Current(const char* file = __builtin_FILE(),
                                          int line = __builtin_LINE()) {
    return {file, line};
  }
};

// What judging an expectation came to.
struct Verdict {
  bool met = false;
  std::string required = {};  // "is live: every node that is up grew by at least half of …"
  std::string observed = {};  // "member-2 grew by 1 block in 40 slots (expected 18.0, required 9)"
  bool nothing = false;       // there was nothing to judge; then it is not met
};

// Looks at each new Snapshot during RunFor. Returns what is violated, or "".
using SnapshotWatch = std::function<std::string(const Snapshot&)>;

// What a watch counts its time by.
struct RunBegin {
  RunTime at{0};   // RunRecord::begun
  Pace pace = {};  // of the cluster: Blocks(20) and the like are so long
};

// What must hold of a run's record; judged once, after the run. A gMock matcher of RunRecord
// becomes one by ExpectationFrom, so most code never names this type.
struct RunExpectation {
  std::string name = {};
  std::function<Verdict(const RunRecord&)> judge = {};
  SourceLocation where = {};
  // Makes the watch of one run, for what can never be met again once a sample violates it: that
  // ends the run at once. Empty for expectations that only the end can judge.
  std::function<SnapshotWatch(const RunBegin&)> watch = {};
};

// One of the standing set: what every run is judged by without a word, unless a test allows it to
// be violated. Where there is nothing to judge, it says so and does not fail.
struct StandingExpectation {
  std::string name = {};  // what Allow takes: "StaysReachable"
  RunExpectation expectation = {};
};

// kInvalidArgument, with those that there are, for a name that none of them has.
absl::Status CheckAllowed(const std::vector<StandingExpectation>& standing, std::string_view name);

// matchers/ defines it once, for every gMock matcher of RunRecord (ours, AllOf, Field, MATCHER):
//
//   static RunExpectation Make(M matcher, SourceLocation where);
template <class M>
struct ExpectationFrom;

// Judges all of them and notes the verdicts in the record, in order. Of a run that ended early
// (record.broken) nothing is judged: the verdicts say so.
std::vector<VerdictRecord> Judge(RunRecord& record,
                                 const std::vector<RunExpectation>& expectations);
// The same of the standing set, but for what is judged already as the run expects it itself; what
// `allowed` names is told and is no failure. The verdicts come after those that are in the record.
std::vector<VerdictRecord> JudgeStanding(RunRecord& record,
                                         const std::vector<StandingExpectation>& standing,
                                         const std::vector<std::string>& allowed);
// Whether a run with this verdict has failed.
bool Fails(const VerdictRecord& verdict);

std::ostream& operator<<(std::ostream& os, const Verdict& verdict);

}  // namespace gtestnet

#endif  // GTESTNET_EXPECTATION_H_
