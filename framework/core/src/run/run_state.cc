// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/run_state.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/machine_limits.h"
#include "core/src/base/temporary_directory.h"
#include "core/src/run/tolerance.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

std::string& CauseOfThread() {
  thread_local std::string cause = "test";
  return cause;
}

// A step of the wall clock that no node would notice much: half a slot.
RunTime ToleranceOf(const BackendCluster& cluster) {
  const TopologySpec& topology = cluster.spec().topology;
  return std::max<RunTime>(topology.kind->PaceOf(topology).slot / 2, RunTime(50));
}

// A stop of this program that was so long breaks the run.
constexpr RunTime kTooLongStop{60000};

// What a record can hold: eleven days.
RunTime InRecord(RunTime by) {
  constexpr RunTime kMost{1'000'000'000};
  return std::clamp(by, -kMost, kMost);
}

// Where RunTime 0 is on the steady clock.
Clock::TimePoint StartOf(const BackendCluster& cluster, const Clock& clock) {
  return clock.Now() - std::chrono::duration_cast<Clock::TimePoint::duration>(
                           clock.WallNow() - cluster.chain_start());
}

}  // namespace

const std::string& CurrentCause() { return CauseOfThread(); }
ScopedCause::ScopedCause(std::string name) { CauseOfThread() = std::move(name); }
ScopedCause::~ScopedCause() { CauseOfThread() = "test"; }

RunContext::State::State(RunContext& context, BackendCluster& cluster, const Clock& clock)
    : context_(context),
      cluster_(cluster),
      clock_(clock),
      start_(StartOf(cluster, clock)),
      control_(cluster,
               {.now = [this] { return now(); },
                .record = [this](NodeEvent event) { Record(std::move(event)); },
                .check = [this]() -> absl::Status {
                  if (capabilities_.Contains(Capability::kNodeControl)) return absl::OkStatus();
                  return absl::FailedPreconditionError("this deployer has no node control");
                },
                .answered = [this](NodeSample sample) { TakeFirstAnswer(std::move(sample)); }}),
      watch_(clock, ToleranceOf(cluster)) {}

void RunContext::State::Close() {
  StopWorkloads();
  for (const auto& workload : running_) workload->Join();
  resources_.reset();
  std::unique_ptr<Observer> observer;
  std::lock_guard lock(mutex_);
  observer.swap(observer_);
}

RunTime RunContext::State::now() const { return TimeOf(clock_.Now()); }

void RunContext::State::Begin(std::unique_ptr<Observer> observer, RunTime at) {
  std::lock_guard lock(mutex_);
  observer_ = std::move(observer);
  begun_at_ = at;
  begun_ = true;
}

bool RunContext::State::begun() const {
  std::lock_guard lock(mutex_);
  return begun_;
}

RunTime RunContext::State::begun_at() const {
  std::lock_guard lock(mutex_);
  return begun_at_;
}

Observer* RunContext::State::observer() const {
  std::lock_guard lock(mutex_);
  return observer_.get();
}

void* RunContext::State::Part(std::type_index type,
                              const std::function<std::shared_ptr<void>()>& make) {
  std::lock_guard lock(parts_mutex_);
  auto it = parts_.find(type);
  if (it == parts_.end()) it = parts_.emplace(type, make()).first;
  return it->second.get();
}

void RunContext::State::Record(NodeEvent event) {
  std::lock_guard lock(mutex_);
  // Verbs are told when they are over, whenever they are dated. Whoever finds no change after this
  // has seen what he saw before it.
  const RunTime told = now();
  // (How it was when the run began is no change.)
  if (event.cause != "deployer") changed_at_[event.node] = told;
  const bool is_up = event.kind == NodeEventKind::kStarted ||
                     event.kind == NodeEventKind::kResumed || event.kind == NodeEventKind::kAdded;
  if (event.took.has_value() && !is_up) event.took = told - event.at;
  // In order of time, though a verb is told when it is over and dated when it began.
  auto place = std::upper_bound(events_.begin(), events_.end(), event,
                                [](const auto& a, const auto& b) { return a.at < b.at; });
  events_.insert(place, std::move(event));
}

std::vector<NodeEvent> RunContext::State::events() const {
  std::lock_guard lock(mutex_);
  return events_;
}

