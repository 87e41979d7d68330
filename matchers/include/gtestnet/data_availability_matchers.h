// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_DATA_AVAILABILITY_MATCHERS_H_
#define GTESTNET_DATA_AVAILABILITY_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {

// All are over a RunRecord, of a run with a DataAvailabilityWorkload. `workload` names the one that
// is meant; by default all are. "Included" means: in the chain that most nodes have at the end,
// final or not. A record without what is judged has nothing to judge and does not match.

// Matches if the fraction of the channels' first messages that were included matches `inner`; one
// that a node refused counts as not included.
//
//   ExpectAtTearDown(IncludesInscriptions(Ge(0.8)));
class IncludesInscriptionsMatcher {
 public:
  using is_gtest_matcher = void;
  explicit IncludesInscriptionsMatcher(testing::Matcher<double> inner, std::string workload = "");
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<double> inner_;
  std::string workload_;
};
[[nodiscard]] IncludesInscriptionsMatcher IncludesInscriptions(testing::Matcher<double> inner,
                                                               std::string workload = "");

// The same of the blobs: the fraction of those that an executor was to disperse whose transaction
// was included.
//
//   ExpectAtTearDown(IncludesBlobs(Ge(0.9)));
class IncludesBlobsMatcher {
 public:
  using is_gtest_matcher = void;
  explicit IncludesBlobsMatcher(testing::Matcher<double> inner, std::string workload = "");
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<double> inner_;
  std::string workload_;
};
[[nodiscard]] IncludesBlobsMatcher IncludesBlobs(testing::Matcher<double> inner,
                                                 std::string workload = "");

// Matches if every blob that was dispersed, and that is not older than columns are kept, came back
// byte for byte when a node was asked for it after the drain.
class BlobsAreRetrievableMatcher {
 public:
  using is_gtest_matcher = void;
  explicit BlobsAreRetrievableMatcher(std::string workload = "");
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string workload_;
};
[[nodiscard]] BlobsAreRetrievableMatcher BlobsAreRetrievable(std::string workload = "");

// Matches if, on each node that sampled, the fraction of the columns that it asked others for that
// came and were right matches `inner` (by the nodes' metrics da_samples_verified_total and
// da_samples_failed_total, across restarts). A node that is down, or that withholds or spoils
// columns, makes others' samples fail; what matters to a blob is told by IncludesBlobs.
//
//   ExpectAtTearDown(SamplingSucceeds(Ge(0.95)));
class SamplingSucceedsMatcher {
 public:
  using is_gtest_matcher = void;
  explicit SamplingSucceedsMatcher(testing::Matcher<double> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<double> inner_;
};
[[nodiscard]] SamplingSucceedsMatcher SamplingSucceeds(testing::Matcher<double> inner);

}  // namespace gtestnet

#endif  // GTESTNET_DATA_AVAILABILITY_MATCHERS_H_
