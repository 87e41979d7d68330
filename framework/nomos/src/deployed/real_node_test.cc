// SPDX-License-Identifier: Apache-2.0
// Starts real nodes from generated configs and runs the whole client against them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/chain/sample.h"
#include "gtestnet/clock.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/wallet.h"
#include "gtestnet/variables.h"
#include "nomos/src/kind/genesis.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::Ge;
using testing::HasSubstr;

namespace fs = std::filesystem;

void Write(const fs::path& path, const std::string& text) {
  const fs::path aside = path.string() + ".new";
  std::ofstream(aside) << text;
  fs::rename(aside, path);
}

// A node of this test: a child process that ends with it.
class Process {
 public:
  Process(const NodeSetup& setup, const fs::path& log) {
    std::vector<std::string> words = {setup.program};
    words.insert(words.end(), setup.arguments.begin(), setup.arguments.end());
    std::vector<std::string> variables;
    for (const auto& [name, value] : setup.environment) variables.push_back(name + "=" + value);
    std::vector<char*> argv, envp;
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& variable : variables) envp.push_back(variable.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    const std::string log_path = log.string();
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int output = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(output, 1);
    dup2(output, 2);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  ~Process() { End(SIGKILL); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The status of waitpid.
  int End(int signal) {
    int status = 0;
    if (pid_ <= 0) return status;
    kill(pid_, signal);
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
};

// Items of a stream, for which a test can wait.
template <class Item>
class Collected {
 public:
  StreamHandlers<Item> handlers() {
    return {.on_open = [this] { Update([&] { open_ = true; }); },
            .on_item = [this](const Item& item) { Update([&] { items_.push_back(item); }); },
            .on_end = [this](const absl::Status& status) { Update([&] { end_ = status; }); }};
  }
  bool AwaitOpen() {
    return Await([&] { return open_; });
  }
  std::vector<Item> AwaitItems(size_t n) {
    Await([&] { return items_.size() >= n; });
    const std::lock_guard lock(mutex_);
    return items_;
  }
  absl::Status AwaitEnd() {
    Await([&] { return end_.has_value(); });
    const std::lock_guard lock(mutex_);
    return end_.value_or(absl::OkStatus());
  }

 private:
  template <class F>
  void Update(F change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <class P>
  bool Await(P condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, Scaled(20s), condition);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::vector<Item> items_;
  std::optional<absl::Status> end_;
};

class RealNodeTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/gtestnet-real-node-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    processes_.clear();
    if (!HasFailure()) {
      fs::remove_all(directory_);
      return;
    }
    std::cerr << "logs are kept in " << directory_ << "\n";
  }

  // All nodes of the topology, up to the point where they wait for the chain's start.
  void Launch(const Topology& topology) {
    spec_.topology = topology;
    spec_.seed = 7;
    spec_.run_id = "test";
    ASSERT_TRUE(spec_.topology.Validate().ok()) << spec_.topology.Validate();
    Placement placement;
    placement.start_file = (directory_ / "start").string();
    // An address block of this process's own.
    const int pid = getpid();
    const std::string block =
        "127." + std::to_string(64 + pid / 250 % 128) + "." + std::to_string(1 + pid % 250) + ".";
    const int count = spec_.topology.node_count();
    for (NodeIndex node = 0; node < count; ++node) {
      placement.addresses.push_back(
          {block + std::to_string(node + 1), {{"p2p", 3000}, {"api", 18080}}});
    }
    for (NodeIndex node = 0; node < count; ++node) {
      NodeInfo info;
      info.index = node;
      info.name = spec_.topology.NodeName(node);
      info.role = spec_.topology.RoleOf(node);
      info.address = placement.addresses[static_cast<size_t>(node)];
      const fs::path home = directory_ / info.name;
      fs::create_directory(home);
      placement.directory = home.string();
      absl::StatusOr<NodeSetup> setup = NomosKind().Setup(spec_, placement, node);
      ASSERT_TRUE(setup.ok()) << setup.status();
      setup->program = NomosKind().Program(info.role).value_or("");
      for (const NodeFile& file : setup->files) Write(home / file.path, file.content);
      info.log = (home / "log").string();
      processes_.push_back(std::make_unique<Process>(*setup, info.log));
      infos_.push_back(info);
    }
    clients_.emplace(infos_);
    for (const NodeInfo& info : infos_) AwaitPeers(info);
  }
  void AwaitPeers(const NodeInfo& info) {
    const auto wanted =
        spec_.topology.layout.Neighbours(info.index, spec_.topology.node_count()).size();
    EXPECT_TRUE(Eventually([&] {
      const absl::StatusOr<NodeSample> sample = NomosKind().Probe(info, 1s);
      return sample.ok() && static_cast<size_t>(chain::PeersOf(*sample)) == wanted;
    })) << info.name;
  }
  void StartChain() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    Write(directory_ / "start",
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
  }
  bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = RealClock().Now() + Scaled(20s);
    while (!condition()) {
      if (RealClock().Now() > deadline) return false;
      RealClock().SleepFor(5ms);
    }
    return true;
  }

  const NodeClients& clients() const { return *clients_; }

  fs::path directory_;
  ClusterSpec spec_;
  std::vector<NodeInfo> infos_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::optional<NodeClients> clients_;
};

Topology Small() {
  return Topology::Star().Validators(2).Executors(1).Wallets(2).Slot(100ms).SecurityParameter(5);
}

TEST_F(RealNodeTest, AgreesOnGenesisWithTheGenerator) {
  Launch(Small());
  const Genesis genesis = GenesisOf(spec_);
  for (const NodeClient& client : clients().all()) {
    const absl::StatusOr<ConsensusInfo> info = client.GetInfo();
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_EQ(info->tip, genesis.header_id) << client.name();
    EXPECT_EQ(info->lib, genesis.header_id);
    EXPECT_EQ(info->height, 0);
    EXPECT_EQ(info->lib_height, 0);
    const auto none = client.GetBlock(genesis.header_id);
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_EQ(*none, std::nullopt);
  }
  EXPECT_EQ(clients().validators().size(), 2u);
  EXPECT_EQ(clients().executors().size(), 1u);
}

TEST_F(RealNodeTest, TellsItsChain) {
  Launch(Small());
  const NodeClient& client = clients()[0];
  Collected<StreamedBlock> blocks;
  Collected<FinalisedBlock> finalised;
  Collected<FinalisedBlock> no_route;
  const NodeStream block_stream = client.StreamBlocks(blocks.handlers());
  const NodeStream lib_stream = client.StreamFinality(finalised.handlers());
  const NodeStream refused = clients().executors()[0].StreamFinality(no_route.handlers());
  ASSERT_TRUE(blocks.AwaitOpen());
  ASSERT_TRUE(finalised.AwaitOpen());
  EXPECT_EQ(no_route.AwaitEnd().code(), absl::StatusCode::kNotFound) << no_route.AwaitEnd();
  StartChain();

  const FinalisedBlock last = finalised.AwaitItems(3).at(2);
  EXPECT_EQ(last.height, 3);
  const std::vector<StreamedBlock> seen = blocks.AwaitItems(8);
  ASSERT_GE(seen.size(), 8u);
  EXPECT_EQ(seen[0].parent, GenesisOf(spec_).header_id);
  EXPECT_EQ(seen[0].height, 1);
  EXPECT_THAT(seen[0].tip_height, Ge(1));
  EXPECT_THAT(seen[0].lib_height, Ge(0));

  const absl::StatusOr<ConsensusInfo> info = client.GetInfo();
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->mode, "Online");
  const auto headers = client.GetHeaders(info->tip);
  ASSERT_TRUE(headers.ok()) << headers.status();
  ASSERT_GE(headers->size(), 2u);
  EXPECT_EQ(headers->front(), info->tip);
  const auto tip = client.GetBlock(info->tip);
  ASSERT_TRUE(tip.ok()) << tip.status();
  ASSERT_TRUE(tip->has_value());
  EXPECT_EQ((*tip)->slot, info->slot);
  EXPECT_EQ((*tip)->parent, headers->at(1));
  std::vector<std::string> leaders;
  for (NodeIndex node = 0; node < 3; ++node) {
    NodeRecord record;
    NomosKind().Describe(spec_, record, node);
    leaders.push_back(PublicKeyOf(record));
  }
  EXPECT_THAT(leaders, Contains((*tip)->leader_key));
  const auto range = client.GetBlocks(0, info->slot);
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_THAT(*range, Contains(Field(&StreamedBlock::id, last.id)));