// As an observer's would be.
void RunContext::State::TakeFirstAnswer(NodeSample sample) {
  const TopologySpec& topology = cluster_.spec().topology;
  Snapshot snapshot = context_.snapshot();
  const auto i = static_cast<size_t>(sample.node);
  if (i < snapshot.nodes.size()) snapshot.nodes[i] = sample;
  std::string lacks = topology.kind->Behind(topology, sample, snapshot);
  if (!lacks.empty()) sample.words[kLacksWord] = std::move(lacks);
  std::lock_guard lock(mutex_);
  auto place = std::upper_bound(first_answers_.begin(), first_answers_.end(), sample,
                                [](const auto& a, const auto& b) { return a.at < b.at; });
  first_answers_.insert(place, std::move(sample));
}

std::vector<NodeSample> RunContext::State::first_answers() const {
  std::lock_guard lock(mutex_);
  return first_answers_;
}

absl::Status RunContext::State::WatchResources() {
  absl::StatusOr<std::unique_ptr<ResourceWatch>> watch =
      ResourceWatch::Start(cluster_, clock_,
                           {.now = [this] { return now(); },
                            .verbs = [this](NodeIndex node) { return control_.Verbs(node); },
                            .record = [this](NodeEvent event) { Record(std::move(event)); },
                            .give_up = [this](const absl::Status& why) { Break(why); }});
  if (!watch.ok()) return watch.status();
  resources_ = *std::move(watch);
  return absl::OkStatus();
}

std::vector<ResourceSample> RunContext::State::TakeResources() {
  if (!resources_) return {};
  resources_->Stop();
  std::vector<ResourceSample> samples = resources_->Samples();
  resources_.reset();
  return samples;
}

std::optional<RunTime> RunContext::State::ChangedAt(NodeIndex node) const {
  std::lock_guard lock(mutex_);
  const auto changed = changed_at_.find(node);
  return changed == changed_at_.end() ? std::nullopt : std::optional(changed->second);
}

void RunContext::State::ForgetStale(Snapshot& snapshot) const {
  std::lock_guard lock(mutex_);
  for (NodeSample& sample : snapshot.nodes) {
    const auto changed = changed_at_.find(sample.node);
    if (changed == changed_at_.end() || sample.at > changed->second) continue;
    sample = NodeSample{.at = sample.at, .node = sample.node};
    snapshot.unseen.push_back(sample.node);
  }
}

std::optional<RunTime> RunContext::State::CameUp(NodeIndex node) const {
  std::lock_guard lock(mutex_);
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    const bool up = event->kind == NodeEventKind::kStarted ||
                    event->kind == NodeEventKind::kResumed || event->kind == NodeEventKind::kAdded;
    if (up && event->node == node) return event->at;
  }
  return std::nullopt;
}

void RunContext::State::Record(FaultRecord fault) {
  std::lock_guard lock(mutex_);
  auto place = std::upper_bound(faults_.begin(), faults_.end(), fault,
                                [](const auto& a, const auto& b) { return a.at < b.at; });
  faults_.insert(place, std::move(fault));
}

std::vector<FaultRecord> RunContext::State::faults() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

void RunContext::State::Record(Operation operation) {
  if (operation.workload.empty()) operation.workload = CurrentCause();
  // Asked for the nodes only where that may matter: there are many operations.
  const size_t nodes = operation.node < 0 ? 0 : cluster_.nodes().size();
  if (const std::string wrong = Contradiction(operation, nodes); !wrong.empty()) {
    std::ostringstream words;
    words << operation;
    return BreakBy(absl::InvalidArgumentError(absl::StrCat(
        "workload ", operation.workload, " recorded what cannot be: ", wrong, ": ", words.str())));
  }
  std::lock_guard lock(mutex_);
  // In order of their beginning, though they are told when they are over.
  auto place = std::upper_bound(operations_.begin(), operations_.end(), operation,
                                [](const auto& a, const auto& b) { return a.begun < b.begun; });
  operations_.insert(place, std::move(operation));
}

std::vector<Operation> RunContext::State::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

