// SPDX-License-Identifier: Apache-2.0
// Every verb of node control, logs and metrics, with the bundled node on every deployer: each is
// shown to bite, by something that is seen from outside, and to heal. The README's table is made of
// what this finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/deployer.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;

constexpr NodeIndex kWitness = 0;
constexpr NodeIndex kSubject = 1;
constexpr NodeIndex kLate = 2;

// One cluster of four nodes, one of which is late, and what can be seen of it.
class Cluster {
 public:
  explicit Cluster(std::unique_ptr<BackendCluster> cluster) : cluster_(std::move(cluster)) {}

  NodeControl& control() { return cluster_->control(); }
  BackendCluster& backend() { return *cluster_; }

  NodeClient ClientOf(NodeIndex node) const {
    return NodeClient(cluster_->nodes().at(static_cast<size_t>(node)));
  }
  absl::StatusOr<int64_t> HeightOf(NodeIndex node, std::chrono::milliseconds timeout) const {
    GTESTNET_ASSIGN_OR_RETURN(const ConsensusInfo info, ClientOf(node).GetInfo(timeout));
    return info.height;
  }
  // Its API answers, and it gets as far as the witness was a moment ago, and two blocks further.
  absl::Status Grows(NodeIndex node) const {
    GTESTNET_ASSIGN_OR_RETURN(const int64_t height, HeightOf(kWitness, Scaled(10s)));
    return WaitFor(absl::StrCat("node ", node, ": growth"),
                   [&]() -> absl::Status {
                     GTESTNET_ASSIGN_OR_RETURN(const int64_t now, HeightOf(node, 2000ms));
                     if (now >= height + 2) return absl::OkStatus();
                     return Unavailable(absl::StrCat("height ", now));
                   },
                   {.timeout = Scaled(30s), .poll_interval = 50ms});
  }
  // Its API does not answer, also not after the witness has made two blocks more.
  absl::Status IsSilent(NodeIndex node) const {
    if (cluster_->IsUp(node)) return Internal(absl::StrCat("node ", node, " is said to be up"));
    GTESTNET_RETURN_IF_ERROR(Grows(kWitness));
    if (!HeightOf(node, 1000ms).ok()) return absl::OkStatus();
    return Internal(absl::StrCat("node ", node, " answers"));
  }
  // For a failure.
  std::string EndsOfLogs() const {
    std::string text;
    for (const NodeInfo& node : cluster_->nodes()) {
      const absl::StatusOr<std::string> log = cluster_->Log(node.index, 1500);
      absl::StrAppend(&text, "\n", node.name, cluster_->IsUp(node.index) ? ", up" : ", down",
                      "; its log ends:\n", log.ok() ? *log : log.status().ToString());
    }
    return text;
  }
  absl::StatusOr<int> PeersOf(NodeIndex node) const {
    GTESTNET_ASSIGN_OR_RETURN(const NetworkInfo info, ClientOf(node).GetNetwork(1000ms));
    return info.peers;
  }
  absl::Status AwaitPeers(NodeIndex node, int peers) const {
    return WaitFor(absl::StrCat("node ", node, ": ", peers, " peers"),
                   [&]() -> absl::Status {
                     GTESTNET_ASSIGN_OR_RETURN(const int now, PeersOf(node));
                     if (now == peers) return absl::OkStatus();
                     return Unavailable(absl::StrCat(now, " peers"));
                   },
                   {.timeout = Scaled(30s), .poll_interval = 50ms});
  }
  // The metric's value of the subject, as Prometheus has it.
  absl::Status AwaitUp(double expected) const {
    const std::string query =
        "up{node=\"" + cluster_->nodes().at(static_cast<size_t>(kSubject)).name + "\"}";
    return WaitFor(absl::StrCat(query, " == ", expected),
                   [&]() -> absl::Status {
                     GTESTNET_ASSIGN_OR_RETURN(const QueryResult result,
                                               Telemetry(cluster_->Prometheus()).Query(query));
                     GTESTNET_ASSIGN_OR_RETURN(const double value, result.Value());
                     if (value == expected) return absl::OkStatus();
                     return Unavailable(absl::StrCat(value));
                   },
                   {.timeout = Scaled(60s), .poll_interval = 200ms});
  }

 private:
  std::unique_ptr<BackendCluster> cluster_;
};

absl::Status TryStart(Cluster& cluster) {
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(kLate));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Start(kLate));
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(kLate));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Stop(kLate));
  return cluster.IsSilent(kLate);
}

absl::Status TryStop(Cluster& cluster) {
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Stop(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Start(kSubject));
  return cluster.Grows(kSubject);
}

