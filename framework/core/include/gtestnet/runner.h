// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RUNNER_H_
#define GTESTNET_RUNNER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/deployer.h"
#include "gtestnet/expectation.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/run_context.h"
#include "gtestnet/scenario.h"

namespace gtestnet {

struct RunnerOptions {
  std::string test_name = {};  // for the record and the bundle's name
  std::string deployer = {};   // for the record
  uint64_t seed = 0;  // the value before hashing, for the record and the command to run again
  // How to run this again, for the bundle: a command line.
  std::string rerun = {};
  // By when the run must be over (90 % of CTest's timeout). RunFor and the drain fail at it.
  std::optional<Clock::TimePoint> deadline = {};
  // A run whose faults are repeated (GTESTNET_REPLAY); null: they are drawn.
  std::shared_ptr<const RunRecord> replay = nullptr;
  // What the cluster's deployer can do: a workload that needs more breaks the run.
  Capabilities capabilities = Capability::kNodeControl;
  // When Run keeps a bundle.
  Preserve bundle = Preserve::kOnFailure;
  // Null: RealClock().
  const Clock* clock = nullptr;
  // Makes the context of the run, for one with more than a RunContext has. Empty: a RunContext.
  std::function<std::unique_ptr<RunContext>(BackendCluster&, const Clock&)> context = {};
};

// The record that GTESTNET_REPLAY names, which is a file or a bundle; null if it names none. Its
// seed is the seed of the run that repeats it. kInvalidArgument if it cannot be read, is that of
// another test than `test`, or was made on other nodes than those of `topology`.
absl::StatusOr<std::shared_ptr<const RunRecord>> ReplayWanted(std::string_view test,
                                                              const TopologySpec& topology);

// What Runner::Run returns.
struct RunReport {
  RunRecord record = {};    // with its verdicts
  bool passed = false;      // the run went its whole way and every expectation was met
  std::string bundle = {};  // directory of the bundle; empty if none was kept
  bool kept = false;        // the cluster still runs (GTESTNET_PRESERVE); its HowToRemove says more
};

// Takes a cluster through the phases of a run. ClusterTest calls the steps one by one for a test
// body; Run calls the same steps for a Scenario:
//
//   capture starts (Begin) → workloads start → the run's duration (RunFor) → workloads stop, drain,
//   the record is closed (Finish) → expectations are judged (Judge) → bundle → TearDown
//
// Used by one thread.
class Runner {
 public:
  Runner(std::unique_ptr<BackendCluster> cluster, RunnerOptions options);
  // For a scenario: what Deployer::Deploy returns.
  Runner(std::unique_ptr<BackendCluster> cluster, RunnerOptions options, Scenario scenario);
  // Borrows a cluster that several runs share, one after the other.
  Runner(BackendCluster& shared, RunnerOptions options);
  // Tears an own cluster down.
  ~Runner();

  RunContext& context();
  BackendCluster& cluster();

  // Capture starts: samples, blocks, exits.
  absl::Status Begin();
  // Starts a workload that the run owns, until Finish.
  void Start(const WorkloadSpec& workload);
  // What is to be watched while RunFor runs, and judged by Judge.
  void Expect(RunExpectation expectation);
  // What is judged without being asked for, and told apart in the verdicts; and what of it may be
  // violated: kInvalidArgument for a name that none of them has.
  void SetStanding(std::vector<StandingExpectation> standing);
  absl::Status Allow(std::string name);
  // Waits so long. Returns early, with the reason, when the run breaks: a node exited unasked
  // (kAborted: its name, how, its last lines), a workload failed, a watched expectation is
  // violated, or the deadline passed.
  absl::Status RunFor(Timespan duration);
  // Waits until `condition` returns "" for the latest snapshot; kDeadlineExceeded tells its last
  // words. Fails like RunFor when the run breaks.
  absl::Status Await(const std::function<std::string(const Snapshot&)>& condition, Timespan within);
  // Whether the run is broken, and why.
  absl::Status broken() const;
  // Stops all workloads (also guards that are still alive), drains for at most k + 5 block
  // intervals unless the run is broken, closes the record. Returns the run's error, if there is
  // one. Idempotent.
  absl::Status Finish();
  // After Finish.
  const RunRecord& record() const;
  // Judges what was Expect()ed, and then the standing set. After Finish.
  const std::vector<VerdictRecord>& Judge();
  // Writes record, logs, configs, events, seed and the command to run again to a directory of this
  // run under ArtifactsDirectory(), and returns its absolute path. Messages name logs where they
  // are there. Before TearDown.
  absl::StatusOr<std::string> WriteBundle();
  absl::Status TearDown(bool keep = false);

  // When Run keeps a bundle; by default RunnerOptions::bundle.
  void KeepBundle(Preserve when);
  // All of it, for a scenario. An error means that the run could not be held; a run that was held
  // and failed is a report with passed == false. kInvalidArgument for one that expects nothing.
  absl::StatusOr<RunReport> Run();
  // Called on the runner's thread about four times a second while RunFor and the drain wait, with
  // the latest snapshot: for progress on a terminal.
  void OnProgress(std::function<void(const Snapshot&)> handler);
  // Called by Run on its thread when all is judged, before a bundle is written and the cluster is
  // taken down; what these add to the verdicts is in the report alone.
  void OnJudged(std::function<void(const RunRecord&)> handler);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gtestnet

#endif  // GTESTNET_RUNNER_H_