absl::Status RunContext::State::Hold(const std::vector<NodeIndex>& nodes, Keep keep) {
  std::lock_guard lock(held_mutex_);
  std::set<NodeIndex> down = held_;
  for (const NodeInfo& node : cluster_.nodes()) {
    if (!cluster_.IsUp(node.index)) down.insert(node.index);
  }
  for (NodeIndex node : nodes) {
    if (!down.insert(node).second) {
      return absl::FailedPreconditionError(
          absl::StrCat("node ", node, " is down already, or held by another workload"));
    }
  }
  const std::string violation = Tolerance(cluster_.spec().topology).Violation(down, keep);
  if (!violation.empty()) return absl::FailedPreconditionError(violation);
  held_.insert(nodes.begin(), nodes.end());
  return absl::OkStatus();
}

void RunContext::State::Release(const std::vector<NodeIndex>& nodes) {
  std::lock_guard lock(held_mutex_);
  for (NodeIndex node : nodes) held_.erase(node);
}

std::optional<std::vector<FaultRecord>> RunContext::State::ReplayOf(
    std::string_view workload) const {
  if (replay_ == nullptr) return std::nullopt;
  std::vector<FaultRecord> faults;
  for (const FaultRecord& fault : replay_->faults) {
    if (fault.workload != workload) continue;
    faults.push_back(fault);
    faults.back().at += begun_at() - replay_->begun;
  }
  return faults;
}

void RunContext::State::HandleExit(const NodeExit& exit) {
  const RunTime at = now();
  std::string log;
  for (const NodeInfo& node : cluster_.nodes()) {
    if (node.index == exit.node) log = node.log;
  }
  std::string detail = exit.how;
  if (!exit.last_lines.empty()) absl::StrAppend(&detail, "\n", exit.last_lines);
  Record(NodeEvent{at, exit.node, NodeEventKind::kExited, "", std::move(detail)});
  if (!exit.backend.empty()) {
    return BreakBy(absl::UnavailableError(
        absl::StrCat(exit.backend, ": ", exit.name, " is gone (", exit.how, "), ", InSeconds(at),
                     " after the start; that is no fault of the node")));
  }
  BreakBy(absl::AbortedError(absl::StrCat(
      exit.name, " exited though nobody asked it to: ", exit.how, ", ", InSeconds(at),
      " after the start", log.empty() ? "" : absl::StrCat("; log: ", log),
      exit.last_lines.empty() ? "" : absl::StrCat("; its last lines:\n", exit.last_lines))));
}

std::string RunContext::State::WhatIsDown() const {
  std::map<NodeIndex, NodeEvent> last;
  for (NodeEvent& event : events()) last[event.node] = std::move(event);
  std::string words;
  for (const NodeInfo& node : cluster_.nodes()) {
    if (cluster_.IsUp(node.index)) continue;
    absl::StrAppend(&words, words.empty() ? "; at that moment " : ", ", node.name, " was down");
    auto event = last.find(node.index);
    if (event == last.end() || event->second.cause.empty()) continue;
    absl::StrAppend(&words, " (", std::string(ToString(event->second.kind)), " by ",
                    event->second.cause, " at ", InSeconds(event->second.at), ")");
  }
  return words;
}

bool RunContext::State::Note(const ClockEvent& event, bool breaks) {
  std::ostringstream words;
  words << event;
  {
    std::lock_guard lock(mutex_);
    clock_events_.push_back(event);
  }
  if (!breaks) return false;
  const bool stopped = event.kind == ClockEventKind::kStopped;
  return SetBroken(absl::AbortedError(absl::StrCat(
      words.str(),
      stopped ? ": it was stopped, or frozen, or the machine had no time for it; what nodes did "
                "meanwhile is not judged"
              : "; nodes count slots by that clock, so that nothing of this run is judged: run it "
                "again, with nothing that sets the clock")));
}

void RunContext::State::LookAtClock() {
  {
    // Held until the run is broken, so that no other reason gets between.
    std::lock_guard lock(watch_mutex_);
    const std::optional<ClockJump> jump = watch_.Look();
    if (!jump.has_value()) return;
    ClockEvent event;
    event.since = TimeOf(jump->since);
    event.at = TimeOf(jump->at);
    event.kind = jump->was_suspended() ? ClockEventKind::kSuspended : ClockEventKind::kSet;
    event.by = InRecord(jump->was_suspended() ? jump->slept : jump->by);
    if (!Note(event, /*breaks=*/true)) return;
  }
  broken_source_.request_stop();
}

