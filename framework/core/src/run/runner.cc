// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/record/contradiction.h"
#include "core/src/run/bundle.h"
#include "core/src/run/closing.h"
#include "core/src/run/log_watch.h"
#include "core/src/run/nothing_expected.h"
#include "core/src/run/run_state.h"
#include "gtestnet/preparation.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWatchInterval{50};
constexpr milliseconds kAwaitInterval{10};
// For nodes to answer what the run asks them first.
constexpr milliseconds kFirstPicture{1000};
// For the events of nodes that have just come up or gone down.
constexpr milliseconds kEventPatience{2000};
// Clusters tell of the loss of a backend before this.
constexpr milliseconds kBackendPatience{40000};
constexpr milliseconds kProgressInterval{250};

// Why it is no picture of the nodes as they are; "" if it is one.
std::string Unseen(const Snapshot& snapshot) {
  std::string words;
  for (const NodeIndex node : snapshot.unseen) {
    const auto i = static_cast<size_t>(node);
    const std::string name =
        i < snapshot.names.size() ? snapshot.names[i] : absl::StrCat("node ", node);
    absl::StrAppend(&words, words.empty() ? "" : "; ", name,
                    " was not seen since something was last done to it");
  }
  return words;
}

std::string Seconds(Clock::TimePoint::duration d) {
  return absl::StrCat(std::chrono::duration_cast<milliseconds>(d).count() / 1000.0, " s");
}

std::unique_ptr<RunContext> MakeContext(BackendCluster& cluster, const RunnerOptions& options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : RealClock();
  if (options.context) return options.context(cluster, clock);
  return std::make_unique<RunContext>(cluster, clock);
}

}  // namespace

class Runner::Impl {
 public:
  Impl(std::unique_ptr<BackendCluster> own, BackendCluster* cluster, RunnerOptions options,
       std::optional<Scenario> scenario)
      : own_(std::move(own)),
        cluster_(cluster != nullptr ? *cluster : *own_),
        options_(std::move(options)),
        scenario_(std::move(scenario)),
        bundle_(BundlePath(options_.test_name, cluster_.spec().run_id)),
        context_owner_(MakeContext(cluster_, options_)),
        context_(*context_owner_) {
    state().set_capabilities(options_.capabilities);
    state().set_replay(options_.replay);
    cluster_.NameLogs(bundle_);
  }

  ~Impl() {
    logs_.reset();
    state().StopWorkloads();
    workloads_.clear();
    cluster_.OnExit(nullptr);
    cluster_.NameLogs("");
  }

  absl::Status Begin();
  // What starts with the run finds a picture of the nodes that are up.
  void AwaitFirstPicture();
  void Start(const WorkloadSpec& spec);
  absl::Status RunFor(Timespan duration);
  absl::Status Await(const std::function<std::string(const Snapshot&)>& condition, Timespan within);
  absl::Status Finish();
  const std::vector<VerdictRecord>& Judge();
  absl::StatusOr<RunReport> Run();
  absl::StatusOr<std::string> WriteBundle() const {
    const absl::Status written = gtestnet::WriteBundle(record_, cluster_, bundle_, options_.rerun);
    if (!written.ok()) return written;
    return bundle_;
  }
  absl::Status TearDown(bool keep) {
    cluster_.OnExit(nullptr);
    return own_ ? own_->TearDown(keep) : absl::OkStatus();
  }

  void KeepBundle(Preserve when) { options_.bundle = when; }
  RunContext& context() { return context_; }
  RunContext::State& state() { return *context_.state_; }
  BackendCluster& cluster() { return cluster_; }
  RunRecord& record() { return record_; }

  std::vector<RunExpectation> expectations;
  std::vector<StandingExpectation> standing;
  std::vector<std::string> allowed;
  std::function<void(const Snapshot&)> on_progress;
  std::function<void(const RunRecord&)> on_judged;

