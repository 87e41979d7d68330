// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_DATA_AVAILABILITY_DRIVER_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_DATA_AVAILABILITY_DRIVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/da_client.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/run_context.h"
#include "nomos/src/workload/channel_book.h"
#include "nomos/src/workload/transaction_driver.h"

namespace gtestnet::nomos {

// How the driver talks to nodes.
struct DataAvailabilityPort {
  std::function<absl::Status(const NodeInfo&, const SignedTransaction&)> submit;
  // The blob's id.
  std::function<absl::StatusOr<std::string>(const NodeInfo&, const BlobMessage&)> disperse;
};
// By HTTP.
DataAvailabilityPort MakeDataAvailabilityPort(std::chrono::milliseconds submit_timeout,
                                              std::chrono::milliseconds disperse_timeout);

// Channels that are opened at the start.
int64_t FirstChannels(const DataAvailabilityOptions& options);

// Drives a DataAvailabilityWorkload.
class DataAvailabilityDriver {
 public:
  // `senders` threads disperse, so that a dispersal that takes long holds up no other.
  DataAvailabilityDriver(WorkloadRun& run, DataAvailabilityOptions options,
                         DataAvailabilityPort port, int senders);

  // Until the workload is to stop.
  absl::Status Run();

 private:
  struct Counts {
    int64_t channels = 0, channels_refused = 0;
    int64_t dispersed = 0, refused = 0, without_channel = 0, without_node = 0;
  };

  // Opens the channels that are due, and others for those that were given up.
  void OpenChannels(std::stop_token stop);
  absl::Status OpenChannel(int64_t number);
  void Settle();
  void Send(std::stop_token stop, TransactionSchedule schedule);
  // False for one that is due after the end, and when too much time has gone by since.
  bool IsStillToSend(Clock::TimePoint due) const;
  void DisperseNext(int64_t number);
  void Conclude(chain::BlobRecord record, const ChannelBook::Place& place,
                const absl::StatusOr<std::string>& id);
  std::string DataOf(int64_t number) const;
  // Of this role, or all for an empty one.
  std::vector<NodeInfo> HealthyNodes(std::string_view role) const;
  std::string Words() const;
  // What this program did not do while it did not run itself, as it was stopped or starved, it does
  // not owe. A sleep was to end at `until`. Of Run's thread, as all of these.
  void NoteStandstill(Clock::TimePoint until);
  // Tells the run what was due until `now`.
  void TellDebt(Clock::TimePoint now);
  // Blobs that were due before any channel was open, though it should have been.
  int64_t LateBlobs(Clock::TimePoint now) const;

  WorkloadRun& run_;
  RunContext& context_;
  const DataAvailabilityOptions options_;
  const DataAvailabilityPort port_;
  const int senders_;
  const std::chrono::nanoseconds block_;  // the mean block interval
  const Random random_;
  const TransactionSchedule channel_schedule_;
  const std::chrono::duration<double, std::nano> blob_interval_;
  // Of the blobs, once a channel is open. These three are of Run's thread.
  std::optional<TransactionSchedule> blob_schedule_;
  int64_t while_stopped_ = 0;                     // due while this program did not run
  Clock::TimePoint::duration stopped_before_{0};  // for how long it did not, before that

  mutable std::mutex mutex_;
  ChannelBook book_;
  int64_t next_blob_ = 0;
  int64_t next_channel_ = 0;  // used by one thread
  int64_t due_channels_ = 0;  // of the schedule
  Counts counts_;
  std::optional<Clock::TimePoint> ended_at_;  // when it was to stop
  absl::Status failure_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_DATA_AVAILABILITY_DRIVER_H_
