// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/operation_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

// A record by hand, of three members without a chain; what is added is in order.
class Operations {
 public:
  Operations() {
    for (const char* name : {"member-0", "member-1", "member-2"}) {
      record_.nodes.emplace_back().name = name;
    }
  }

  Operations& Put(std::string key, std::optional<std::string> value, RunTime begun, RunTime ended) {
    return Add("put", "writers", 0, 0, std::move(key), std::move(value), begun, ended);
  }
  Operations& Get(std::string key, std::optional<std::string> value, RunTime begun, RunTime ended) {
    return Add("get", "readers", 1, 2, std::move(key), std::move(value), begun, ended);
  }
  Operations& Add(std::string kind, std::string workload, int client, NodeIndex node,
                  std::string key, std::optional<std::string> value, RunTime begun, RunTime ended) {
    Operation& o = record_.operations.emplace_back();
    o.kind = std::move(kind);
    o.workload = std::move(workload);
    o.client = client;
    o.node = node;
    o.key = std::move(key);
    o.value = std::move(value);
    o.begun = begun;
    o.ended = ended;
    o.outcome = OperationOutcome::kOk;
    return *this;
  }
  // The last one was refused, or nobody knows.
  Operations& Refused(std::string why) {
    record_.operations.back().outcome = OperationOutcome::kRefused;
    record_.operations.back().why = std::move(why);
    return *this;
  }
  Operations& Unknown(std::string why = "", std::optional<RunTime> ended = {}) {
    record_.operations.back().outcome = OperationOutcome::kUnknown;
    record_.operations.back().why = std::move(why);
    record_.operations.back().ended = ended;
    return *this;
  }

  // That of a run, so that each is one that can be read back, too.
  RunRecord Build() const {
    const absl::StatusOr<RunRecord> record = RunRecord::FromJson(record_.ToJson());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.value_or(RunRecord());
  }

 private:
  RunRecord record_;
};

// ----- OperationsSucceed -----

Operations Mixed() {
  Operations operations;
  operations.Put("k1", "a", 100ms, 110ms);
  operations.Put("k2", "b", 200ms, 230ms).Refused("no leader\nand more");
  operations.Get("k1", "a", 250ms, 255ms);
  operations.Put("k3", "c", 300ms, 310ms).Unknown("connection reset");
  operations.Add("put", "others", 0, -1, "k4", "d", 400ms, 420ms);
  return operations;
}

TEST(OperationsSucceedTest, JudgesTheFraction) {
  const RunRecord record = Mixed().Build();
  EXPECT_THAT(record, OperationsSucceed("put", 0.5));
  EXPECT_THAT(record, OperationsSucceed("get", 1));
  EXPECT_THAT(record, OperationsSucceed("", 0.6));
  EXPECT_THAT(record, Not(OperationsSucceed("put", Ge(0.9))));
  EXPECT_EQ(Explain(OperationsSucceed("put", Ge(0.5)), record),
            "in which the fraction of put operations that were ok is 0.5 (2 of 4, 1 refused, 1 "
            "unknown)");
  EXPECT_EQ(Explain(OperationsSucceed("put", Ge(0.9)), record),
            "in which the fraction of put operations that were ok is 0.5 (2 of 4, 1 refused, 1 "
            "unknown); the first that was refused is the put of \"k2\" at member-0 from 0.200 s to "
            "0.230 s: no leader; the first that is unknown is the put of \"k3\" at member-0 from "
            "0.300 s on: connection reset");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, OperationsSucceed("put", Ge(0.9))),
                          "has a fraction of put operations that were ok that is >= 0.9");
}

TEST(OperationsSucceedTest, IsOfOneWorkloadByName) {
  const RunRecord record = Mixed().Build();
  EXPECT_THAT(record, OperationsSucceed("put", 1, Of("others")));
  EXPECT_THAT(Explain(OperationsSucceed("put", 1, Of("writers")), record),
              HasSubstr("put operations of \"writers\" that were ok is 0.333 (1 of 3,"));
  EXPECT_EQ(Explain(OperationsSucceed("get", Ge(0), Of("writers")), record),
            "in which there is nothing to judge: no get operation of \"writers\" was recorded");
}