 private:
  const Clock& clock() const { return context_.clock(); }
  // Waits until `done` says so (true) or `end` has come (false). Fails when the run breaks or its
  // deadline passes. `what` is what a message calls the wait.
  absl::StatusOr<bool> WaitUntil(Clock::TimePoint end, milliseconds interval,
                                 const std::string& what,
                                 const std::function<bool(const Snapshot&)>& done);
  // The latest of the nodes, and what they logged since it was last asked for.
  Snapshot NextSnapshot();
  // Each new snapshot, once.
  void Look(const Snapshot& snapshot);
  void Watch(const Snapshot& snapshot);
  void Drain();
  // A backend that does not answer may be about to come back; else the run is broken by that.
  void AwaitBackend();
  void CloseRecord();
  // How the nodes are, and the events by which they are so: an exit is told a little later.
  void TakeNodesAndEvents();
  absl::Status Abandon(absl::Status why);

  std::unique_ptr<BackendCluster> own_;
  BackendCluster& cluster_;
  RunnerOptions options_;
  std::optional<Scenario> scenario_;
  const std::string bundle_;
  const std::unique_ptr<RunContext> context_owner_;
  RunContext& context_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  RunRecord record_;
  std::unique_ptr<LogWatch> logs_;  // null until the run begins
  bool finished_ = false;
  bool judged_ = false;
  std::vector<SnapshotWatch> watches_;  // of the expectations, in order, as far as there are any
  std::vector<NodeSample> last_seen_;
  Clock::TimePoint next_progress_{};
};

absl::Status Runner::Impl::Begin() {
  if (state().begun()) return absl::FailedPreconditionError("the run has begun already");
  if (state().broken().ok()) {
    state().LookAtClock();
    if (absl::Status broken = state().broken(); !broken.ok()) return broken;
  }
  // What the observer sees from here on is of the run.
  const RunTime begun = context_.now();
  absl::StatusOr<std::unique_ptr<Observer>> observer = context_.kind().Observe(context_);
  if (!observer.ok()) return observer.status();
  state().Begin(*std::move(observer), begun);
  record_.begun = state().begun_at();
  for (NodeEvent& event : InitialEvents(cluster_, record_.begun)) state().Record(std::move(event));
  absl::StatusOr<std::unique_ptr<LogWatch>> logs =
      LogWatch::Begin({.cluster = &cluster_,
                       .clock = &clock(),
                       .now = [this] { return context_.now(); },
                       .from_now = own_ == nullptr,
                       .give_up = [this](const absl::Status& why) { state().Break(why); }});
  if (!logs.ok()) return logs.status();
  logs_ = *std::move(logs);
  cluster_.OnExit([this](const NodeExit& exit) { state().HandleExit(exit); });
  if (absl::Status watched = state().WatchResources(); !watched.ok()) return watched;
  AwaitFirstPicture();
  return absl::OkStatus();
}

void Runner::Impl::AwaitFirstPicture() {
  const Clock::TimePoint end = clock().Now() + Scaled(kFirstPicture);
  const auto is_there = [this] {
    const Snapshot snapshot = context_.snapshot();
    return std::ranges::all_of(snapshot.nodes, [this](const NodeSample& sample) {
      return sample.reachable || !context_.IsUp(sample.node);
    });
  };
  while (!is_there() && clock().Now() < end &&
         clock().SleepUntil(clock().Now() + kAwaitInterval, state().broken_token())) {
  }
}

void Runner::Impl::Start(const WorkloadSpec& spec) {
  const Capabilities missing = spec.required - options_.capabilities;
  if (!missing.empty()) {
    return state().Break(absl::FailedPreconditionError(absl::StrCat(
        "workload ", spec.name, " needs ", missing.ToString(), ", which ",
        options_.deployer.empty() ? "this deployer" : options_.deployer, " does not have")));
  }
  workloads_.push_back(spec.start(context_));
}

void Runner::Impl::Watch(const Snapshot& snapshot) {
  for (size_t i = 0; i < expectations.size(); ++i) {
    const RunExpectation& expectation = expectations[i];
    if (i == watches_.size()) {
      watches_.push_back(expectation.watch
                             ? expectation.watch({.at = record_.begun, .pace = context_.pace()})
                             : SnapshotWatch());
    }
    if (!watches_[i]) continue;
    const std::string violated = watches_[i](snapshot);
    if (violated.empty()) continue;
    std::string where;
    if (expectation.where.line > 0) {
      where = absl::StrCat(" (", expectation.where.file, ":", expectation.where.line, ")");
    }
    state().Break(absl::FailedPreconditionError(
        absl::StrCat("violated at ", snapshot.at.count() / 1000.0, " s: ", expectation.name, where,
                     ": ", violated, state().WhatIsDown())));
  }
}

