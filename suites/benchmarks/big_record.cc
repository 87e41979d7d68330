// SPDX-License-Identifier: Apache-2.0
#include "big_record.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/random.h"

namespace gtestnet::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kSecurityParameter = 10;
constexpr RunTime kSlot = 1000ms;
constexpr uint64_t kValue = 100;
constexpr uint64_t kStake = 1000;
constexpr int kBlocksPerMetric = 10;
// In one element of the record.
constexpr size_t kMostNotes = 1000;

class Maker {
 public:
  explicit Maker(const RecordSize& size) : size_(size) {}

  RunRecord Make() {
    MakeFrame();
    for (int height = 1; height <= size_.blocks; ++height) {
      MakeBlock(height);
      SampleAll(height);
    }
    MakeEnd();
    return std::move(record_);
  }

 private:
  std::string Id() {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string id(64, '0');
    for (size_t i = 0; i < id.size(); i += 16) {
      uint64_t bits = random_.Next();
      for (size_t j = 0; j < 16; ++j, bits >>= 4) id[i + j] = kDigits[bits & 15];
    }
    return id;
  }

  void MakeFrame() {
    record_.run_id = "benchmark";
    record_.test = "benchmark";
    record_.deployer = "local";
    record_.topology = "benchmark";
    record_.layout = "star";
    for (int i = 0; i < size_.nodes; ++i) {
      NodeRecord node;
      node.name = "validator-" + std::to_string(i);
      node.role = "validator";
      nomos::SetLeader(node, kStake, Id());
      AtGenesis(kStake, nomos::PublicKeyOf(node), true, Id());
      if (i > 0) node.neighbours = {0};
      record_.nodes.push_back(node);
      record_.events.push_back({0ms, i, NodeEventKind::kStarted, "deployer", ""});
    }
    for (int i = 1; i < size_.nodes; ++i) record_.nodes[0].neighbours.push_back(i);
    chain::ChainRecord& chain = chain::MutableChainOf(record_);
    chain.parameters.pace = {kSlot, 0.9, 10 * kSecurityParameter};
    chain.parameters.active_slot_coefficient = "0.9";
    chain.parameters.security_parameter = kSecurityParameter;
    chain.parameters.total_stake = static_cast<uint64_t>(size_.nodes) * kStake;
    chain.parameters.genesis = Id();
    chain.blocks.reserve(static_cast<size_t>(size_.blocks));
    chain.transactions.reserve(static_cast<size_t>(size_.transactions) + 1);
    record_.samples.reserve(static_cast<size_t>(size_.blocks) * static_cast<size_t>(size_.nodes));
  }

  void AtGenesis(uint64_t value, const std::string& owner, bool stake, std::string id) {
    chain::ChainRecord& chain = chain::MutableChainOf(record_);
    std::vector<chain::GenesisNotes>& all = chain.genesis_notes;
    if (all.empty() || all.back().owner != owner || all.back().ids.size() >= kMostNotes) {
      all.push_back({value, owner, stake, {}});
    }
    all.back().ids.push_back(std::move(id));
    chain.supply += value;
  }

  void MakeBlock(int height) {
    chain::ChainRecord& chain = chain::MutableChainOf(record_);
    chain::BlockRecord block;
    block.id = Id();
    block.parent = height == 1 ? chain.parameters.genesis : chain.blocks.back().id;
    block.slot = height + height / 9;  // one slot in ten is empty
    block.height = height;
    block.leader = static_cast<NodeIndex>(random_.Below(static_cast<uint64_t>(size_.nodes)));
    block.first_seen = kSlot * block.slot;
    const auto upto =
        static_cast<size_t>(static_cast<int64_t>(size_.transactions) * height / size_.blocks);
    while (chain.transactions.size() < upto) {
      chain::TransactionRecord t;
      t.hash = Id();
      t.workload = "transactions";
      t.node = block.leader;
      t.submitted_at = block.first_seen - kSlot;
      t.spends = {{Id(), kValue}};
      AtGenesis(kValue, "wallet", false, t.spends[0].id);
      t.makes = {{Id(), kValue}};
      t.seen_by = chain::NodeSet::FirstOf(size_.nodes);
      t.first_seen = t.submitted_at;
      t.last_seen = block.first_seen;
      block.transactions.push_back(t.hash);
      chain.transactions.push_back(std::move(t));
    }
    chain.blocks.push_back(std::move(block));
  }

