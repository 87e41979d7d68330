// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/data_availability_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/record.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/nomos/parse_expectation.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested
using namespace nomos;  // NOLINT: what is tested

using namespace std::chrono_literals;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;

chain::InscriptionRecord Inscribed(const std::string& transaction, const std::string& refusal = "",
                                   const std::string& workload = "blobs") {
  return {transaction, "c-" + transaction, workload, 1, 100ms, refusal};
}

chain::BlobRecord Blob(const std::string& name, const std::string& workload = "blobs") {
  chain::BlobRecord blob;
  blob.id = "id-" + name;
  blob.channel = "c-" + name;
  blob.transaction = "t-" + name;
  blob.workload = workload;
  blob.size = 62;
  blob.data = "data-" + name;
  blob.node = 2;
  blob.submitted_at = 300ms;
  return blob;
}

chain::BlobRecord Refused(const std::string& name, const std::string& why) {
  chain::BlobRecord blob = Blob(name);
  blob.id = blob.transaction = "";
  blob.refusal = why;
  return blob;
}

chain::BlobRecord Returned(chain::BlobRecord blob, chain::BlobRetrieval retrieval) {
  blob.retrieval = std::move(retrieval);
  return blob;
}

// A chain with these transactions in it.
RunRecord RecordWith(std::vector<std::string> included) {
  RecordBuilder builder(3);
  builder.Grow(2).Block(0, std::move(included));
  return builder.Build();
}

// ----- IncludesInscriptions -----

TEST(IncludesInscriptionsTest, JudgesTheFraction) {
  RunRecord record = RecordWith({"t1", "t2"});
  chain::MutableChainOf(record).inscriptions = {Inscribed("t1"), Inscribed("t2"), Inscribed("t3"),
                                                Inscribed("t4", "400 no\nmore")};
  EXPECT_THAT(record, IncludesInscriptions(0.5));
  EXPECT_EQ(Explain(IncludesInscriptions(Ge(0.9)), record),
            "in which the fraction of included inscriptions is 0.5 (2 of 4, 1 were refused); the "
            "first that is missing is on channel c-t3, submitted to validator-1 at 0.100 s; the "
            "first that was refused is on channel c-t4, submitted to validator-1 at 0.100 s: 400 "
            "no");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, IncludesInscriptions(Ge(0.9))),
                          "includes a fraction of the submitted inscriptions that is >= 0.9");
}

TEST(IncludesInscriptionsTest, MayBeOfOneWorkload) {
  RunRecord record = RecordWith({"t1"});
  chain::MutableChainOf(record).inscriptions = {Inscribed("t1"), Inscribed("t2", "", "others")};
  EXPECT_THAT(record, IncludesInscriptions(1, Of("blobs")));
  EXPECT_THAT(record, IncludesInscriptions(0, Of("others")));
  EXPECT_EQ(Explain(IncludesInscriptions(1, Of("nobody")), record),
            "in which there is nothing to judge: no inscription of \"nobody\" was submitted");
}

TEST(IncludesInscriptionsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(IncludesInscriptions(Ge(0.9), Of("blobs"))),
            "includes a fraction of the submitted inscriptions of \"blobs\" that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(IncludesInscriptions(Ge(0.9))),
            "includes a fraction of the submitted inscriptions that isn't >= 0.9");
}

// ----- IncludesBlobs -----

TEST(IncludesBlobsTest, CountsWhatWasDueAndNotSent) {
  RunRecord record = RecordWith({"t-a", "t-b", "t-x"});
  chain::MutableChainOf(record).blobs = {Blob("a"), Blob("b"), Blob("x", "others")};
  record.workloads = {{.name = "blobs",
                       .actions = 2,
                       .due = 8,
                       .owes = chain::kOwesBlobs,
                       .left_out = {{"no channel was free", 5}, {"no executor was healthy", 1}}},
                      {.name = "others", .actions = 1, .due = 1, .owes = chain::kOwesBlobs},
                      {.name = "transactions", .due = 100, .owes = chain::kOwesTransactions}};
  EXPECT_THAT(record, IncludesBlobs(1, Of("others")));
  EXPECT_THAT(record, Not(IncludesBlobs(Ge(0.9))));
  EXPECT_EQ(Explain(IncludesBlobs(Ge(0.9), Of("blobs")), record),
            "in which the fraction of included blobs is 0.25 (2 of 8, 6 were not sent: no channel "
            "was free (5); no executor was healthy (1))");
  EXPECT_THAT(Explain(IncludesBlobs(Ge(0.9)), record), HasSubstr("is 0.333 (3 of 9, 6 were"));
  // Nor are they transactions that were not sent.
  EXPECT_THAT(Explain(IncludesTransactions(Ge(0.9)), record), HasSubstr("0 of 100"));
  chain::MutableChainOf(record).blobs.clear();
  EXPECT_THAT(Explain(IncludesBlobs(Ge(0.9), Of("blobs")), record), HasSubstr("is 0 (0 of 8"));
}

