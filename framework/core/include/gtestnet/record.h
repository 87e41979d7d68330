// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RECORD_H_
#define GTESTNET_RECORD_H_

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/evidence.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record_section.h"
#include "gtestnet/topology.h"
#include "gtestnet/values.h"

namespace gtestnet {

inline constexpr char kLacksWord[] = "lacks";

// The state of one node, as far as it was known at an instant.
struct NodeSample {
  RunTime at{0};
  NodeIndex node = 0;
  // False when the node did not answer; then nothing below means anything.
  bool reachable = false;
  // In the kind's own word: "Online", "follower".
  std::string status = {};
  // What else the kind tells of it, by names of its own: {"term", 3}, {"leader", "member-1"}.
  Numbers numbers = {};
  Words words = {};  // kLacksWord is what it lacks by NodeKind::Behind, where that is known

  friend bool operator==(const NodeSample&, const NodeSample&) = default;
};

// All nodes at one instant: for each the latest sample, in the order of their index, which says
// when it was seen.
struct Snapshot {
  RunTime at{0};
  std::vector<NodeSample> nodes = {};
  std::vector<std::string> names = {};  // as long as `nodes`
  // Those that were not seen since something was last done to them, or since they ended unasked.
  // What was seen before says nothing of them now: they are not reachable here.
  std::vector<NodeIndex> unseen = {};
  // What nodes logged since the snapshot before, in a row of snapshots of a run; in order of time.
  std::vector<LogLine> lines = {};

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

enum class NodeEventKind {
  kStarted,
  kStopped,
  kKilled,
  kPaused,
  kResumed,
  kAdded,
  kExited,
  kRestarted
};

// Something that was done to a node, or that it did: kExited is an exit that nobody asked for, and
// kRestarted is seen of a node whose process is another one than before though nobody started it.
struct NodeEvent {
  RunTime at{0};
  NodeIndex node = 0;
  NodeEventKind kind = NodeEventKind::kStarted;
  // The workload that did it, "test" or "deployer"; empty for kExited and kRestarted.
  std::string cause = {};
  // "exit status 3", "signal 6 (SIGABRT)"; the node's last log lines follow. Of kStopped and
  // kKilled: how it ended, unless that is how one that was asked to should.
  std::string detail = {};
  // Of what was asked for, how long that took: a node counts as down from the call (`at`) of what
  // takes it down, though it may answer until the return, and as up from the return (`at`) of what
  // brings it up. Nothing where it is not known.
  std::optional<RunTime> took = {};

  friend bool operator==(const NodeEvent&, const NodeEvent&) = default;
};

// A node as the topology has it.
struct NodeRecord {
  std::string name = {};  // "member-0"
  std::string role = {};
  // What does not change while it runs, as the kind describes it.
  Numbers numbers = {};
  Words words = {};
  std::vector<NodeIndex> neighbours = {};
  bool up_at_end = true;  // running, and not paused, when the record was closed
  // The name of a number of its samples which a restart must not make less; empty: none.
  std::string persists = {};
  // How many lines it logged, by the word of their level; empty: its log was not read.
  Numbers log_lines = {};
  // How many of those are not in RunRecord::logs, as it would have become too large.
  Numbers log_lines_left_out = {};

  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

// One value of one metric of one node.
struct MetricSample {
  RunTime at{0};
  NodeIndex node = 0;
  std::string series = {};  // "consensus_tip_height", with labels as in Prometheus text
  double value = 0;

  friend bool operator==(const MetricSample&, const MetricSample&) = default;
};

// What a workload says that it did, so that one that did nothing can be told.
struct WorkloadRecord {
  std::string name = {};
  RunTime started{0};
  RunTime stopped{0};
  int64_t actions = 0;     // acts of its kind: operations begun, nodes restarted, …
  std::string plan = {};   // the schedule in words, "20 users, 5 transactions per block"
  std::string error = {};  // empty unless it failed
  // What its plan owed in the time that it ran; nothing where it owes no number.
  std::optional<int64_t> due = {};
  std::string owes = {};  // what `due` counts, in a word: "transactions"; empty: not said
  // How many of those were not even begun, by the reason: {"no confirmed note was free", 594}.
  Numbers left_out = {};
  // What fraction of it must be acts (for a workload of requests: taken by a node), else the run
  // fails.
  double at_least = 0;

  friend bool operator==(const WorkloadRecord&, const WorkloadRecord&) = default;
};

// A fault that a workload made to one node: what GTESTNET_REPLAY repeats.
struct FaultRecord {
  std::string workload = {};
  std::string fault = {};  // "restart", "kill", "pause", "join"
  NodeIndex node = 0;
  RunTime at{0};  // when it began; of nodes that were taken down together, the same
  // How long the plan kept the node down; of a join, how long the node stayed after it had caught
  // up.
  RunTime down_for{0};
  // From its coming up until it had caught up; nothing when the workload ended before.
  std::optional<RunTime> recovered_after = {};

  friend bool operator==(const FaultRecord&, const FaultRecord&) = default;
};

// kUnknown: no answer came that tells. It may have been done, or be done later.
enum class OperationOutcome { kOk, kRefused, kUnknown };

// Something that a workload asked of the system under test, and what it was answered. A client does
// one operation at a time. All is text: what is binary or large is recorded as its hash.
struct Operation {
  std::string workload = {};
  int client = 0;         // which of the workload's clients, counted as the workload likes
  NodeIndex node = -1;    // that was asked; −1: none in particular
  std::string kind = {};  // in a word: "put", "get"
  std::string key = {};
  // What was written, or what a read returned. Nothing: a deletion, or a read that found nothing.
  std::optional<std::string> value = {};
  RunTime begun{0};
  std::optional<RunTime> ended = {};  // nothing: it had not; only where the outcome is unknown
  OperationOutcome outcome = OperationOutcome::kUnknown;
  std::string why = {};  // it was refused, or is unknown

