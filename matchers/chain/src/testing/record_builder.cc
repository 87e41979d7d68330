// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/testing/record_builder.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::matching {

RecordBuilder::RecordBuilder(int nodes) : states_(static_cast<size_t>(nodes)) {
  chain::RegisterRecord();
  record_.run_id = "run";
  record_.test = "Suite.Test";
  record_.deployer = "local";
  record_.topology = absl::StrCat("star_", nodes, "v");
  chain::MutableChainOf(record_);
  chain::ChainParameters& parameters = chain::MutableChainOf(record_).parameters;
  parameters.pace.slot = std::chrono::milliseconds(200);
  parameters.security_parameter = 10;
  parameters.genesis = "genesis";
  chain::MutableChainOf(record_).supply = 1'000'000;
  for (NodeIndex i = 0; i < nodes; ++i) {
    NodeRecord node;
    node.name = absl::StrCat("validator-", i);
    node.role = "validator";
    record_.nodes.push_back(node);
    Stake(i, 1000);
    Peers(i, 1);
    if (i > 0) Neighbours(i, {0});
  }
  for (NodeIndex i = 1; i < nodes; ++i) record_.nodes[0].neighbours.push_back(i);
  Coefficient("0.9");
}

RecordBuilder& RecordBuilder::Coefficient(const std::string& f) {
  chain::MutableChainOf(record_).parameters.active_slot_coefficient = f;
  chain::MutableChainOf(record_).parameters.pace.active_slot_coefficient =
      std::strtod(f.c_str(), nullptr);
  return *this;
}

RecordBuilder& RecordBuilder::SecurityParameter(int64_t k) {
  chain::MutableChainOf(record_).parameters.security_parameter = k;
  return *this;
}

RecordBuilder& RecordBuilder::MinPeers(int n) {
  chain::MutableChainOf(record_).parameters.min_peers = n;
  return *this;
}

RecordBuilder& RecordBuilder::Stake(NodeIndex node, uint64_t stake) {
  double& of_node = record_.nodes[static_cast<size_t>(node)].numbers["stake"];
  chain::MutableChainOf(record_).parameters.total_stake += stake - static_cast<uint64_t>(of_node);
  of_node = static_cast<double>(stake);
  return *this;
}

RecordBuilder& RecordBuilder::Neighbours(NodeIndex node, std::vector<NodeIndex> neighbours) {
  record_.nodes[static_cast<size_t>(node)].neighbours = std::move(neighbours);
  return *this;
}

std::string RecordBuilder::AddBlock(const std::string& parent, const std::string& prefix,
                                    NodeIndex leader, std::vector<std::string> transactions) {
  chain::BlockRecord block;
  const chain::BlockRecord* before = Find(parent);
  block.height = before == nullptr ? 1 : before->height + 1;
  block.id = absl::StrCat(prefix, block.height);
  block.parent = parent;
  block.slot = slot_;
  block.leader = leader;
  block.transactions = std::move(transactions);
  block.first_seen = now_;
  chain::MutableChainOf(record_).blocks.push_back(block);
  return block.id;
}

const chain::BlockRecord* RecordBuilder::Find(const std::string& id) const {
  const std::vector<chain::BlockRecord>& blocks = chain::ChainOf(record_)->blocks;
  for (auto it = blocks.rbegin(); it != blocks.rend(); ++it) {
    if (it->id == id) return &*it;
  }
  return nullptr;
}

std::string RecordBuilder::FinalisedOf(const State& state) const {
  if (!state.finalised.empty()) return state.finalised;
  const chain::BlockRecord* block = Find(state.tip);
  for (int64_t i = 0;
       block != nullptr && i < chain::ChainOf(record_)->parameters.security_parameter; ++i) {
    block = Find(block->parent);
  }
  return block == nullptr ? "genesis" : block->id;
}

void RecordBuilder::SampleNode(NodeIndex node) {
  const State& state = states_[static_cast<size_t>(node)];
  NodeSample sample;
  sample.at = now_;
  sample.node = node;
  sample.reachable = state.up && !state.silent;
  if (sample.reachable) {
    const chain::BlockRecord* tip = Find(state.tip);
    const std::string finalised = FinalisedOf(state);
    const chain::BlockRecord* final_block = Find(finalised);
    sample.status = state.mode;
    chain::SetState(sample, {.tip = state.tip,
                             .slot = tip == nullptr ? 0 : tip->slot,
                             .height = tip == nullptr ? 0 : tip->height,
                             .finalised = finalised,
                             .finalised_height = final_block == nullptr ? 0 : final_block->height,
                             .peers = state.peers,
                             .mempool = state.mempool});
  }
  record_.samples.push_back(sample);
}

