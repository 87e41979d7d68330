// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/chain_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::nomos {
namespace {

std::string Short(const std::string& id) { return id.substr(0, 8); }

}  // namespace

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
  streams_.TakeLine(node, StreamKind::kBlocks);
  if (!streamed.untrue.empty()) {
    contradictions_.Differ(node, "block stream",
                           absl::StrCat("block ", Short(streamed.id), " of slot ", streamed.slot,
                                        " in its block stream"),
                           streamed.untrue, at, chain::Contradictions::kFact);
    return;
  }
  chain::BlockRecord block;
  block.id = streamed.id;
  block.parent = streamed.parent;
  block.slot = streamed.slot;
  block.transactions = streamed.transactions;
  block.first_seen = at;
  AddBlock(std::move(block), streamed.leader_key);
  if (!FitsBlocks(node, streamed, at)) return Absorb(at);
  if (!streamed.tip.empty() && streamed.tip_height >= 0 && !IsBehindAnswers(node, streamed)) {
    Told& told = ToldBy(node);
    told.tip_at = at;
    told.tip_height = streamed.tip_height;
    last_line_[node] = at;
    tracker_.SetTip(node, streamed.tip, streamed.lib);
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
  auto answered = answered_.find(node);
  if (answered == answered_.end()) return false;
  if (HeightOf(line.tip, line.tip_height) <
      HeightOf(answered->second.tip, answered->second.told_height)) {
    return true;
  }
  answered_.erase(answered);
  return false;
}

int64_t ChainWatch::HeightOf(const std::string& tip, int64_t told) const {
  const int64_t height = tracker_.HeightOf(tip);
  return height >= 0 ? height : told;
}

void ChainWatch::TakeSample(NodeIndex node, RunTime asked, NodeSample sample) {
  std::lock_guard lock(mutex_);
  // In this order: what is taken is dated before the next change.
  const RunTime at = now_();
  if (changed_at_(node) >= asked) return;
  NoteSilence(node, StreamKind::kBlocks, chain::HeightOf(sample), at);
  NoteSilence(node, StreamKind::kFinality, chain::FinalisedHeightOf(sample), at);
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
    answered_.erase(node);
  } else {
    answered_[node] = {chain::TipOf(sample), chain::HeightOf(sample)};
  }
  tracker_.SetTip(node, chain::TipOf(sample), chain::FinalisedOf(sample));
  samples_.Add(std::move(sample));
  Absorb(at);
}

void ChainWatch::TakeSilence(NodeIndex node) {
  std::lock_guard lock(mutex_);
  NodeSample sample;
  sample.at = now_();
  sample.node = node;
  tracker_.SetDown(node);
  answered_.erase(node);
  streams_.TakeSilence(node);
  const RunTime at = sample.at;
  samples_.Add(std::move(sample));
  Absorb(at);
}

void ChainWatch::TakeMetrics(NodeIndex node, const std::vector<MetricValue>& values) {
  std::lock_guard lock(mutex_);
  const RunTime at = now_();
  for (const MetricValue& value : values) samples_.Add({at, node, value.series, value.value});
}