absl::Status TryKill(Cluster& cluster) {
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Kill(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Start(kSubject));
  return cluster.Grows(kSubject);
}

absl::Status TryPause(Cluster& cluster) {
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Pause(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Resume(kSubject));
  return cluster.Grows(kSubject);
}

// A stream of the subject's blocks.
class Blocks {
 public:
  explicit Blocks(const Cluster& cluster)
      : stream_(cluster.ClientOf(kSubject).StreamBlocks(
            {.on_item = [this](const StreamedBlock&) { ++seen_; },
             .on_end = [this](const absl::Status&) { ended_ = true; }})) {}

  absl::Status AwaitMore() const {
    const int before = seen_;
    return WaitFor("blocks of the stream",
                   [&]() -> absl::Status {
                     if (ended_) return Aborted("the stream has ended");
                     return seen_ > before ? absl::OkStatus() : Unavailable("none");
                   },
                   {.timeout = Scaled(30s)});
  }
  absl::Status AwaitEnd() const {
    return WaitFor("end of the stream",
                   [&] { return ended_ ? absl::OkStatus() : Unavailable("it goes on"); },
                   {.timeout = Scaled(30s)});
  }

 private:
  std::atomic<int> seen_ = 0;
  std::atomic<bool> ended_ = false;
  const NodeStream stream_;  // the first to go
};

absl::Status TryResume(Cluster& cluster) {
  const Blocks blocks(cluster);
  GTESTNET_RETURN_IF_ERROR(blocks.AwaitMore());
  GTESTNET_RETURN_IF_ERROR(cluster.control().Pause(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Resume(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.ClientOf(kSubject).GetInfo(2000ms).status());
  // It is the same process.
  GTESTNET_RETURN_IF_ERROR(blocks.AwaitMore());
  return cluster.Grows(kSubject);
}

absl::Status TryRestart(Cluster& cluster) {
  const Blocks blocks(cluster);
  GTESTNET_RETURN_IF_ERROR(blocks.AwaitMore());
  GTESTNET_RETURN_IF_ERROR(cluster.control().Restart(kSubject));
  GTESTNET_RETURN_IF_ERROR(blocks.AwaitEnd());
  return cluster.Grows(kSubject);
}

absl::Status TryAdd(Cluster& cluster) {
  // The subject and the executor; the late one was stopped.
  const int before = 2;
  GTESTNET_RETURN_IF_ERROR(cluster.AwaitPeers(kWitness, before));
  GTESTNET_ASSIGN_OR_RETURN(const NodeIndex added, cluster.control().Add({.dials = {kWitness}}));
  GTESTNET_RETURN_IF_ERROR(cluster.AwaitPeers(kWitness, before + 1));
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(added));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Stop(added));
  GTESTNET_RETURN_IF_ERROR(cluster.IsSilent(added));
  return cluster.AwaitPeers(kWitness, before);
}

absl::Status TryLogs(Cluster& cluster) {
  const auto log = [&] { return cluster.backend().Log(kSubject, 1 << 20); };
  GTESTNET_ASSIGN_OR_RETURN(const std::string before, log());
  if (before.empty()) return Internal("the log is empty");
  GTESTNET_RETURN_IF_ERROR(cluster.control().Kill(kSubject));
  GTESTNET_ASSIGN_OR_RETURN(const std::string down, log());
  if (down.empty()) return Internal("the log of a killed node is empty");
  GTESTNET_RETURN_IF_ERROR(cluster.control().Start(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.Grows(kSubject));
  GTESTNET_ASSIGN_OR_RETURN(const std::string after, log());
  if (after == down) return Internal("the log does not go on after a start");
  // What was in it is still there.
  const std::string first = before.substr(0, before.find('\n'));
  return absl::StrContains(after, first) ? absl::OkStatus()
                                         : Internal("the log has lost its beginning: " + first);
}

absl::Status TryMetrics(Cluster& cluster) {
  GTESTNET_RETURN_IF_ERROR(cluster.AwaitUp(1));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Stop(kSubject));
  GTESTNET_RETURN_IF_ERROR(cluster.AwaitUp(0));
  GTESTNET_RETURN_IF_ERROR(cluster.control().Start(kSubject));
  return cluster.AwaitUp(1);
}