  const auto metrics = client.GetMetrics();
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_THAT(*metrics, Contains(Field(&MetricValue::series, "consensus_tip_height")));
  const auto sample = client.GetSample();
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ(chain::PeersOf(*sample), 2);
  EXPECT_GE(chain::HeightOf(*sample) - 5, chain::FinalisedHeightOf(*sample));
  EXPECT_GE(chain::FinalisedHeightOf(*sample), 3);
}

TEST_F(RealNodeTest, TakesTransactionsAndRefusesWrongOnes) {
  Launch(Small());
  StartChain();
  const NodeClient& client = clients()[1];
  const Wallets wallets(spec_);
  const Wallet& alice = wallets[0];
  const Wallet& bob = wallets[1];
  const auto transfer =
      Transfer()
          .Spend(alice.genesis_notes()[0], alice.key())
          .Pay(bob.public_key(), 60)
          .Pay(alice.public_key(), 40)
          .Inscribe({.channel = std::string(64, 'c'), .bytes = "hello"}, alice.key())
          .Build();
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  const auto status = [&](const std::string& hash) {
    const auto statuses = client.GetStatus({hash});
    EXPECT_TRUE(statuses.ok()) << statuses.status();
    return statuses.ok() ? statuses->at(0) : TransactionStatus();
  };
  EXPECT_EQ(status(transfer->hash).kind, TransactionStatus::Kind::kUnknown);
  ASSERT_TRUE(client.Submit(*transfer).ok()) << client.Submit(*transfer);
  EXPECT_EQ(client.Submit(*transfer).code(), absl::StatusCode::kAlreadyExists)
      << client.Submit(*transfer);
  TransactionStatus last;
  ASSERT_TRUE(Eventually([&] {
    last = status(transfer->hash);
    return last.kind == TransactionStatus::Kind::kInBlock;
  })) << last;
  const auto block = client.GetBlock(last.block);
  ASSERT_TRUE(block.ok() && block->has_value()) << block.status();
  ASSERT_THAT((*block)->transactions, Contains(Field(&Transaction::hash, transfer->hash)));
  for (const Transaction& transaction : (*block)->transactions) {
    if (transaction.hash == transfer->hash) {
      EXPECT_EQ(transaction.outputs, transfer->makes);
      EXPECT_THAT(transaction.inputs, ElementsAre(alice.genesis_notes()[0].id));
    }
  }

  // What it made can be spent: the ids are right.
  const auto next =
      Transfer().Spend(transfer->makes[0], bob.key()).Pay(alice.public_key(), 60).Build();
  ASSERT_TRUE(next.ok()) << next.status();
  ASSERT_TRUE(clients()[0].Submit(*next).ok());
  EXPECT_TRUE(
      Eventually([&] { return status(next->hash).kind == TransactionStatus::Kind::kInBlock; }));

  for (Flaw flaw : {Flaw::kBadMessageProof, Flaw::kNoMessageProof}) {
    const auto wrong = Transfer()
                           .Inscribe({.channel = std::string(64, 'd'), .bytes = "x"}, bob.key())
                           .With(flaw)
                           .Build();
    const absl::Status refusal = client.Submit(*wrong);
    EXPECT_EQ(refusal.code(), absl::StatusCode::kInvalidArgument) << refusal;
    EXPECT_THAT(std::string(refusal.message()), HasSubstr("validator-1: 127.")) << refusal;
  }
  EXPECT_EQ(client.SubmitJson("{").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.SubmitJson("{}").code(), absl::StatusCode::kInvalidArgument);
  const auto mempool = client.GetMempool();
  ASSERT_TRUE(mempool.ok()) << mempool.status();
  EXPECT_GT(mempool->last_added_at, 0);
}