void ChainWatch::TakeBlock(NodeIndex node, const Block& fetched) {
  std::lock_guard lock(mutex_);
  const RunTime at = now_();
  if (!fetched.untrue.empty()) {
    contradictions_.Differ(node, "block",
                           absl::StrCat("block ", Short(fetched.id), " of slot ", fetched.slot,
                                        " in POST /storage/block"),
                           fetched.untrue, at, chain::Contradictions::kFact);
    return;
  }
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

// ----- what a node told, held against what else is known -----

ChainWatch::Told& ChainWatch::ToldBy(NodeIndex node) {
  std::optional<RunTime>& since = told_since_[node];
  if (const std::optional<RunTime> changed = changed_at_(node); changed != since) {
    since = changed;
    told_.erase(node);
    contradictions_.Forget(node);
  }
  return told_[node];
}

bool ChainWatch::FitsBlocks(NodeIndex node, const StreamedBlock& line, RunTime at) {
  bool fits = true;
  const auto judge = [&](const char* what, const std::string& id, int64_t told) {
    const int64_t height = tracker_.HeightOf(id);
    if (height < 0 || told < 0 || told == height) return;
    fits = false;
    contradictions_.Differ(
        node, what, absl::StrCat(what, " ", told, " of block ", Short(id), " in its block stream"),
        absl::StrCat("that block is at height ", height), at, chain::Contradictions::kFact);
  };
  if (line.height > 0) judge("height", line.id, line.height);
  judge("tip_height", line.tip, line.tip_height);
  judge("lib_height", line.lib, line.lib_height);
  return fits;
}

void ChainWatch::TakeFinality(NodeIndex node, const FinalisedBlock& block) {
  constexpr size_t kMostUnjudged = 1000;
  std::lock_guard lock(mutex_);
  streams_.TakeLine(node, StreamKind::kFinality);
  Told& told = ToldBy(node);
  if (told.final_blocks.size() == kMostUnjudged) told.final_blocks.pop_front();
  told.final_blocks.emplace_back(block, now_());
}

void ChainWatch::StreamOpened(NodeIndex node, StreamKind kind) {
  std::lock_guard lock(mutex_);
  streams_.Opened(node, kind);
}

void ChainWatch::StreamEnded(NodeIndex node, StreamKind kind) {
  std::lock_guard lock(mutex_);
  streams_.Ended(node, kind);
  // The node may be another one when it answers again.
  Told& told = told_[node];
  (kind == StreamKind::kBlocks ? told.tip_height : told.final_height) = -1;
}

bool ChainWatch::MustReopen(NodeIndex node, StreamKind kind) {
  std::lock_guard lock(mutex_);
  return streams_.MustReopen(node, kind);
}

void ChainWatch::NoteSilence(NodeIndex node, StreamKind kind, int64_t height, RunTime at) {
  const std::optional<StreamWatch::Silence> silence = streams_.TakeAnswer(node, kind, height, at);
  if (!silence) return;
  const bool blocks = kind == StreamKind::kBlocks;
  contradictions_.Differ(
      node, blocks ? "silent block stream" : "silent finality stream",
      absl::StrCat("nothing in its ", blocks ? "block" : "finality", " stream from ",
                   InSeconds(silence->since), " on, which stayed open"),
      absl::StrCat("it told ", blocks ? "height " : "final height ", silence->from, " and then ",
                   silence->to, " in GET /cryptarchia/info"),
      at, chain::Contradictions::kFact);
  bell_.Ring();
}

FinalQuestion ChainWatch::QuestionOf(const std::string& last_final) const {
  std::lock_guard lock(mutex_);
  return nomos::QuestionOf(last_final, tracker_);
}

bool ChainWatch::IsLookDue(NodeIndex node) const {
  std::lock_guard lock(mutex_);
  return contradictions_.IsPending(node);
}

void ChainWatch::TakeStatuses(NodeIndex node, RunTime asked, const std::vector<std::string>& hashes,
                              const std::vector<TransactionStatus>& statuses) {
  constexpr size_t kMostUnjudged = 1000;
  std::lock_guard lock(mutex_);
  if (changed_at_(node) >= asked) return;
  Told& told = ToldBy(node);
  for (size_t i = 0; i < std::min(hashes.size(), statuses.size()); ++i) {
    if (statuses[i].kind != TransactionStatus::Kind::kInBlock) continue;
    if (told.in_block.size() == kMostUnjudged) return;
    told.in_block.emplace_back(hashes[i], statuses[i].block);
    tracker_.Name(statuses[i].block);
  }
}

void ChainWatch::TakeTestimony(NodeIndex node, RunTime asked, const Testimony& testimony) {
  std::lock_guard lock(mutex_);
  if (changed_at_(node) >= asked) return;
  const RunTime at = now_();
  Told& told = ToldBy(node);
  Examine(node, testimony, tracker_, at, patience_, contradictions_);
  JudgeFinalBlocks(node, told, testimony.after, at);
  JudgeStreams(node, asked, testimony.after, at);
  JudgeStatuses(node, told, at);
}

// What a stream told before the node was asked is no news to the node.
void ChainWatch::JudgeStreams(NodeIndex node, RunTime asked, const ConsensusInfo& info,
                              RunTime at) {
  const Told& told = told_[node];
  const auto judge = [&](const char* what, int64_t height, const std::string& line, RunTime line_at,
                         int64_t told_height) {
    if (told_height < 0 || line_at >= asked) return;
    if (told_height <= height) return contradictions_.Agree(node, what);
    contradictions_.Differ(node, what, absl::StrCat(what, " ", height, " in GET /cryptarchia/info"),
                           absl::StrCat("it told ", told_height, " in its ", line, " before"), at);
  };
  // Another height than the block's is told by NodesAreTruthful.
  const auto fits = [this](const std::string& id, int64_t height) {
    const int64_t known = tracker_.HeightOf(id);
    return known < 0 || known == height;
  };
  if (fits(info.tip, info.height)) {
    judge("tip at height", info.height, "block stream", told.tip_at, told.tip_height);
  }
  if (info.lib_height && fits(info.lib, *info.lib_height)) {
    judge("final block at height", *info.lib_height, "finality stream", told.final_at,
          told.final_height);
  }
}

void ChainWatch::JudgeFinalBlocks(NodeIndex node, Told& told, const ConsensusInfo& info,
                                  RunTime at) {
  // A block that another stream is yet to tell comes in time.
  constexpr chain::Contradictions::Rule kUnknown{3, std::chrono::seconds(2)};
  const char* const kUnshown = "final block that nobody showed";
  const chain::BlockRecord* final_block = tracker_.Find(info.lib);
  while (!told.final_blocks.empty()) {
    const auto& [one, one_at] = told.final_blocks.front();
    const std::string words =
        absl::StrCat("block ", Short(one.id), " at height ", one.height, " in its finality stream");
    const int64_t height = tracker_.HeightOf(one.id);
    if (height < 0) {
      tracker_.Name(one.id);
      contradictions_.Differ(node, kUnshown, words, "no node showed that block", at, kUnknown);
      return;
    }
    contradictions_.Agree(node, kUnshown);
    if (height == one.height) {
      told.final_at = one_at;
      told.final_height = height;
    } else {
      contradictions_.Differ(node, "finality stream", words,
                             absl::StrCat("that block is at height ", height), at,
                             chain::Contradictions::kFact);
    }
    while (final_block != nullptr && final_block->height > height) {
      final_block = tracker_.Find(final_block->parent);
    }
    if (final_block != nullptr && final_block->height == height && final_block->id != one.id) {
      contradictions_.Differ(node, "finality stream", words,
                             absl::StrCat("the chain to its final block ", Short(info.lib), " has ",
                                          Short(final_block->id), " there"),
                             at, chain::Contradictions::kFact);
    }
    final_block = tracker_.Find(info.lib);
    told.final_blocks.pop_front();
  }
}

void ChainWatch::JudgeStatuses(NodeIndex node, Told& told, RunTime at) {
  constexpr chain::Contradictions::Rule kUnknown{3, std::chrono::seconds(2)};
  const char* const kUnshown = "status with a block that nobody showed";
  while (!told.in_block.empty()) {
    const auto& [hash, id] = told.in_block.front();
    const std::string words = absl::StrCat("transaction ", Short(hash), " in block ", Short(id),
                                           " in POST /mantle/status");
    const chain::BlockRecord* block = tracker_.Find(id);
    if (block == nullptr) {
      contradictions_.Differ(node, kUnshown, words, "no node showed that block", at, kUnknown);
      return;
    }
    contradictions_.Agree(node, kUnshown);
    if (std::count(block->transactions.begin(), block->transactions.end(), hash) == 0) {
      contradictions_.Differ(node, "status", words, "that block does not have it", at,
                             chain::Contradictions::kFact);
    }
    told.in_block.pop_front();
  }
}

std::vector<chain::ContradictionRecord> ChainWatch::Contradictions() const {
  std::lock_guard lock(mutex_);
  return contradictions_.Noted();
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
  const NodeSample* const latest = samples_.Latest(node);
  if (latest == nullptr) return NodeSample{.node = node};
  NodeSample sample = *latest;
  const std::optional<int64_t> height = tracker_.HeightOfNode(node);
  if (!sample.reachable || !height.has_value()) return sample;
  sample.numbers["height"] = static_cast<double>(*height);
  const int64_t finalised = tracker_.HeightOf(chain::FinalisedOf(sample));
  if (finalised >= 0) sample.numbers["finalised_height"] = static_cast<double>(finalised);
  return sample;
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