Snapshot Runner::Impl::NextSnapshot() {
  Snapshot snapshot = context_.snapshot();
  if (logs_) snapshot.lines = logs_->TakeNew();
  return snapshot;
}

void Runner::Impl::Look(const Snapshot& snapshot) {
  if (snapshot.nodes != last_seen_ || !snapshot.lines.empty()) {
    last_seen_ = snapshot.nodes;
    Watch(snapshot);
  }
  if (on_progress && clock().Now() >= next_progress_) {
    next_progress_ = clock().Now() + kProgressInterval;
    on_progress(snapshot);
  }
}

absl::StatusOr<bool> Runner::Impl::WaitUntil(Clock::TimePoint end, milliseconds interval,
                                             const std::string& what,
                                             const std::function<bool(const Snapshot&)>& done) {
  const Clock::TimePoint begin = clock().Now();
  for (;;) {
    state().LookAtClock();
    if (absl::Status broken = state().broken(); !broken.ok()) return broken;
    const Snapshot snapshot = NextSnapshot();
    Look(snapshot);
    if (absl::Status broken = state().broken(); !broken.ok()) return broken;
    if (done && done(snapshot)) return true;
    const Clock::TimePoint now = clock().Now();
    if (now >= end) return false;
    Clock::TimePoint until = std::min(end, now + interval);
    if (options_.deadline.has_value()) {
      if (now >= *options_.deadline) {
        state().Break(absl::DeadlineExceededError(
            absl::StrCat("the run is out of time: its deadline, 90 % of what the test is allowed, "
                         "passed in ",
                         what, " after ", Seconds(now - begin), " of ", Seconds(end - begin))));
        continue;
      }
      until = std::min(until, *options_.deadline);
    }
    if (clock().SleepUntil(until, state().broken_token())) {
      end += state().NoteAwakening(until, clock().Now());
    }
  }
}

absl::Status Runner::Impl::RunFor(Timespan duration) {
  if (!state().begun()) return absl::FailedPreconditionError("RunFor before Begin");
  if (finished_) return absl::FailedPreconditionError("RunFor after Finish");
  if (duration.IsNegative()) {
    return absl::InvalidArgumentError(
        absl::StrCat("RunFor(", duration.ToString(), "): time does not go back"));
  }
  const Clock::TimePoint end = clock().Now() + duration.At(context_.pace());
  return WaitUntil(end, kWatchInterval, absl::StrCat("RunFor(", duration.ToString(), ")"), nullptr)
      .status();
}

absl::Status Runner::Impl::Await(const std::function<std::string(const Snapshot&)>& condition,
                                 Timespan within) {
  if (!state().begun()) return absl::FailedPreconditionError("Await before Begin");
  if (finished_) return absl::FailedPreconditionError("Await after Finish");
  const milliseconds time = Scaled(within.At(context_.pace()));
  std::string last;
  absl::StatusOr<bool> held =
      WaitUntil(clock().Now() + time, kAwaitInterval,
                absl::StrCat("Await(", within.ToString(), ")"), [&](const Snapshot& snapshot) {
                  last = Unseen(snapshot);
                  if (last.empty()) last = condition(snapshot);
                  return last.empty();
                });
  if (!held.ok()) return held.status();
  if (*held) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("not within ", within.ToString(), " (", Seconds(time), "); at last: ", last));
}

void Runner::Impl::Drain() {
  const Observer* observer = state().observer();
  if (observer == nullptr || !state().broken().ok()) return;
  const milliseconds limit = Scaled(Timespan(Blocks(observer->DrainBlocks())).At(context_.pace()));
  // Whether it settled in time is for the expectations to judge.
  (void)WaitUntil(clock().Now() + limit, kWatchInterval, "the drain",
                  [&](const Snapshot&) { return observer->NotSettled().empty(); });
}

