// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_RUN_STATE_H_
#define GTESTNET_CORE_SRC_RUN_RUN_STATE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "core/src/base/clock_watch.h"
#include "core/src/run/recording_control.h"
#include "core/src/run/resource_watch.h"
#include "gtestnet/run_context.h"

namespace gtestnet {

// A workload as its run sees it.
class RunningWorkload {
 public:
  virtual ~RunningWorkload() = default;
  virtual void RequestStop() = 0;
  virtual absl::Status Stop() = 0;
  // Waits for its thread, however long that takes.
  virtual void Join() = 0;
};

// The name of the workload whose thread calls, or "test".
const std::string& CurrentCause();
// For the thread of a workload, as long as it lives.
class ScopedCause {
 public:
  explicit ScopedCause(std::string name);
  ~ScopedCause();
  ScopedCause(const ScopedCause&) = delete;
  ScopedCause& operator=(const ScopedCause&) = delete;
};

// What a run knows besides its observer. Thread-safe.
class RunContext::State {
 public:
  State(RunContext& context, BackendCluster& cluster, const Clock& clock);
  // Ends all threads of the run; waits for those of workloads that did not stop in time.
  void Close();

  BackendCluster& cluster() const { return cluster_; }
  NodeControl& control() { return control_; }
  const RecordingControl& recording_control() const { return control_; }
  RunTime now() const;

  void set_capabilities(Capabilities capabilities) { capabilities_ = capabilities; }
  Capabilities capabilities() const { return capabilities_; }

  // ----- capture -----
  // `at`: when the observer began to watch.
  void Begin(std::unique_ptr<Observer> observer, RunTime at);
  bool begun() const;
  RunTime begun_at() const;
  // Null before Begin.
  Observer* observer() const;
  // Made by `make` unless there is one.
  void* Part(std::type_index type, const std::function<std::shared_ptr<void>()>& make);

  void Record(NodeEvent event);
  void Record(FaultRecord fault);
  void Record(Operation operation);
  std::vector<NodeEvent> events() const;
  // When the last event of the node was recorded; nothing if there was none.
  std::optional<RunTime> ChangedAt(NodeIndex node) const;
  // Takes out of it what was seen of nodes before their last event.
  void ForgetStale(Snapshot& snapshot) const;
  // When the node came up last: its start, resumption or addition; nothing if there was none.
  std::optional<RunTime> CameUp(NodeIndex node) const;
  std::vector<FaultRecord> faults() const;
  std::vector<Operation> operations() const;
  // For a message: "; at that moment member-2 was down (killed by kills at 1.2 s)", or "".
  std::string WhatIsDown() const;
  void HandleExit(const NodeExit& exit);
  // What nodes answered first after verbs that brought them up, in order of time.
  std::vector<NodeSample> first_answers() const;
  // What nodes use, and whether one was restarted unasked, is watched from now on, until it is
  // taken.
  absl::Status WatchResources();
  std::vector<ResourceSample> TakeResources();

  // ----- faults -----
  absl::Status Hold(const std::vector<NodeIndex>& nodes, Keep keep);
  void Release(const std::vector<NodeIndex>& nodes);
  void set_replay(std::shared_ptr<const RunRecord> record) { replay_ = std::move(record); }
  std::optional<std::vector<FaultRecord>> ReplayOf(std::string_view workload) const;

  // ----- the machine's clock -----
  // Breaks the run when the wall clock has jumped or the machine was suspended since the last call:
  // what came of it is no node's fault.
  void LookAtClock();
  // A sleep that was to end at `until` ended at `now`: the program did not run in between. Noted if
  // that was long; breaks the run if it was so long that nobody can tell what nodes did meanwhile.
  // Returns for how long, by which whoever waits waits longer.
  Clock::TimePoint::duration NoteAwakening(Clock::TimePoint until, Clock::TimePoint now);
  std::vector<ClockEvent> clock_events() const;

  // ----- breaking -----
  // The first reason counts; a clock that has jumped comes before what it may have caused.
  void Break(absl::Status why);
  // The same of a cause that is known, whether the backend answers or not.
  void BreakBy(absl::Status why);
  absl::Status broken() const;
  // Requested when the run breaks.
  std::stop_token broken_token() const { return broken_source_.get_token(); }

  // ----- workloads -----
  // Returns the name by which the workload goes: a second "x" is "x-2".
  std::string Register(std::shared_ptr<RunningWorkload> workload, std::string name);
  // False once the run does not take workloads any more.
  bool takes_workloads() const;
  void Started(const std::string& name);
  void Acted(const std::string& name, int64_t times);
  void Plan(const std::string& name, std::string words);
  void Owed(const std::string& name, int64_t due, Numbers left_out, double at_least,
            std::string what);
  void Stopped(const std::string& name, const absl::Status& status);
  // Asks all to stop, then waits for each. Later ones are refused.
  void StopWorkloads();
  std::vector<WorkloadRecord> workloads() const;

 private:
  WorkloadRecord* FindWorkload(const std::string& name);
  void TakeFirstAnswer(NodeSample sample);
  // False if there is a reason already. The caller requests the stop, with no lock held.
  bool SetBroken(absl::Status why);
  // Records it; with `breaks` that is a reason, and this what SetBroken returns.
  bool Note(const ClockEvent& event, bool breaks);
  RunTime TimeOf(Clock::TimePoint at) const { return std::chrono::floor<RunTime>(at - start_); }

  RunContext& context_;
  BackendCluster& cluster_;
  const Clock& clock_;
  const Clock::TimePoint start_;  // RunTime 0
  Capabilities capabilities_ = Capability::kNodeControl;
  RecordingControl control_;

  mutable std::mutex mutex_;
  std::unique_ptr<Observer> observer_;
  RunTime begun_at_{0};
  bool begun_ = false;
  bool takes_workloads_ = true;
  absl::Status broken_;
  std::stop_source broken_source_;
  std::vector<NodeEvent> events_;
  std::vector<NodeSample> first_answers_;
  std::map<NodeIndex, RunTime> changed_at_;
  std::vector<FaultRecord> faults_;
  std::vector<Operation> operations_;
  std::vector<ClockEvent> clock_events_;
  std::vector<WorkloadRecord> workload_records_;
  std::vector<std::shared_ptr<RunningWorkload>> running_;
  std::shared_ptr<const RunRecord> replay_;

  // Held while one is made, which may ask for another.
  std::recursive_mutex parts_mutex_;
  std::map<std::type_index, std::shared_ptr<void>> parts_;

  std::mutex watch_mutex_;
  ClockWatch watch_;

  std::mutex held_mutex_;
  std::set<NodeIndex> held_;

  std::unique_ptr<ResourceWatch> resources_;  // uses the rest
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_RUN_STATE_H_
