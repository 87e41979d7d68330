// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_WORKLOAD_H_
#define GTESTNET_WORKLOAD_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/random.h"
#include "gtestnet/record.h"
#include "gtestnet/topology.h"

namespace gtestnet {

class RunContext;

// How nodes came back; see WorkloadRun::AwaitRecovery.
struct Recovery {
  // From each node's coming up until it had recovered, in the order of the nodes that were asked
  // for. Nothing: it had not.
  std::vector<std::optional<RunTime>> took = {};
  // kDeadlineExceeded for those that had not in time: what each was seen to lack, and where its log
  // is. OK where the workload was told to stop meanwhile.
  absl::Status status = {};
};

// What a workload's function sees while it drives. Used by its own thread only.
class WorkloadRun {
 public:
  WorkloadRun(RunContext& context, std::string name, std::stop_token stop);

  RunContext& context() { return context_; }
  const std::string& name() const { return name_; }
  bool stop_requested() const { return stop_.stop_requested(); }
  const std::stop_token& stop_token() const { return stop_; }
  // Waits so long, or until the workload is to stop: false then.
  bool SleepFor(std::chrono::nanoseconds duration);
  // A stream of its own: it depends on the run's seed and the workload's name.
  Random& random() { return random_; }
  // Counts an act of its kind. A workload that never acted fails the run: it is no evidence.
  void Acted(int64_t times = 1);
  // The schedule in words, for the record.
  void Plan(std::string words);
  // What the plan owed in the time that it ran, and how many of those were not even begun, by the
  // reason: {"no node was healthy", 12}. Fractions are of what was owed, and the run fails unless
  // acts are at least the fraction `at_least` of it. `what` is of what, in a word: "blobs"; where
  // expectations ask for these, what was not begun counts against. Called when the workload ends.
  void Owed(int64_t due, Numbers left_out = {}, double at_least = 0, std::string what = {});

  // Waits until the nodes have recovered, all of them at once: until each answers and its kind says
  // that it lacks nothing (NodeKind::Behind). At most `within` from now on, stretched by
  // GTESTNET_TIMEOUT_SCALE. A workload that takes nodes down calls it when the last of them is up
  // again:
  //
  //   absl::Status status = run.context().node_control().Start(node);
  //   const Recovery recovery = run.AwaitRecovery({node}, Blocks(30));
  //   fault.recovered_after = recovery.took[0];
  //   run.context().Record(std::move(fault));
  //   status.Update(recovery.status);
  //
  // Times count from when a node came up by the record (Start or Resume returned, or Add), else
  // from now on.
  [[nodiscard]] Recovery AwaitRecovery(const std::vector<NodeIndex>& nodes, Timespan within);
  // Whether the run broke: what fails from then on may be its consequence.
  bool run_broke() const;

 private:
  RunContext& context_;
  std::string name_;
  std::stop_token stop_;
  Random random_;
};

struct WorkloadOptions {
  std::string name = {};
  // Checked before anything starts.
  Capabilities required = {};
  // The longest that Stop waits for the function to return. Default 30 s.
  std::chrono::milliseconds stop_timeout{30000};
};

// Drives traffic or faults while it lives: a scoped guard around a thread. Workloads of your own
// are made like ours:
//
//   Workload pings(cluster(), {.name = "pings"}, [](WorkloadRun& run) -> absl::Status {
//     while (run.SleepFor(100ms)) {
//       if (absl::Status s = Ping(run.context()); !s.ok()) return s;
//       run.Acted();
//     }
//     return absl::OkStatus();
//   });
//
// The function runs on a thread of its own. It returns OK when it is done or was told to stop; an
// error breaks the run, which RunFor reports. What it did, it undoes before it returns.
// The constructor never fails: what is wrong with the options is the run's error, too.
// The context must outlive it. Not thread-safe.
class Workload {
 public:
  using Drive = std::function<absl::Status(WorkloadRun&)>;

  Workload(RunContext& context, WorkloadOptions options, Drive drive);
  // Stop()s; a failure becomes the run's error.
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  const std::string& name() const;
  // Asks the function to return and waits for it. Idempotent; the run does it too at its end.
  absl::Status Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// A workload as data: what a Scenario holds. `start` makes the very guard that a test body would.
struct WorkloadSpec {
  std::string name = {};
  Capabilities required = {};
  std::function<std::unique_ptr<Workload>(RunContext&)> start = {};
};

}  // namespace gtestnet

#endif  // GTESTNET_WORKLOAD_H_
