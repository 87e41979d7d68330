// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/testing/fake_cluster.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet::testing_support {
namespace {

constexpr std::chrono::milliseconds kBlock{100};

struct Worlds {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<FakeWorld>> by_run;
};
Worlds& AllWorlds() {
  static Worlds worlds;
  return worlds;
}

std::chrono::milliseconds TakesToStart(FakeWorld& world) {
  std::lock_guard lock(world.mutex);
  return world.start_takes;
}

std::string FakeBehind(const TopologySpec& topology, const NodeSample& sample,
                       const Snapshot& snapshot) {
  if (sample.status != "Online") return "it is not Online";
  double highest = 0;
  for (const NodeSample& one : snapshot.nodes) {
    if (one.reachable) highest = std::max(highest, one.numbers.Get("height"));
  }
  if (sample.numbers.Get("height") + 2 < highest) {
    return absl::StrCat("the highest node is at ", highest);
  }
  if (sample.node >= topology.node_count()) return "";
  int links = 0;
  for (NodeIndex other : topology.layout.Neighbours(sample.node, topology.node_count())) {
    links += snapshot.nodes[static_cast<size_t>(other)].reachable ? 1 : 0;
  }
  const double peers = sample.numbers.Get("peers");
  if (peers >= links) return "";
  return absl::StrCat("it is connected with ", peers, " of the ", links, " neighbours that are up");
}

class Fake final : public NodeKind {
 public:
  Fake(std::string name, BehindRule rule) : name_(std::move(name)), rule_(std::move(rule)) {}

  std::string_view name() const override { return name_; }
  std::string Behind(const TopologySpec& topology, const NodeSample& sample,
                     const Snapshot& snapshot) const override {
    return rule_ ? rule_(topology, sample, snapshot) : NodeKind::Behind(topology, sample, snapshot);
  }
  absl::Status Validate(const TopologySpec&) const override { return absl::OkStatus(); }
  Pace PaceOf(const TopologySpec&) const override { return {.slot = kBlock}; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override {
    return absl::NotFoundError("a fake node has no program");
  }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return absl::UnimplementedError("a fake node has no setup");
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return absl::UnavailableError("a fake node has no API");
  }
  void Describe(const ClusterSpec&, NodeRecord& node, NodeIndex) const override {
    node.numbers["weight"] = 7;
  }
  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext& context) const override {
    const FakeWorld& world = WorldOf(context.spec());
    if (world.observe) return world.observe(context);
    return std::make_unique<FakeObserver>(context);
  }

 private:
  const std::string name_;
  const BehindRule rule_;
};

}  // namespace

const NodeKind& FakeKind() {
  static const Fake kind("fake",
                         [](const auto& topology, const auto& sample, const auto& snapshot) {
                           return FakeBehind(topology, sample, snapshot);
                         });
  return kind;
}

std::unique_ptr<NodeKind> MakeFakeKind(std::string name, BehindRule rule) {
  return std::make_unique<Fake>(std::move(name), std::move(rule));
}

FakeWorld& WorldOf(const ClusterSpec& spec) {
  Worlds& worlds = AllWorlds();
  std::lock_guard lock(worlds.mutex);
  std::unique_ptr<FakeWorld>& world = worlds.by_run[spec.run_id];
  if (world == nullptr) world = std::make_unique<FakeWorld>();
  return *world;
}

Snapshot FakeObserver::Latest() const {
  Snapshot snapshot;
  snapshot.at = context_.now();
  std::lock_guard lock(world_.mutex);
  for (size_t i = 0; i < world_.up.size(); ++i) {
    NodeSample& sample = snapshot.nodes.emplace_back();
    sample.at = snapshot.at;
    sample.node = static_cast<NodeIndex>(i);
    sample.reachable = world_.up[i];
    if (const auto seen = world_.last_seen.find(sample.node); seen != world_.last_seen.end()) {
      sample.at = seen->second;
      sample.reachable = true;
    }
    const auto recovers_in = world_.recovers_in.find(sample.node);
    const bool recovering = recovers_in != world_.recovers_in.end() &&
                            world_.up_since.contains(sample.node) &&
                            snapshot.at - world_.up_since[sample.node] < recovers_in->second;
    sample.status = recovering ? world_.mode_while_recovering : world_.mode;
    double& height = sample.numbers["height"];
    height = static_cast<double>(snapshot.at / kBlock);
    auto behind = world_.height_behind.find(sample.node);
    if (behind != world_.height_behind.end()) height -= static_cast<double>(behind->second);
    double& peers = sample.numbers["peers"];
    const Layout& layout = context_.topology().layout;
    for (NodeIndex other : layout.Neighbours(sample.node, context_.topology().node_count())) {
      peers += world_.up[static_cast<size_t>(other)] ? 1 : 0;
    }
    auto missing = world_.links_missing.find(sample.node);
    if (missing != world_.links_missing.end()) peers -= missing->second;
    snapshot.names.push_back(absl::StrCat("node-", i));
  }
  return snapshot;
}

void FakeObserver::Fill(RunRecord& record) {
  {
    std::lock_guard lock(world_.mutex);
    if (!world_.samples) return;
  }
  record.samples = Latest().nodes;
}

std::string FakeObserver::NotSettled() const {
  std::lock_guard lock(world_.mutex);
  return world_.not_settled;
}