  void SampleAll(int height) {
    const std::vector<chain::BlockRecord>& blocks = chain::MutableChainOf(record_).blocks;
    const chain::BlockRecord& tip = blocks.back();
    const int64_t final_height = std::max<int64_t>(height - kSecurityParameter, 0);
    NodeSample sample;
    sample.at = tip.first_seen + 100ms;
    sample.reachable = true;
    sample.status = "Online";
    chain::SetState(
        sample, {.tip = tip.id,
                 .slot = tip.slot,
                 .height = height,
                 .finalised = final_height == 0 ? chain::MutableChainOf(record_).parameters.genesis
                                                : blocks[static_cast<size_t>(final_height) - 1].id,
                 .finalised_height = final_height,
                 .peers = 1});
    for (int i = 0; i < size_.nodes; ++i) {
      sample.node = i;
      record_.samples.push_back(sample);
      if (height % kBlocksPerMetric != 0) continue;
      record_.metrics.push_back(
          {sample.at, i, "consensus_tip_height", static_cast<double>(height)});
    }
  }

  // A wrong transaction, a restart in the middle, and the drain.
  void MakeEnd() {
    chain::ChainRecord& chain = chain::MutableChainOf(record_);
    chain::TransactionRecord wrong;
    wrong.hash = Id();
    wrong.workload = "invalid transactions";
    wrong.flaw = "bad signature";
    wrong.refusal = "HTTP 422";
    chain.transactions.push_back(wrong);
    const RunTime middle = chain.blocks[chain.blocks.size() / 2].first_seen;
    const NodeIndex last = size_.nodes - 1;
    record_.events.push_back({middle, last, NodeEventKind::kStopped, "restarts", ""});
    record_.events.push_back({middle + 200ms, last, NodeEventKind::kStarted, "restarts", ""});
    MakeBlobs();
    for (int i = 0; i < size_.nodes; ++i) {
      for (const char* series : {"da_samples_verified_total", "da_samples_failed_total"}) {
        const double value = std::string(series) == "da_samples_verified_total" ? 100 : 0;
        record_.metrics.push_back({record_.samples.back().at, i, series, value});
      }
      record_.metrics.push_back({record_.samples.back().at, i, "consensus_tip_height",
                                 static_cast<double>(size_.blocks)});
    }
    record_.ended = chain.blocks.back().first_seen;
    record_.closed = record_.samples.back().at;
    record_.workloads.push_back({"transactions", 0ms, record_.ended, size_.transactions, "", ""});
  }

  // Some of the transactions were, after all, channels and blobs.
  void MakeBlobs() {
    chain::ChainRecord& chain = chain::MutableChainOf(record_);
    for (size_t i = 0; i < std::min<size_t>(chain.transactions.size() / 2, 1000); i += 2) {
      chain::InscriptionRecord inscription;
      inscription.transaction = chain.transactions[i].hash;
      inscription.channel = Id();
      inscription.workload = "data availability";
      chain::BlobRecord blob;
      blob.id = Id();
      blob.channel = inscription.channel;
      blob.transaction = chain.transactions[i + 1].hash;
      blob.workload = "data availability";
      blob.size = 31;
      blob.data = Id();
      blob.retrieval = chain::BlobRetrieval{0, 128, blob.data, ""};
      chain.inscriptions.push_back(std::move(inscription));
      chain.blobs.push_back(std::move(blob));
    }
  }

  const RecordSize size_;
  Random random_{1};
  RunRecord record_;
};

}  // namespace

RunRecord BigRecord(const RecordSize& size) {
  chain::RegisterRecord();
  return Maker(size).Make();
}

}  // namespace gtestnet::benchmarks