  friend bool operator==(const Operation&, const Operation&) = default;
};

// What cannot be in this operation, "ended_ms: is before begun_ms", in a run of so many nodes; else
// "".
std::string Contradiction(const Operation& operation, size_t nodes);

enum class ClockEventKind { kSet, kSuspended, kStopped };

// Something that came between the run and time, for which no node is to blame: the machine's wall
// clock was set, the machine was suspended, or the run's own program did not run.
struct ClockEvent {
  RunTime since{0};  // when all was still well
  RunTime at{0};     // when it was noticed
  ClockEventKind kind = ClockEventKind::kSet;
  // By how much the clock was set ahead (back: below 0); else for how long.
  std::chrono::milliseconds by{0};

  friend bool operator==(const ClockEvent&, const ClockEvent&) = default;
};

// An expectation's outcome, as it is kept in the record.
struct VerdictRecord {
  std::string expectation = {};  // its description
  std::string where = {};        // "file.cc:12" of its declaration, if known
  bool judged = true;            // false when the run ended early
  bool met = false;
  std::string required = {};
  std::string observed = {};
  bool nothing = false;   // there was nothing to judge, so that it is not met
  bool standing = false;  // of the standing set: nobody asked for it
  bool allowed = false;   // the test said that it may be violated

  friend bool operator==(const VerdictRecord&, const VerdictRecord&) = default;
};

// Everything that a run knew. The one thing that expectations see: immutable once it is closed,
// complete without a cluster, and the same after ToJson and FromJson.
struct RunRecord {
  static constexpr int kSchema = 3;

  std::string run_id = {};
  std::string test = {};      // full name, or the scenario's
  std::string deployer = {};  // "local", "compose", "k8s"
  std::string topology = {};  // its name
  std::string layout = {};
  uint64_t seed = 0;  // before it was hashed with the test's name

  RunTime begun{0};   // capture started
  RunTime ended{0};   // workloads were stopped; the drain came after
  RunTime closed{0};  // the record was closed
  // Empty when the run went its whole way; else why it ended early.
  std::string broken = {};

  std::vector<NodeRecord> nodes = {};
  std::vector<NodeEvent> events = {};          // in order of time
  std::vector<NodeSample> samples = {};        // in order of time
  std::vector<MetricSample> metrics = {};      // in order of time
  std::vector<ResourceSample> resources = {};  // in order of time
  std::vector<LogLine> logs = {};              // in order of time; which ones: framework/RECORD.md
  std::vector<WorkloadRecord> workloads = {};
  std::vector<FaultRecord> faults = {};    // in order of time
  std::vector<Operation> operations = {};  // in order of their beginning
  std::vector<ClockEvent> clock = {};      // in order of time
  RecordSections sections = {};            // what libraries above add: the chains of the run
  std::vector<VerdictRecord> verdicts = {};

  // The latest sample of each node that is not later than `at`, nor from before the node's last
  // event by then.
  Snapshot At(RunTime at) const;
  // The latest of all.
  Snapshot AtEnd() const;
  // That of the section which has one; where there is none, a block and a slot are a second.
  Pace pace() const;

  // One JSON object; docs of the schema: framework/RECORD.md.
  std::string ToJson() const;
  // kInvalidArgument naming the place for JSON that is malformed, cut short, of a schema that this
  // program does not read (2 and kSchema it does), that names a field twice, or that contradicts
  // itself (a sample of a node that is not there). Sections that nobody registered are kept as they
  // are.
  static absl::StatusOr<RunRecord> FromJson(std::string_view json);
  // The same of a regular file of at most a gigabyte; messages begin with its path.
  static absl::StatusOr<RunRecord> FromFile(const std::string& path);

  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

std::string_view ToString(NodeEventKind kind);        // "started", …
std::string_view ToString(ClockEventKind kind);       // "set", "suspended", "stopped"
std::string_view ToString(OperationOutcome outcome);  // "ok", "refused", "unknown"
std::ostream& operator<<(std::ostream& os, NodeEventKind kind);
std::ostream& operator<<(std::ostream& os, ClockEventKind kind);
std::ostream& operator<<(std::ostream& os, OperationOutcome outcome);
std::ostream& operator<<(std::ostream& os, const NodeSample& sample);
std::ostream& operator<<(std::ostream& os, const Snapshot& snapshot);
std::ostream& operator<<(std::ostream& os, const NodeEvent& event);
std::ostream& operator<<(std::ostream& os, const NodeRecord& node);
std::ostream& operator<<(std::ostream& os, const MetricSample& sample);
std::ostream& operator<<(std::ostream& os, const WorkloadRecord& workload);
std::ostream& operator<<(std::ostream& os, const FaultRecord& fault);
std::ostream& operator<<(std::ostream& os, const Operation& operation);
// "the clock of this machine was set back by 8 s, 4.150 s after the chain's start".
std::ostream& operator<<(std::ostream& os, const ClockEvent& event);
std::ostream& operator<<(std::ostream& os, const VerdictRecord& verdict);
// One line: who, how long, how much. (gMock prints what it matches.)
std::ostream& operator<<(std::ostream& os, const RunRecord& record);

}  // namespace gtestnet

#endif  // GTESTNET_RECORD_H_