int64_t FakeObserver::DrainBlocks() const {
  std::lock_guard lock(world_.mutex);
  return world_.drain_blocks;
}

FakeCluster::FakeCluster(ClusterSpec spec, const Clock& clock)
    : spec_(std::move(spec)), clock_(clock), chain_start_(clock.WallNow()) {
  const int count = spec_.topology.node_count();
  world().up.assign(static_cast<size_t>(count), true);
  for (NodeIndex late : spec_.topology.late) world().up[static_cast<size_t>(late)] = false;
}

FakeCluster::~FakeCluster() = default;

std::vector<NodeInfo> FakeCluster::nodes() const {
  FakeWorld& fake = WorldOf(spec_);
  std::lock_guard lock(fake.mutex);
  std::vector<NodeInfo> nodes;
  for (size_t i = 0; i < fake.up.size(); ++i) {
    NodeInfo& node = nodes.emplace_back();
    node.index = static_cast<NodeIndex>(i);
    node.name = absl::StrCat("node-", i);
    const std::string& role = spec_.topology.RoleOf(node.index);
    node.role = role.empty() ? "node" : role;
    node.log = absl::StrCat("/logs/node-", i);
  }
  return nodes;
}

bool FakeCluster::IsUp(NodeIndex node) const {
  FakeWorld& fake = WorldOf(spec_);
  std::lock_guard lock(fake.mutex);
  const auto i = static_cast<size_t>(node);
  return node >= 0 && i < fake.up.size() && fake.up[i];
}

void FakeCluster::SetHealth(absl::Status health) {
  std::lock_guard lock(health_mutex_);
  health_ = std::move(health);
}

absl::Status FakeCluster::Health() const {
  std::lock_guard lock(health_mutex_);
  return health_;
}

void FakeCluster::Exit(NodeIndex node, std::string how, std::string last_lines,
                       std::string backend) {
  {
    FakeWorld& fake = WorldOf(spec_);
    std::lock_guard lock(fake.mutex);
    fake.up[static_cast<size_t>(node)] = false;
  }
  std::lock_guard lock(handler_mutex_);
  if (handler_)
    handler_({node, absl::StrCat("node-", node), std::move(how), std::move(last_lines),
              std::move(backend)});
}

void FakeCluster::OnExit(std::function<void(const NodeExit&)> handler) {
  std::lock_guard lock(handler_mutex_);
  handler_ = std::move(handler);
}

absl::StatusOr<std::string> FakeCluster::Log(NodeIndex, size_t bytes) const {
  const std::string log = "one\ntwo\nthree\n";
  return log.size() <= bytes ? log : log.substr(log.size() - bytes);
}

absl::StatusOr<LogPart> FakeCluster::ReadLog(NodeIndex node, const std::string& cursor) const {
  constexpr size_t kMost = 1024 * 1024;
  FakeWorld& fake = WorldOf(spec_);
  std::lock_guard lock(fake.mutex);
  if (!fake.has_logs) return BackendCluster::ReadLog(node, cursor);
  if (!fake.log_error.ok()) return fake.log_error;
  const std::string& log = fake.logs[node];
  const size_t from = cursor.empty() ? 0 : cursor == "end" ? log.size() : std::stoull(cursor);
  std::string text = log.substr(from, kMost);
  const std::string next = std::to_string(from + text.size());
  return LogPart{std::move(text), next};
}

absl::Status FakeCluster::Collect(const std::string& directory) const {
  for (const NodeInfo& node : nodes()) {
    const std::filesystem::path path = std::filesystem::path(directory) / node.name;
    std::filesystem::create_directories(path);
    std::ofstream(path / "log") << "the log of " << node.name;
  }
  return absl::OkStatus();
}

absl::Status FakeCluster::TearDown(bool keep) {
  FakeWorld& fake = WorldOf(spec_);
  std::lock_guard lock(fake.mutex);
  fake.torn_down = true;
  fake.kept = keep;
  return absl::OkStatus();
}

absl::Status FakeCluster::Do(const char* verb, NodeIndex node, bool up) {
  FakeWorld& fake = WorldOf(spec_);
  const std::string what = absl::StrCat(verb, " ", node);
  if (const auto takes = TakesToStart(fake); up && takes.count() > 0) clock_.SleepFor(takes, {});
  if (fake.on_verb) {
    if (absl::Status status = fake.on_verb(what); !status.ok()) return status;
  }
  std::lock_guard lock(fake.mutex);
  fake.verbs.push_back(what);
  if (absl::Status status = std::exchange(fake.next_verb, absl::OkStatus()); !status.ok()) {
    return status;
  }
  fake.up[static_cast<size_t>(node)] = up;
  if (up) fake.up_since[node] = Now();
  return absl::OkStatus();
}

absl::StatusOr<NodeIndex> FakeCluster::Add(const AddOptions&) {
  FakeWorld& fake = WorldOf(spec_);
  std::lock_guard lock(fake.mutex);
  fake.up.push_back(true);
  const auto node = static_cast<NodeIndex>(fake.up.size() - 1);
  fake.up_since[node] = Now();
  return node;
}

absl::StatusOr<std::unique_ptr<BackendCluster>> FakeDeployer::Provision(const ClusterSpec& spec) {
  provisioned.push_back(spec);
  auto cluster = std::make_unique<FakeCluster>(spec, clock_);
  if (on_provision) on_provision(*cluster);
  return cluster;
}

}  // namespace gtestnet::testing_support
