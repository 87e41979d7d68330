// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_OPERATION_MATCHERS_H_
#define GTESTNET_OPERATION_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet {

// All are over a RunRecord and concern the operations that workloads recorded
// (RunContext::Record). `kind` is that of an operation, "put"; empty: any kind. A record without
// any that is judged has nothing to judge and does not match.

// Matches if the fraction of the operations that were ok matches `inner`; of those that were
// refused or are unknown none was.
//
//   ExpectAtTearDown(OperationsSucceed("put", Ge(0.9)));
//   ExpectAtTearDown(OperationsSucceed("put", Ge(0.9), Of("writers")));
[[nodiscard]] RunMatcher OperationsSucceed(std::string kind, testing::Matcher<double> inner,
                                           Of of = {});

// Matches if a percentile of the time from the beginning to the end of operations that were ok
// matches. `percentile` is in (0, 100]; 100 is the slowest.
//
//   ExpectAtTearDown(OperationLatency("put", 95, Le(200ms)));
[[nodiscard]] RunMatcher OperationLatency(std::string kind, double percentile,
                                          testing::Matcher<RunTime> inner, Of of = {});

// Matches if no read shows that a write was lost which the system had acknowledged. `write` and
// `read` are kinds of operations, of whichever workload, that each concern one key. A write is
// acknowledged if it was ok. A deletion is a write of no value.
//
// What is judged: each read that was ok and began after the end of at least one acknowledged write
// of its key. What it returned, a value or nothing, must be what a write of that key wrote which
//  - was not refused,
//  - began before the read ended, and
//  - was not overwritten: no other acknowledged write of the key began after its end and ended
//    before the read began. A write of unknown outcome may be done at any time after its beginning,
//    or never, so that nothing overwrites it for certain.
// So a read that returns nothing is a loss unless a deletion may explain it, and so is one of a
// value that nobody wrote. Reads that run beside a write may return what was before or after it,
// and nothing is asked of the order of two such reads: this is less than linearizability.
//
// "After" is certain only across milliseconds, so that of two clients' operations in the same one
// neither is after the other; of one client's, which are one at a time, the later one is.
//
//   ExpectAtTearDown(NoAcknowledgedWriteIsLost("put", "get"));
[[nodiscard]] RunMatcher NoAcknowledgedWriteIsLost(std::string write, std::string read);

}  // namespace gtestnet

#endif  // GTESTNET_OPERATION_MATCHERS_H_