TEST(IncludesBlobsTest, JudgesTheFraction) {
  RunRecord record = RecordWith({"t-a", "t-b", "t-c"});
  chain::MutableChainOf(record).blobs = {Blob("a"), Blob("b"), Blob("c"), Blob("d")};
  EXPECT_THAT(record, IncludesBlobs(0.75));
  EXPECT_EQ(Explain(IncludesBlobs(Ge(0.7)), record),
            "in which the fraction of included blobs is 0.75 (3 of 4)");
  chain::MutableChainOf(record).blobs.push_back(
      Refused("e", "HTTP 500: nobody took column 3\nmore"));
  EXPECT_EQ(Explain(IncludesBlobs(Ge(0.9)), record),
            "in which the fraction of included blobs is 0.6 (3 of 5, 1 were refused); the first "
            "that is missing is on channel c-d, submitted to validator-2 at 0.300 s; the first "
            "that was refused is on channel c-e, submitted to validator-2 at 0.300 s: HTTP 500: "
            "nobody took column 3");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, IncludesBlobs(Ge(0.9))),
                          "includes a fraction of the submitted blobs that is >= 0.9");
}

TEST(IncludesBlobsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(IncludesBlobs(Ge(0.9))),
            "includes a fraction of the submitted blobs that is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(IncludesBlobs(Ge(0.9), Of("x"))),
            "includes a fraction of the submitted blobs of \"x\" that isn't >= 0.9");
}

TEST(IncludesBlobsTest, NeedsBlobs) {
  RunRecord record = RecordWith({"t"});
  EXPECT_EQ(Explain(IncludesBlobs(Ge(0)), record),
            "in which there is nothing to judge: no blob was submitted");
  record.sections.Erase("chain");
  EXPECT_THAT(Explain(IncludesBlobs(Ge(0)), record), HasSubstr("the record has no chain"));
}

// ----- BlobsAreRetrievable -----

TEST(BlobsAreRetrievableTest, MatchesWhatCameBackByteForByte) {
  RunRecord record = RecordWith({});
  chain::MutableChainOf(record).blobs = {
      Returned(Blob("a"), {0, 64, "data-a", ""}), Refused("b", "busy"),
      Returned(Blob("c"), {1, 128, "data-c", ""}), Blob("too-old")};
  EXPECT_THAT(record, BlobsAreRetrievable());
  EXPECT_EQ(Explain(BlobsAreRetrievable(), record), "in which 2 blobs came back byte for byte");
}

TEST(BlobsAreRetrievableTest, NamesWhatDidNotComeBack) {
  RunRecord record = RecordWith({});
  chain::MutableChainOf(record).blobs = {
      Returned(Blob("a"), {0, 0, "", "it could not have 64 columns\nmore"}),
      Returned(Blob("b"), {1, 96, "data-x", ""}), Returned(Blob("c"), {1, 96, "data-c", ""})};
  EXPECT_EQ(Explain(BlobsAreRetrievable(), record),
            "in which 2 of 3 blobs did not come back as dispersed: blob id-a of 62 bytes, "
            "dispersed by validator-2 at 0.300 s, did not come back from validator-0: it could not "
            "have 64 columns; blob id-b of 62 bytes, dispersed by validator-2 at 0.300 s, came "
            "back from validator-1 with other bytes, from 96 columns");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, BlobsAreRetrievable()),
                          "gives back every blob byte for byte");
  chain::MutableChainOf(record).blobs[2].workload = "others";
  EXPECT_THAT(record, BlobsAreRetrievable(Of("others")));
}

TEST(BlobsAreRetrievableTest, NeedsBlobsThatWereAskedFor) {
  RunRecord record = RecordWith({});
  EXPECT_EQ(Explain(BlobsAreRetrievable(), record),
            "in which there is nothing to judge: no blob was dispersed");
  chain::MutableChainOf(record).blobs = {Blob("a")};
  EXPECT_EQ(Explain(BlobsAreRetrievable(), record),
            "in which there is nothing to judge: no node was asked for any of 1 blob");
  record.sections.Erase("chain");
  EXPECT_THAT(Explain(BlobsAreRetrievable(), record), HasSubstr("the record has no chain"));
}

TEST(BlobsAreRetrievableTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(BlobsAreRetrievable()), "gives back every blob byte for byte");
  EXPECT_EQ(DescribeNot<RunRecord>(BlobsAreRetrievable(Of("x"))),
            "doesn't give back every blob of \"x\" byte for byte");
}

// ----- SamplingSucceeds -----