TEST(OperationsSucceedTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(OperationsSucceed("put", Ge(0.9))),
            "has a fraction of put operations that were ok that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(OperationsSucceed("", Ge(0.9), Of("w"))),
            "has a fraction of operations of \"w\" that were ok that isn't >= 0.9");
}

TEST(OperationsSucceedTest, NeedsOperations) {
  EXPECT_THAT(Operations().Build(), Not(OperationsSucceed("put", Ge(0))));
  EXPECT_EQ(Explain(OperationsSucceed("put", Ge(0)), Operations().Build()),
            "in which there is nothing to judge: no put operation was recorded");
  EXPECT_EQ(Explain(OperationsSucceed("", Ge(0)), Operations().Build()),
            "in which there is nothing to judge: no operation was recorded");
}

// ----- OperationLatency -----

TEST(OperationLatencyTest, JudgesThePercentileOfThoseThatWereOk) {
  Operations operations;
  for (int i = 1; i <= 20; ++i) {
    operations.Put("k" + std::to_string(i), "v", RunTime(100 * i), RunTime(100 * i + i));
  }
  operations.Put("late", "v", 3000ms, 9000ms).Refused("timeout");
  operations.Get("k1", "v", 4000ms, 4500ms);
  const RunRecord record = operations.Build();
  EXPECT_THAT(record, OperationLatency("put", 95, 19ms));
  EXPECT_THAT(record, OperationLatency("put", 100, 20ms));
  EXPECT_THAT(record, OperationLatency("put", 1, 1ms));
  EXPECT_THAT(record, OperationLatency("get", 50, 500ms));
  EXPECT_THAT(record, OperationLatency("", 100, 500ms));
  EXPECT_THAT(record, Not(OperationLatency("put", 95, Le(18ms))));
  EXPECT_EQ(Explain(OperationLatency("put", 95, Le(18ms)), record),
            "in which percentile 95 of the latency of put operations is 19 ms (of 20 that were ok, "
            "the put of \"k19\" at member-0 from 1.900 s to 1.919 s)");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, OperationLatency("put", 95, Le(18ms))),
                          "the percentile 95 of which is <= 18ms");
}

TEST(OperationLatencyTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(OperationLatency("put", 95, Le(200ms))),
            "has a latency of put operations the percentile 95 of which is <= 200ms");
  EXPECT_EQ(DescribeNot<RunRecord>(OperationLatency("put", 99.9, Le(200ms), Of("w"))),
            "has a latency of put operations of \"w\" the percentile 99.9 of which isn't <= 200ms");
}

TEST(OperationLatencyTest, NeedsOperationsThatWereOk) {
  Operations operations;
  EXPECT_EQ(Explain(OperationLatency("put", 95, Ge(0ms)), operations.Build()),
            "in which there is nothing to judge: no put operation was recorded");
  operations.Put("k", "v", 1ms, 2ms).Refused("no");
  EXPECT_THAT(operations.Build(), Not(OperationLatency("put", 95, Ge(0ms))));
  EXPECT_EQ(Explain(OperationLatency("put", 95, Ge(0ms)), operations.Build()),
            "in which there is nothing to judge: none of 1 put operation was ok");
  EXPECT_THAT(Explain(OperationLatency("put", 0, Ge(0ms)), operations.Build()),
              HasSubstr("a percentile of 0 is asked for, which is not in (0, 100]"));
}

// ----- NoAcknowledgedWriteIsLost -----

RunMatcher LosesNothing() { return NoAcknowledgedWriteIsLost("put", "get"); }

TEST(NoAcknowledgedWriteIsLostTest, TakesReadsOfWhatWasWritten) {
  Operations operations;
  operations.Get("k", {}, 0ms, 5ms);  // before any write: not judged
  operations.Put("k", "old", 10ms, 30ms).Get("k", "old", 40ms, 50ms);
  operations.Put("k", "new", 100ms, 120ms).Get("k", "new", 200ms, 205ms);
  operations.Get("other", {}, 210ms, 220ms);
  EXPECT_THAT(operations.Build(), LosesNothing());
  EXPECT_EQ(Explain(LosesNothing(), operations.Build()),
            "in which none of 2 get operations missed one of 2 acknowledged put operations");
}

