// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_DATA_AVAILABILITY_WORKLOAD_H_
#define GTESTNET_NOMOS_DATA_AVAILABILITY_WORKLOAD_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet::nomos {

// Sizes of data in bytes, both included. Only multiples of 31 are possible, up to 126,976.
struct PayloadRange {
  int64_t min = 31;
  int64_t max = 992;
};

// Blobs on channels, at a steady rate.
struct DataAvailabilityOptions {
  // Channels opened per mean block interval, each by an inscription, all the while. Positive.
  double channel_rate = 1;
  // Blobs dispersed per mean block interval, over all channels. Positive.
  double blob_rate = 1;
  // Each blob's size is drawn from this.
  PayloadRange payload = {};
  // Beyond the channels that the rate of blobs needs, so many percent more are opened at the start,
  // so that one that is held up holds up no blob.
  int headroom = 20;
  // What the cluster may spend on blobs. A blob costs half a core second; a rate that costs more
  // than this would hold up blocks, and is refused.
  double cores = 1;
  // At least this fraction of the blobs that were due in its time must be dispersed, 0 to 1, or the
  // run fails: what was refused, and what was not sent for want of an executor or of a channel,
  // counts against.
  double taken = 0.95;
  std::string name = "data_availability";
};

// Opens channels and disperses blobs of random data to executors for as long as it lives. The loop
// is open: once the first channel is there, which must be within twelve block intervals, submission
// times are set by the schedule. The blobs of
// a channel are linked by their parents; executors that are down are passed over, and a channel
// whose last message was lost is replaced. Every channel and blob is in the record; after the drain
// the run asks a node for each blob that was dispersed, which BlobsAreRetrievable judges.
//
//   DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 1, .blob_rate = 2});
class DataAvailabilityWorkload : public Workload {
 public:
  explicit DataAvailabilityWorkload(RunContext& context, DataAvailabilityOptions options = {});
};

// What can be said of the options before a cluster is there: rates, sizes, executors, and what the
// blobs cost.
absl::Status Validate(const DataAvailabilityOptions& options, const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_DATA_AVAILABILITY_WORKLOAD_H_
