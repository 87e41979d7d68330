// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/chain_watch.h"

#include <utility>

#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::nomos {

void ChainWatch::AddBlock(chain::BlockRecord block, const std::string& leader_key) {
  auto leader = leaders_.find(leader_key);
  block.leader = leader == leaders_.end() ? -1 : leader->second;
  tracker_.AddBlock(std::move(block));
}

void ChainWatch::Absorb(RunTime at) {
  std::optional<chain::ChainUpdate> update = tracker_.Update(at);
  if (update.has_value()) updates_.push_back(*std::move(update));
  if (!updates_.empty() || tracker_.AnyWanted()) bell_.Ring();
}

void ChainWatch::TakeLine(NodeIndex node, const StreamedBlock& streamed) {
  std::lock_guard lock(mutex_);
  const RunTime at = now_();
  chain::BlockRecord block;
  block.id = streamed.id;
  block.parent = streamed.parent;
  block.slot = streamed.slot;
  block.transactions = streamed.transactions;
  block.first_seen = at;
  AddBlock(std::move(block), streamed.leader_key);
  if (!streamed.tip.empty() && streamed.tip_height >= 0 && !IsBehindAnswers(node, streamed)) {
    last_line_[node] = at;
    tracker_.SetTip(node, streamed.tip, streamed.lib_height);
    // Peers, mempool and mode are those of the last answer; before there is one, nothing is known.
    const NodeSample* latest = samples_.Latest(node);
    if (latest != nullptr && latest->reachable && changed_at_(node) < latest->at) {
      NodeSample sample = *latest;
      sample.at = at;
      chain::State state = chain::StateOf(sample);
      state.tip = streamed.tip;
      state.height = streamed.tip_height;
      const chain::BlockRecord* tip = tracker_.Find(streamed.tip);
      if (tip != nullptr) state.slot = tip->slot;
      state.finalised = streamed.lib;
      state.finalised_height = streamed.lib_height;
      chain::SetState(sample, state);
      samples_.Add(std::move(sample));
    }
  }
  Absorb(at);
}

// Lines wait in the stream while the node answers: one that shows less than an answer did is older.
// Should it be newer, as the node has given up blocks, the next answer tells.
bool ChainWatch::IsBehindAnswers(NodeIndex node, const StreamedBlock& line) {
  auto answered = answered_height_.find(node);
  if (answered == answered_height_.end()) return false;
  if (line.tip_height < answered->second) return true;
  answered_height_.erase(answered);
  return false;
}

void ChainWatch::TakeSample(NodeIndex node, RunTime asked, NodeSample sample) {
  std::lock_guard lock(mutex_);
  if (changed_at_(node) >= asked) return;
  const RunTime at = now_();
  sample.at = at;
  sample.node = node;
  sample.reachable = true;
  auto line = last_line_.find(node);
  const NodeSample* latest = samples_.Latest(node);
  if (line != last_line_.end() && line->second >= asked && latest != nullptr && latest->reachable) {
    chain::State state = chain::StateOf(*latest);
    state.peers = chain::PeersOf(sample);
    state.mempool = chain::MempoolOf(sample);
    chain::SetState(sample, state);
    answered_height_.erase(node);
  } else {
    answered_height_[node] = chain::HeightOf(sample);
  }
  tracker_.SetTip(node, chain::TipOf(sample), chain::FinalisedHeightOf(sample));
  samples_.Add(std::move(sample));
  Absorb(at);
}

void ChainWatch::TakeSilence(NodeIndex node) {
  std::lock_guard lock(mutex_);
  NodeSample sample;
  sample.at = now_();
  sample.node = node;
  tracker_.SetDown(node);
  answered_height_.erase(node);
  const RunTime at = sample.at;
  samples_.Add(std::move(sample));
  Absorb(at);
}

void ChainWatch::TakeMetrics(NodeIndex node, const std::vector<MetricValue>& values) {
  std::lock_guard lock(mutex_);
  const RunTime at = now_();
  for (const MetricValue& value : values) samples_.Add({at, node, value.series, value.value});
}

void ChainWatch::TakeBlock(const Block& fetched) {
  std::lock_guard lock(mutex_);
  const RunTime at = now_();
  chain::BlockRecord block;
  block.id = fetched.id;
  block.parent = fetched.parent;
  block.slot = fetched.slot;
  for (const Transaction& transaction : fetched.transactions) {
    block.transactions.push_back(transaction.hash);
  }
  block.first_seen = at;
  AddBlock(std::move(block), fetched.leader_key);
  Absorb(at);
}

std::vector<std::string> ChainWatch::Wanted() const {
  std::lock_guard lock(mutex_);
  return tracker_.Wanted();
}

void ChainWatch::GiveUp(const std::string& id) {
  std::lock_guard lock(mutex_);
  tracker_.GiveUp(id);
}

void ChainWatch::Deliver() {
  std::lock_guard calling(subscribers_mutex_);
  for (;;) {
    chain::ChainUpdate update;
    {
      std::lock_guard lock(mutex_);
      if (updates_.empty()) return;
      update = std::move(updates_.front());
      updates_.pop_front();
    }
    for (const auto& [id, handler] : subscribers_) handler(update);
  }
}

NodeSample ChainWatch::Latest(NodeIndex node) const {
  std::lock_guard lock(mutex_);
  if (const NodeSample* latest = samples_.Latest(node)) return *latest;
  NodeSample unknown;
  unknown.node = node;
  return unknown;
}

int64_t ChainWatch::Subscribe(std::function<void(const chain::ChainUpdate&)> handler) {
  std::lock_guard calling(subscribers_mutex_);
  subscribers_.emplace(next_subscriber_, std::move(handler));
  return next_subscriber_++;
}

void ChainWatch::Unsubscribe(int64_t id) {
  std::lock_guard calling(subscribers_mutex_);
  subscribers_.erase(id);
}

std::vector<NodeSample> ChainWatch::Samples() const {
  std::lock_guard lock(mutex_);
  return samples_.AllSamples();
}

std::vector<MetricSample> ChainWatch::Metrics() const {
  std::lock_guard lock(mutex_);
  return samples_.AllMetrics();
}

}  // namespace gtestnet::nomos