void Runner::Impl::AwaitBackend() {
  const Clock::TimePoint end = clock().Now() + Scaled(kBackendPatience);
  while (state().broken().ok() && !cluster_.Health().ok() && clock().Now() < end) {
    clock().SleepFor(kWatchInterval, state().broken_token());
  }
  if (state().broken().ok()) state().BreakBy(cluster_.Health());
}

void Runner::Impl::CloseRecord() {
  state().LookAtClock();
  if (logs_) logs_->Finish();
  const ClusterSpec& spec = cluster_.spec();
  record_.run_id = spec.run_id;
  record_.test = options_.test_name;
  record_.deployer = options_.deployer;
  record_.topology = spec.topology.Name();
  record_.layout = std::string(spec.topology.layout.name());
  record_.seed = options_.seed;
  record_.closed = context_.now();
  record_.broken = std::string(state().broken().message());
  record_.resources = state().TakeResources();
  TakeNodesAndEvents();
  record_.workloads = state().workloads();
  record_.faults = state().faults();
  record_.operations = state().operations();
  record_.clock = state().clock_events();
  if (Observer* observer = state().observer()) observer->Fill(record_);
  AddSamples(state().first_answers(), record_);
  AddRestartsByMetrics(cluster_.chain_start(), record_);
  if (logs_) logs_->Fill(record_);
  // It asks the nodes a last time.
  const auto closed_after = [this](const auto& items) {
    if (!items.empty()) record_.closed = std::max(record_.closed, items.back().at);
  };
  closed_after(record_.events);
  closed_after(record_.samples);
  closed_after(record_.metrics);
  closed_after(record_.resources);
}

void Runner::Impl::TakeNodesAndEvents() {
  const Clock::TimePoint end = clock().Now() + Scaled(kEventPatience);
  const auto explained = [this] {
    const std::vector<std::optional<bool>> up = UpAfter(record_.events, record_.nodes.size());
    for (size_t i = 0; i < up.size(); ++i) {
      if (up[i].has_value() && *up[i] != record_.nodes[i].up_at_end) return false;
    }
    return true;
  };
  for (;;) {
    record_.nodes = NodeRecords(cluster_, state().recording_control().added());
    record_.events = state().events();
    if (explained() || !state().broken().ok() || clock().Now() >= end) return;
    if (!clock().SleepFor(kAwaitInterval, state().broken_token())) return;
  }
}

absl::Status Runner::Impl::Finish() {
  if (finished_) return state().broken();
  finished_ = true;
  state().LookAtClock();
  if (!state().begun()) state().Break(absl::FailedPreconditionError("the run never began"));
  state().StopWorkloads();
  record_.ended = context_.now();
  AwaitBackend();
  Drain();
  AwaitBackend();
  CloseRecord();
  cluster_.OnExit(nullptr);
  return state().broken();
}

const std::vector<VerdictRecord>& Runner::Impl::Judge() {
  if (!std::exchange(judged_, true)) {
    (void)Finish();
    gtestnet::Judge(record_, expectations);
    JudgeStanding(record_, standing, allowed);
    if (record_.broken.empty()) {
      for (VerdictRecord& verdict : WantOfEvidence(record_)) {
        record_.verdicts.push_back(std::move(verdict));
      }
    }
  }
  return record_.verdicts;
}

absl::Status Runner::Impl::Abandon(absl::Status why) {
  (void)Finish();
  (void)TearDown(false);
  return why;
}