struct Row {
  const char* verb;
  const char* bites;
  const char* heals;
  absl::Status (*attempt)(Cluster& cluster);
};
constexpr Row kRows[] = {
    {"start", "a late node, silent until then, answers and gets as far as the others",
     "stop: it is silent again", TryStart},
    {"stop", "its API is silent while the others make blocks", "start: it catches up", TryStop},
    {"kill", "the same", "start: it catches up", TryKill},
    {"pause", "the same", "resume: it catches up", TryPause},
    {"resume", "the silent node answers", "a stream of its blocks goes on, and it catches up",
     TryResume},
    {"restart", "a stream of its blocks ends", "it catches up", TryRestart},
    {"add", "the others have one more peer, and it gets as far as they are",
     "stop: they have one less", TryAdd},
    {"logs", "are there also while the node is down", "go on after its start, with what was before",
     TryLogs},
    {"metrics", "`up` of a stopped node is 0 in Prometheus", "start: it is 1", TryMetrics},
};

// By deployer: the cells in the order of kRows. A deployer that this machine lacks has none.
using Cells = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> TryAll(Deployer& deployer) {
  absl::StatusOr<std::unique_ptr<BackendCluster>> made =
      deployer.Provision({.topology = Topology::Star().Validators(3).Executors(1).Late(kLate),
                          .seed = 11,
                          .run_id = MakeRunId(),
                          .test = "VerbsTest",
                          .required = {Capability::kNodeControl, Capability::kTelemetry}});
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return std::vector<std::string>(std::size(kRows), "no cluster");
  std::atomic<int> exits = 0;
  Cluster cluster(*std::move(made));
  cluster.backend().OnExit([&](const NodeExit&) { ++exits; });
  std::vector<std::string> cells;
  for (const Row& row : kRows) {
    const absl::Status status = row.attempt(cluster);
    EXPECT_EQ(status, absl::OkStatus())
        << row.verb << " on " << deployer.name() << cluster.EndsOfLogs();
    cells.push_back(status.ok() ? "yes" : "no");
  }
  EXPECT_EQ(exits, 0) << "exits that nobody asked for, on " << deployer.name();
  cluster.backend().OnExit({});
  EXPECT_EQ(cluster.backend().TearDown(false), absl::OkStatus()) << deployer.name();
  return cells;
}

Cells TryEverywhere() {
  const absl::StatusOr<std::vector<std::string>> wanted = DeployersWanted();
  const absl::StatusOr<std::vector<std::string>> required = DeployersRequired();
  EXPECT_TRUE(wanted.ok()) << wanted.status();
  EXPECT_TRUE(required.ok()) << required.status();
  if (!wanted.ok() || !required.ok()) return {};
  const auto names = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  Cells cells;
  for (const std::string& name : DeployerNames()) {
    if (!names(*wanted, name)) continue;
    const auto deployer = MakeDeployer(name);
    EXPECT_TRUE(deployer.ok()) << deployer.status();
    const Availability here = (*deployer)->Probe();
    const std::string why = !here.available ? here.reason
                            : (*deployer)->capabilities().Contains(Capability::kTelemetry)
                                ? ""
                                : (*deployer)->WhyLacking(Capability::kTelemetry);
    if (why.empty()) {
      cells[name] = TryAll(**deployer);
    } else if (names(*required, name)) {
      ADD_FAILURE() << why;
    }
  }
  return cells;
}

// The columns of deployers that were not there are as `shown` has them: "yes", if they are filled.
std::string Table(const Cells& cells) {
  std::string text = "| | is seen to bite | and to heal |";
  std::string line = "\n|---|---|---|";
  for (const std::string& name : DeployerNames()) {
    absl::StrAppend(&text, " ", name, " |");
    line += "---|";
  }
  absl::StrAppend(&text, line, "\n");
  for (size_t i = 0; i < std::size(kRows); ++i) {
    absl::StrAppend(&text, "| ", kRows[i].verb, " | ", kRows[i].bites, " | ", kRows[i].heals, " |");
    for (const std::string& name : DeployerNames()) {
      const auto column = cells.find(name);
      absl::StrAppend(&text, " ", column == cells.end() ? "yes" : column->second[i], " |");
    }
    text += "\n";
  }
  return text;
}

// The README says "yes" in each cell; a deployer that is not there cannot be shown to hold it, and
// one that is there must.
TEST(VerbsTest, BiteAndHealOnEveryDeployerAsTheReadmeSays) {
  const Cells cells = TryEverywhere();
  if (cells.empty()) GTEST_SKIP() << "there is no deployer on this machine";
  std::ifstream file(GTESTNET_README);
  std::ostringstream readme;
  readme << file.rdbuf();
  const std::string text = readme.str();
  const size_t begin = text.find("| | is seen to bite |");
  ASSERT_NE(begin, std::string::npos) << "the table is missing:\n" << Table(cells);
  EXPECT_EQ(text.substr(begin, text.find("\n\n", begin) + 1 - begin), Table(cells));
}

}  // namespace
}  // namespace gtestnet::nomos