TEST_F(RealNodeTest, NeverIncludesWhatTheLedgerForbids) {
  Launch(Small());
  StartChain();
  const NodeClient& client = clients()[0];
  const Wallets wallets(spec_);
  const Wallet& alice = wallets[0];
  std::vector<std::string> wrong;
  size_t next = 0;
  for (Flaw flaw :
       {Flaw::kUnbalanced, Flaw::kBadSignature, Flaw::kMissingNote, Flaw::kSpendsTwice}) {
    const auto transaction = Transfer()
                                 .Spend(alice.genesis_notes()[next++], alice.key())
                                 .Pay(wallets[1].public_key(), 100)
                                 .With(flaw)
                                 .Build();
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    client.Submit(*transaction).IgnoreError();
    wrong.push_back(transaction->hash);
  }
  // A double spend: one of the two at most.
  std::vector<std::string> rivals;
  for (const Wallet& receiver : wallets) {
    const auto rival = Transfer()
                           .Spend(alice.genesis_notes()[next], alice.key())
                           .Pay(receiver.public_key(), 100)
                           .Build();
    ASSERT_TRUE(rival.ok() && clients()[rivals.size()].Submit(*rival).ok());
    rivals.push_back(rival->hash);
  }
  const auto included = [&](const std::vector<std::string>& hashes) {
    const auto statuses = client.GetStatus(hashes);
    EXPECT_TRUE(statuses.ok()) << statuses.status();
    return std::count_if(statuses->begin(), statuses->end(), [](const TransactionStatus& status) {
      return status.kind == TransactionStatus::Kind::kInBlock;
    });
  };
  ASSERT_TRUE(Eventually([&] { return included(rivals) == 1; }));
  const int64_t height = client.GetInfo()->height;
  ASSERT_TRUE(Eventually([&] { return client.GetInfo()->height > height + 5; }));
  EXPECT_EQ(included(rivals), 1);
  EXPECT_EQ(included(wrong), 0);
}

TEST_F(RealNodeTest, SaysThatANodeIsGone) {
  Launch(Topology::Star().Validators(1).Slot(100ms));
  const NodeClient& client = clients()[0];
  Collected<StreamedBlock> blocks;
  const NodeStream stream = client.StreamBlocks(blocks.handlers());
  ASSERT_TRUE(blocks.AwaitOpen());
  const int status = processes_[0]->End(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(blocks.AwaitEnd().code(), absl::StatusCode::kUnavailable) << blocks.AwaitEnd();
  EXPECT_THAT(std::string(blocks.AwaitEnd().message()), HasSubstr("validator-0: 127."));
  EXPECT_EQ(client.GetInfo().status().code(), absl::StatusCode::kUnavailable)
      << client.GetInfo().status();
}

}  // namespace
}  // namespace gtestnet::nomos
