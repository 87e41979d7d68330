// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_DATA_AVAILABILITY_MATCHERS_H_
#define GTESTNET_NOMOS_DATA_AVAILABILITY_MATCHERS_H_

#include <gmock/gmock.h>

#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/record.h"

namespace gtestnet::nomos {

// All are over a RunRecord, of a run with a DataAvailabilityWorkload. "Included" means: in the
// chain that most nodes have at the end, final or not. A record without what is judged has nothing
// to judge and does not match.

// Matches if the fraction of the channels' first messages that were included matches `inner`; one
// that a node refused counts as not included.
//
//   ExpectAtTearDown(IncludesInscriptions(Ge(0.8)));
[[nodiscard]] RunMatcher IncludesInscriptions(testing::Matcher<double> inner, Of of = {});

// The same of the blobs: the fraction of those that an executor was to disperse whose transaction
// was included.
//
//   ExpectAtTearDown(IncludesBlobs(Ge(0.9)));
//   ExpectAtTearDown(IncludesBlobs(Ge(0.9), Of("blobs")));
[[nodiscard]] RunMatcher IncludesBlobs(testing::Matcher<double> inner, Of of = {});

// Matches if every blob that was dispersed, and that is not older than columns are kept, came back
// byte for byte when a node was asked for it after the drain.
[[nodiscard]] RunMatcher BlobsAreRetrievable(Of of = {});

// Matches if, on each node that sampled, the fraction of the columns that it asked others for that
// came and were right matches `inner` (by the nodes' metrics da_samples_verified_total and
// da_samples_failed_total, across restarts). A node that is down, or that withholds or spoils
// columns, makes others' samples fail; what matters to a blob is told by IncludesBlobs.
//
//   ExpectAtTearDown(SamplingSucceeds(Ge(0.95)));
[[nodiscard]] RunMatcher SamplingSucceeds(testing::Matcher<double> inner);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_DATA_AVAILABILITY_MATCHERS_H_