Clock::TimePoint::duration RunContext::State::NoteAwakening(Clock::TimePoint until,
                                                            Clock::TimePoint now) {
  const Clock::TimePoint::duration stood_still = StoodStill(until, now);
  if (stood_still == stood_still.zero()) return stood_still;
  const auto late = std::chrono::floor<RunTime>(stood_still);
  const ClockEvent event{TimeOf(until), TimeOf(now), ClockEventKind::kStopped, InRecord(late)};
  if (Note(event, late >= Scaled(kTooLongStop))) broken_source_.request_stop();
  return stood_still;
}

std::vector<ClockEvent> RunContext::State::clock_events() const {
  std::lock_guard lock(mutex_);
  return clock_events_;
}

void RunContext::State::Break(absl::Status why) {
  if (why.ok()) return;
  if (const absl::Status health = cluster_.Health(); !health.ok()) {
    why = absl::UnavailableError(
        absl::StrCat(std::string(health.message()),
                     ", so this may be no fault of a node: ", std::string(why.message())));
  }
  BreakBy(std::move(why));
}

void RunContext::State::BreakBy(absl::Status why) {
  if (why.ok()) return;
  LookAtClock();
  if (SetBroken(std::move(why))) broken_source_.request_stop();
}

bool RunContext::State::SetBroken(absl::Status why) {
  if (!broken().ok()) return false;
  why = Explained(why, {.directory = TemporaryDirectory().value_or("/tmp")});
  std::lock_guard lock(mutex_);
  if (!broken_.ok()) return false;
  broken_ = std::move(why);
  return true;
}

absl::Status RunContext::State::broken() const {
  std::lock_guard lock(mutex_);
  return broken_;
}

std::string RunContext::State::Register(std::shared_ptr<RunningWorkload> workload,
                                        std::string name) {
  std::lock_guard lock(mutex_);
  if (name.empty()) name = "workload";
  std::string unique = name;
  for (int n = 2; FindWorkload(unique) != nullptr; ++n) unique = absl::StrCat(name, "-", n);
  workload_records_.emplace_back().name = unique;
  running_.push_back(std::move(workload));
  return unique;
}

bool RunContext::State::takes_workloads() const {
  std::lock_guard lock(mutex_);
  return takes_workloads_;
}

WorkloadRecord* RunContext::State::FindWorkload(const std::string& name) {
  for (WorkloadRecord& record : workload_records_) {
    if (record.name == name) return &record;
  }
  return nullptr;
}

void RunContext::State::Started(const std::string& name) {
  const RunTime at = now();
  std::lock_guard lock(mutex_);
  if (WorkloadRecord* record = FindWorkload(name)) record->started = record->stopped = at;
}

void RunContext::State::Acted(const std::string& name, int64_t times) {
  std::lock_guard lock(mutex_);
  if (WorkloadRecord* record = FindWorkload(name)) record->actions += times;
}

void RunContext::State::Plan(const std::string& name, std::string words) {
  std::lock_guard lock(mutex_);
  if (WorkloadRecord* record = FindWorkload(name)) record->plan = std::move(words);
}

void RunContext::State::Owed(const std::string& name, int64_t due, Numbers left_out,
                             double at_least, std::string what) {
  std::lock_guard lock(mutex_);
  WorkloadRecord* const record = FindWorkload(name);
  if (record == nullptr) return;
  record->due = due;
  record->left_out = std::move(left_out);
  record->at_least = at_least;
  record->owes = std::move(what);
}

void RunContext::State::Stopped(const std::string& name, const absl::Status& status) {
  const RunTime at = now();
  std::lock_guard lock(mutex_);
  WorkloadRecord* record = FindWorkload(name);
  if (record == nullptr) return;
  record->stopped = at;
  if (!status.ok() && record->error.empty()) record->error = std::string(status.message());
}

void RunContext::State::StopWorkloads() {
  std::vector<std::shared_ptr<RunningWorkload>> running;
  {
    std::lock_guard lock(mutex_);
    takes_workloads_ = false;
    running = running_;
  }
  for (const auto& workload : running) workload->RequestStop();
  // An error is in the record and has broken the run already.
  for (const auto& workload : running) (void)workload->Stop();
}

std::vector<WorkloadRecord> RunContext::State::workloads() const {
  std::lock_guard lock(mutex_);
  return workload_records_;
}

}  // namespace gtestnet