TEST(SamplingSucceedsTest, JudgesEachNode) {
  RecordBuilder builder(3);
  builder.Metric(0, "da_samples_verified_total", 40).Metric(0, "da_samples_failed_total", 0);
  builder.Metric(1, "da_samples_verified_total", 30).Metric(1, "da_samples_failed_total", 10);
  builder.Metric(2, "da_samples_verified_total", 0).Metric(2, "da_samples_failed_total", 0);
  const RunRecord record = builder.Build();
  EXPECT_THAT(record, SamplingSucceeds(Ge(0.75)));
  EXPECT_EQ(Explain(SamplingSucceeds(Ge(0.75)), record),
            "in which 70 of 80 columns that were asked for came");
  EXPECT_EQ(Explain(SamplingSucceeds(Ge(0.9)), record),
            "in which validator-1 had 0.75 of the columns that it asked for (30 of 40)");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(record, SamplingSucceeds(Ge(0.9))),
                          "samples so that on each node the fraction of the columns that came is "
                          ">= 0.9");
}

TEST(SamplingSucceedsTest, CountsAcrossRestarts) {
  RecordBuilder builder(3);
  builder.Metric(0, "da_samples_verified_total", 40).Metric(0, "da_samples_failed_total", 4);
  builder.Idle(1).Kill(0).Start(0);
  builder.Metric(0, "da_samples_verified_total", 10).Metric(0, "da_samples_failed_total", 4);
  builder.Idle(1).Kill(0).Start(0);
  builder.Metric(0, "da_samples_verified_total", 16).Metric(0, "da_samples_failed_total", 0);
  EXPECT_EQ(Explain(SamplingSucceeds(Ge(0.99)), builder.Build()),
            "in which validator-0 had 0.933 of the columns that it asked for (56 of 60)");
}

TEST(SamplingSucceedsTest, CannotBeToldByCountersThatFall) {
  RecordBuilder builder(3);
  builder.Metric(0, "da_samples_verified_total", 40).Metric(0, "da_samples_failed_total", 4);
  builder.Idle(1).Metric(0, "da_samples_failed_total", 0);
  EXPECT_EQ(
      Explain(SamplingSucceeds(Ge(0)), builder.Build()),
      "in which there is nothing to judge: da_samples_failed_total of validator-0 fell from 4 "
      "at 0.000 s to 0 at 0.200 s, though the node did not begin anew");
}

TEST(SamplingSucceedsTest, CannotBeToldByMetricsThatEnd) {
  RecordBuilder builder(3);
  builder.Metric(0, "da_samples_verified_total", 40).Metric(0, "da_samples_failed_total", 0);
  builder.Idle(200);
  EXPECT_THAT(Explain(SamplingSucceeds(Ge(0)), builder.Build()),
              HasSubstr("there is nothing to judge: validator-0, which was up, has no metrics from "
                        "0.000 s to 40.000 s"));
}

TEST(SamplingSucceedsTest, NeedsSamples) {
  RecordBuilder builder(3);
  builder.Grow(1).Metric(0, "da_samples_verified_total", 0);
  EXPECT_EQ(Explain(SamplingSucceeds(Ge(0)), builder.Build()),
            "in which there is nothing to judge: no node sampled any column");
  EXPECT_THAT(builder.Build(), Not(SamplingSucceeds(Ge(0))));
}

TEST(SamplingSucceedsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(SamplingSucceeds(Ge(0.9))),
            "samples so that on each node the fraction of the columns that came is >= 0.9");
  EXPECT_EQ(DescribeNot<RunRecord>(SamplingSucceeds(Ge(0.9))),
            "samples so that on a node the fraction of the columns that came isn't >= 0.9");
}

// ----- as text -----

TEST(DataAvailabilityTextTest, SaysTheSame) {
  const std::pair<const char*, std::string> forms[] = {
      {"IncludesInscriptions(Ge(0.8))", Describe<RunRecord>(IncludesInscriptions(Ge(0.8)))},
      {"IncludesBlobs(0.5, Of(\"blobs\"))", Describe<RunRecord>(IncludesBlobs(0.5, Of("blobs")))},
      {"BlobsAreRetrievable", Describe<RunRecord>(BlobsAreRetrievable())},
      {"BlobsAreRetrievable(Of(\"x\"))", Describe<RunRecord>(BlobsAreRetrievable(Of("x")))},
      {"SamplingSucceeds(Ge(0.9))", Describe<RunRecord>(SamplingSucceeds(Ge(0.9)))},
  };
  for (const auto& [text, description] : forms) {
    const auto parsed = ParseExpectation(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->name, description);
  }
  EXPECT_THAT(std::string(ParseExpectation("IncludesBlobs").status().message()),
              HasSubstr("IncludesBlobs needs a matcher of a number"));
}

}  // namespace
}  // namespace gtestnet::matching