TEST(NoAcknowledgedWriteIsLostTest, SeesAnOlderValue) {
  Operations operations;
  operations.Put("k", "old", 10ms, 30ms).Put("k", "new", 100ms, 120ms);
  operations.Get("k", "new", 150ms, 160ms).Get("k", "old", 200ms, 205ms);
  EXPECT_THAT(operations.Build(), Not(LosesNothing()));
  EXPECT_EQ(
      Explain(LosesNothing(), operations.Build()),
      "in which 1 of 2 get operations missed an acknowledged put operation: key \"k\": the put of "
      "\"new\" at member-0 from 0.100 s to 0.120 s was acknowledged, and the get at member-2 from "
      "0.200 s to 0.205 s returned \"old\", which the put from 0.010 s to 0.030 s had written");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(operations.Build(), LosesNothing()),
                          "loses no acknowledged put operation");
}

TEST(NoAcknowledgedWriteIsLostTest, SeesThatNothingIsThere) {
  Operations operations;
  operations.Put("k", "v", 10ms, 30ms).Get("k", {}, 40ms, 50ms);
  EXPECT_THAT(operations.Build(), Not(LosesNothing()));
  EXPECT_THAT(
      Explain(LosesNothing(), operations.Build()),
      HasSubstr("was acknowledged, and the get at member-2 from 0.040 s to 0.050 s returned "
                "nothing"));
  // An empty value is one.
  EXPECT_THAT(Operations().Put("k", "", 10ms, 30ms).Get("k", "", 40ms, 50ms).Build(),
              LosesNothing());
  EXPECT_THAT(Operations().Put("k", "", 10ms, 30ms).Get("k", {}, 40ms, 50ms).Build(),
              Not(LosesNothing()));
}

TEST(NoAcknowledgedWriteIsLostTest, SeesAValueThatNobodyWrote) {
  Operations operations;
  operations.Put("k", "v", 10ms, 30ms).Put("k", "w", 32ms, 33ms).Refused("no leader");
  operations.Get("k", "w", 40ms, 50ms).Put("k", "x", 60ms, 70ms);
  EXPECT_THAT(Explain(LosesNothing(), operations.Build()),
              HasSubstr("returned \"w\", which no put that may have been done had written"));
  // Nor is it one that is written later.
  Operations later;
  later.Put("k", "v", 10ms, 30ms).Get("k", "x", 40ms, 50ms).Put("k", "x", 60ms, 70ms);
  EXPECT_THAT(later.Build(), Not(LosesNothing()));
}

TEST(NoAcknowledgedWriteIsLostTest, LetsADeletionExplainNothing) {
  Operations operations;
  operations.Put("k", "v", 10ms, 30ms).Put("k", {}, 40ms, 50ms).Get("k", {}, 60ms, 70ms);
  EXPECT_THAT(operations.Build(), LosesNothing());
  operations.Get("k", "v", 80ms, 90ms);
  EXPECT_THAT(Explain(LosesNothing(), operations.Build()),
              HasSubstr("the put of nothing at member-0 from 0.040 s to 0.050 s was acknowledged"));
}

TEST(NoAcknowledgedWriteIsLostTest, WritesOfUnknownOutcomeMayHaveHappenedAtAnyTime) {
  Operations operations;
  operations.Put("k", "a", 10ms, 20ms);
  operations.Put("k", "b", 30ms, 40ms).Unknown("no answer", 40ms);
  operations.Put("k", "c", 50ms, 60ms);
  operations.Get("k", "c", 70ms, 80ms).Get("k", "b", 90ms, 100ms).Get("k", "c", 110ms, 120ms);
  EXPECT_THAT(operations.Build(), LosesNothing());
  operations.Get("k", "a", 130ms, 140ms);
  EXPECT_THAT(operations.Build(), Not(LosesNothing()));
  // One that is not acknowledged overwrites nothing for certain.
  Operations unsure;
  unsure.Put("k", "a", 10ms, 20ms).Put("k", "b", 30ms, 40ms).Unknown();
  unsure.Get("k", "a", 70ms, 80ms);
  EXPECT_THAT(unsure.Build(), LosesNothing());
}