// Before the first block, whatever has been added since.
void RecordBuilder::SampleAtStart() {
  std::vector<State> later = states_;
  for (State& state : states_) state.tip = "genesis";
  Sample();
  states_ = std::move(later);
}

RecordBuilder& RecordBuilder::Sample() {
  for (size_t i = 0; i < states_.size(); ++i) SampleNode(static_cast<NodeIndex>(i));
  return *this;
}

RecordBuilder& RecordBuilder::Grow(int64_t slots, const std::set<NodeIndex>& but) {
  for (int64_t i = 0; i < slots; ++i) {
    const auto leader = static_cast<NodeIndex>(slot_ % static_cast<int64_t>(states_.size()));
    AddToMain(leader, {}, but);
    Idle(1);
  }
  return *this;
}

void RecordBuilder::AddToMain(NodeIndex leader, std::vector<std::string> transactions,
                              const std::set<NodeIndex>& but) {
  tip_ = AddBlock(tip_, "b", leader, std::move(transactions));
  for (size_t i = 0; i < states_.size(); ++i) {
    const bool follows = states_[i].up && !states_[i].silent && states_[i].mode == "Online";
    if (follows && !but.contains(static_cast<NodeIndex>(i))) states_[i].tip = tip_;
  }
}

RecordBuilder& RecordBuilder::Block(NodeIndex leader, std::vector<std::string> transactions) {
  AddToMain(leader, std::move(transactions), {});
  return Idle(1);
}

RecordBuilder& RecordBuilder::Idle(int64_t slots) {
  if (slot_ == 0) SampleAtStart();
  for (int64_t i = 0; i < slots; ++i) {
    ++slot_;
    now_ += chain::MutableChainOf(record_).parameters.pace.slot;
    Sample();
  }
  return *this;
}

RecordBuilder& RecordBuilder::Fork(NodeIndex node, int64_t blocks) {
  State& state = states_[static_cast<size_t>(node)];
  for (int64_t i = 0; i < blocks; ++i) {
    state.tip = AddBlock(state.tip, absl::StrCat("f", node, "."), node, {});
  }
  SampleNode(node);
  return *this;
}

RecordBuilder& RecordBuilder::Adopt(NodeIndex node, const std::string& tip) {
  states_[static_cast<size_t>(node)].tip = tip.empty() ? tip_ : tip;
  SampleNode(node);
  return *this;
}

RecordBuilder& RecordBuilder::Finalise(NodeIndex node, const std::string& block) {
  states_[static_cast<size_t>(node)].finalised = block;
  SampleNode(node);
  return *this;
}

RecordBuilder& RecordBuilder::Late(NodeIndex node) {
  states_[static_cast<size_t>(node)].up = false;
  return *this;
}

RecordBuilder& RecordBuilder::Happen(NodeIndex node, NodeEventKind kind, std::string detail) {
  const bool exit = kind == NodeEventKind::kExited;
  record_.events.push_back({now_, node, kind, exit ? "" : "restarts", std::move(detail)});
  states_[static_cast<size_t>(node)].up = kind == NodeEventKind::kStarted ||
                                          kind == NodeEventKind::kResumed ||
                                          kind == NodeEventKind::kAdded;
  return *this;
}

RecordBuilder& RecordBuilder::Transaction(std::string hash, std::vector<chain::NoteRecord> spends,
                                          std::vector<chain::NoteRecord> makes,
                                          std::string refusal) {
  chain::MutableChainOf(record_).transactions.push_back({std::move(hash), "transactions", 0, now_,
                                                         std::move(refusal), std::move(spends),
                                                         std::move(makes)});
  return *this;
}

RecordBuilder& RecordBuilder::Metric(NodeIndex node, std::string series, double value) {
  record_.metrics.push_back({now_, node, std::move(series), value});
  return *this;
}

RecordBuilder& RecordBuilder::Mempool(NodeIndex node, int64_t transactions) {
  states_[static_cast<size_t>(node)].mempool = transactions;
  return *this;
}

RecordBuilder& RecordBuilder::Mode(NodeIndex node, std::string mode) {
  states_[static_cast<size_t>(node)].mode = std::move(mode);
  return *this;
}

RecordBuilder& RecordBuilder::Peers(NodeIndex node, int peers) {
  states_[static_cast<size_t>(node)].peers = peers;
  return *this;
}

RecordBuilder& RecordBuilder::Silence(NodeIndex node) {
  states_[static_cast<size_t>(node)].silent = true;
  return *this;
}

RunRecord RecordBuilder::Build() const {
  RunRecord record = record_;
  record.ended = now_;
  record.closed = now_;
  for (size_t i = 0; i < states_.size(); ++i) record.nodes[i].up_at_end = states_[i].up;
  return record;
}

}  // namespace gtestnet::matching