absl::StatusOr<RunReport> Runner::Impl::Run() {
  if (!scenario_.has_value()) {
    return absl::FailedPreconditionError("Run() without a scenario; call the steps instead");
  }
  if (absl::Status bad = PreserveWanted(cluster_.deployer()).status(); !bad.ok()) {
    return Abandon(std::move(bad));
  }
  if (absl::Status nothing = CheckThatSomethingIsExpected(*scenario_); !nothing.ok()) {
    return Abandon(std::move(nothing));
  }
  standing = scenario_->standing;
  allowed = scenario_->allowed;
  for (const std::string& name : allowed) {
    if (absl::Status bad = CheckAllowed(standing, name); !bad.ok()) return Abandon(std::move(bad));
  }
  if (absl::Status begun = Begin(); !begun.ok()) return Abandon(begun);
  for (const RunExpectation& expectation : scenario_->expectations) {
    expectations.push_back(expectation);
  }
  for (const WorkloadSpec& workload : scenario_->workloads) Start(workload);
  (void)RunFor(scenario_->duration);  // an error breaks the run, which Finish tells
  RunReport report;
  const bool held = Finish().ok();
  const std::vector<VerdictRecord>& verdicts = Judge();
  report.passed = held && std::all_of(verdicts.begin(), verdicts.end(),
                                      [](const VerdictRecord& v) { return !Fails(v); });
  if (on_judged) on_judged(record_);
  if (LeavesBundle(options_.bundle, !report.passed)) {
    absl::StatusOr<std::string> bundle = WriteBundle();
    if (bundle.ok()) {
      report.bundle = *std::move(bundle);
    } else {
      // What was judged is not lost with it.
      report.passed = false;
      record_.verdicts.push_back(FailedVerdict("the bundle is written",
                                               "that what is known of a run is kept",
                                               std::string(bundle.status().message())));
    }
  }
  const ClusterEnd end = own_ ? EndCluster(*own_, !report.passed) : ClusterEnd{};
  report.kept = end.kept;
  if (!end.status.ok()) {
    report.passed = false;
    record_.verdicts.push_back(FailedVerdict("nothing is left behind",
                                             "that all the run made is gone after it",
                                             std::string(end.status.message())));
  }
  report.record = record_;
  return report;
}

Runner::Runner(std::unique_ptr<BackendCluster> cluster, RunnerOptions options)
    : impl_(std::make_unique<Impl>(std::move(cluster), nullptr, std::move(options), std::nullopt)) {
}
Runner::Runner(std::unique_ptr<BackendCluster> cluster, RunnerOptions options, Scenario scenario)
    : impl_(std::make_unique<Impl>(std::move(cluster), nullptr, std::move(options),
                                   std::move(scenario))) {}
Runner::Runner(BackendCluster& shared, RunnerOptions options)
    : impl_(std::make_unique<Impl>(nullptr, &shared, std::move(options), std::nullopt)) {}
Runner::~Runner() = default;

RunContext& Runner::context() { return impl_->context(); }
BackendCluster& Runner::cluster() { return impl_->cluster(); }
absl::Status Runner::Begin() { return impl_->Begin(); }
void Runner::Start(const WorkloadSpec& workload) { impl_->Start(workload); }
void Runner::Expect(RunExpectation expectation) {
  impl_->expectations.push_back(std::move(expectation));
}
void Runner::SetStanding(std::vector<StandingExpectation> standing) {
  impl_->standing = std::move(standing);
}
absl::Status Runner::Allow(std::string name) {
  absl::Status status = CheckAllowed(impl_->standing, name);
  if (status.ok()) impl_->allowed.push_back(std::move(name));
  return status;
}
absl::Status Runner::RunFor(Timespan duration) { return impl_->RunFor(duration); }
absl::Status Runner::Await(const std::function<std::string(const Snapshot&)>& condition,
                           Timespan within) {
  return impl_->Await(condition, within);
}
absl::Status Runner::broken() const { return impl_->state().broken(); }
absl::Status Runner::Finish() { return impl_->Finish(); }
const RunRecord& Runner::record() const { return impl_->record(); }
const std::vector<VerdictRecord>& Runner::Judge() { return impl_->Judge(); }
absl::StatusOr<std::string> Runner::WriteBundle() { return impl_->WriteBundle(); }
absl::Status Runner::TearDown(bool keep) { return impl_->TearDown(keep); }
absl::StatusOr<RunReport> Runner::Run() { return impl_->Run(); }
void Runner::KeepBundle(Preserve when) { impl_->KeepBundle(when); }
void Runner::OnProgress(std::function<void(const Snapshot&)> handler) {
  impl_->on_progress = std::move(handler);
}

void Runner::OnJudged(std::function<void(const RunRecord&)> handler) {
  impl_->on_judged = std::move(handler);
}

}  // namespace gtestnet