TEST(NoAcknowledgedWriteIsLostTest, LeavesOpenWhatRunsAtTheSameTime) {
  // A read beside a write may return what was before it or after it.
  Operations beside;
  beside.Put("k", "a", 10ms, 20ms).Put("k", "b", 30ms, 60ms);
  beside.Get("k", "b", 40ms, 45ms).Get("k", "a", 50ms, 70ms);
  EXPECT_THAT(beside.Build(), LosesNothing());
  // Of two writes side by side each may be the last.
  Operations two;
  two.Put("k", "a", 10ms, 40ms).Add("put", "writers", 1, 1, "k", "b", 20ms, 30ms);
  two.Get("k", "a", 50ms, 60ms).Get("k", "b", 70ms, 80ms);
  EXPECT_THAT(two.Build(), LosesNothing());
}

TEST(NoAcknowledgedWriteIsLostTest, LooksAtEachKeyAlone) {
  Operations operations;
  operations.Put("k1", "a", 10ms, 20ms).Put("k2", "b", 30ms, 40ms);
  operations.Get("k1", "a", 50ms, 60ms).Get("k2", "a", 70ms, 80ms);
  EXPECT_THAT(Explain(LosesNothing(), operations.Build()),
              HasSubstr("in which 1 of 2 get operations missed an acknowledged put operation: key "
                        "\"k2\""));
}

TEST(NoAcknowledgedWriteIsLostTest, OrdersOneClientsOperationsWithinAMillisecond) {
  const auto with_reader = [](int client) {
    Operations operations;
    operations.Put("k", "a", 10ms, 20ms).Put("k", "b", 20ms, 30ms);
    operations.Add("get", "writers", client, 1, "k", "a", 30ms, 31ms);
    return operations.Build();
  };
  EXPECT_THAT(with_reader(0), Not(LosesNothing()));
  EXPECT_THAT(with_reader(1), LosesNothing()) << "it may have begun before the write had ended";
}

TEST(NoAcknowledgedWriteIsLostTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(LosesNothing()),
            "loses no acknowledged put operation: each get operation that began after one returned "
            "its value or that of one which may have come later");
  EXPECT_EQ(DescribeNot<RunRecord>(LosesNothing()),
            "loses an acknowledged put operation: a get operation that began after one returned "
            "neither its value nor that of one which may have come later");
}

TEST(NoAcknowledgedWriteIsLostTest, NeedsAWriteAndAReadAfterIt) {
  Operations operations;
  EXPECT_EQ(Explain(LosesNothing(), operations.Build()),
            "in which there is nothing to judge: no put operation was acknowledged");
  operations.Get("k", {}, 1ms, 2ms).Put("k", "v", 10ms, 20ms).Get("k", {}, 15ms, 25ms);
  operations.Get("k", {}, 30ms, 40ms).Refused("no leader");
  EXPECT_THAT(operations.Build(), Not(LosesNothing()));
  EXPECT_EQ(Explain(LosesNothing(), operations.Build()),
            "in which there is nothing to judge: no get operation that was ok began after an "
            "acknowledged put operation of its key");
}

TEST(NoAcknowledgedWriteIsLostTest, JudgesManyAtOnce) {
  // Twenty thousand operations on one key, every third of them a read.
  Operations operations;
  for (int i = 0; i < 20'000; ++i) {
    const RunTime at(10 * i);
    if (i % 3 == 2) {
      operations.Get("k", std::to_string(i - 1), at, at + 5ms);
    } else {
      operations.Put("k", std::to_string(i), at, at + 5ms);
    }
  }
  EXPECT_THAT(operations.Build(), LosesNothing());
  operations.Get("k", "0", 200'010ms, 200'020ms);
  EXPECT_THAT(operations.Build(), Not(LosesNothing()));
}

}  // namespace
}  // namespace gtestnet::matching
