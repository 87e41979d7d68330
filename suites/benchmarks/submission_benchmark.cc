// SPDX-License-Identifier: Apache-2.0
// Submission of transactions to one node: NodeClient beside wrk, which posts the same bodies to the
// same endpoint of a fresh node of its own.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/default_kind.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr int kConnections = 8;
constexpr int kBodies = 60'000;  // the mempool holds a few more
constexpr auto kTime = 1s;

[[noreturn]] void Die(const std::string& words) {
  std::fprintf(stderr, "%s\n", words.c_str());
  std::exit(2);
}

// A node that takes transactions and makes no block: the one neighbour that it needs never comes.
class LoneNode {
 public:
  LoneNode() {
    ClusterSpec spec;
    spec.topology = Topology::Star().Validators(2).Late(1).MinPeers(1).Wallets(1);
    spec.seed = 1;
    spec.run_id = MakeRunId();
    absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = deployer_.Provision(spec);
    if (!cluster.ok()) Die(cluster.status().ToString());
    cluster_ = *std::move(cluster);
  }

  NodeInfo info() const { return cluster_->nodes().front(); }
  std::string Log() const { return cluster_->Log(0, 2000).value_or("no log"); }
  std::string Url() const {
    const NodeAddress address = info().address;
    return "http://" + address.host + ":" + std::to_string(address.ports.at("api")) +
           "/mempool/add/tx";
  }

 private:
  LocalDeployer deployer_;
  std::unique_ptr<BackendCluster> cluster_;
};

// All spend one note, which nodes check when they make a block.
const std::vector<nomos::SignedTransaction>& Prepared() {
  static const std::vector<nomos::SignedTransaction> all = [] {
    ClusterSpec spec;
    spec.topology = Topology::Star().Validators(2).Late(1).MinPeers(1).Wallets(1);
    spec.seed = 1;
    const Wallets wallets(spec);
    const nomos::Wallet& wallet = wallets[0];
    std::vector<nomos::SignedTransaction> made;
    nomos::Note note = wallet.genesis_notes().front();
    note.value = 1'000'000;
    for (uint64_t i = 1; i <= kBodies; ++i) {
      absl::StatusOr<nomos::SignedTransaction> one = nomos::Transfer()
                                                         .Spend(note, wallet.key())
                                                         .Pay(wallet.public_key(), i)
                                                         .Pay(wallet.public_key(), note.value - i)
                                                         .Build();
      if (!one.ok()) Die(one.status().ToString());
      made.push_back(*std::move(one));
    }
    return made;
  }();
  return all;
}

// The bodies by line and a script that posts each once, removed at the end.
class WrkFiles {
 public:
  WrkFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "gtestnet-wrk-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) Die("no temporary directory");
    directory_ = name;
    std::ofstream bodies(directory_ / "bodies");
    for (const nomos::SignedTransaction& one : Prepared()) bodies << one.json << '\n';
    std::ofstream(script()) << "wrk.method = 'POST'\n"
                            << "wrk.headers['Content-Type'] = 'application/json'\n"
                            << "local bodies = io.open('" << (directory_ / "bodies").string()
                            << "')\n"
                            << "function request()\n"
                            << "  local body = bodies:read()\n"
                            << "  if body == nil then return wrk.format('GET', '/used-up') end\n"
                            << "  return wrk.format(nil, nil, nil, body)\n"
                            << "end\n";
  }
  ~WrkFiles() { std::filesystem::remove_all(directory_); }
  std::filesystem::path script() const { return directory_ / "post.lua"; }

 private:
  std::filesystem::path directory_;
};

// Transactions per second.
double ByWrk() {
  static const WrkFiles files;
  const LoneNode node;
  const std::string command = "wrk -t1 -c" + std::to_string(kConnections) + " -d" +
                              std::to_string(kTime.count()) + "s -s '" + files.script().string() +
                              "' " + node.Url() + " 2>&1";
  FILE* out = popen(command.c_str(), "r");
  if (out == nullptr) Die("wrk cannot be run");
  std::string text;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, out)) text.append(buffer, n);
  const bool wrong = pclose(out) != 0 || text.find("Non-2xx") != std::string::npos ||
                     text.find("Socket errors") != std::string::npos;
  const size_t at = text.find("Requests/sec:");
  if (wrong || at == std::string::npos) Die("wrk: " + text + "\nThe node: " + node.Log());
  return std::strtod(text.c_str() + at + 13, nullptr);
}

double ByClient() {
  const LoneNode node;
  const NodeClient client(node.info());
  std::atomic<size_t> next{0};
  std::atomic<size_t> taken{0};
  const std::vector<nomos::SignedTransaction>& all = Prepared();
  const auto begun = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < kConnections; ++i) {
      senders.emplace_back([&] {
        while (std::chrono::steady_clock::now() < begun + kTime) {
          const size_t mine = next++;
          if (mine >= all.size()) return;
          if (absl::Status status = client.Submit(all[mine]); !status.ok()) {
            Die(status.ToString());
          }
          ++taken;
        }
      });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(taken) / took.count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Turn by turn, so that whatever else the machine does meets both.
void Submit(benchmark::State& state) {
  std::vector<double> wrk, client, ratio;
  Prepared();
  for (auto _ : state) {
    for (int turn = 0; turn < 5; ++turn) {
      wrk.push_back(ByWrk());
      client.push_back(ByClient());
      ratio.push_back(client.back() / wrk.back());
    }
  }
  state.counters["wrk_per_s"] = Median(wrk);
  state.counters["client_per_s"] = Median(client);
  state.counters["ratio"] = Median(ratio);
}
BENCHMARK(Submit)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace gtestnet::benchmarks

BENCHMARK_MAIN();
