// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_CHAIN_WATCH_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_CHAIN_WATCH_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chain/src/chain_tracker.h"
#include "chain/src/contradictions.h"
#include "core/src/base/doorbell.h"
#include "core/src/observe/sample_store.h"
#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/clock.h"
#include "gtestnet/nomos/node_client.h"
#include "nomos/src/observe/stream_watch.h"
#include "nomos/src/observe/testimony.h"

namespace gtestnet::nomos {

// Everything that was seen of a run's nodes, behind one lock: what threads that talk to nodes tell,
// and others ask. It talks to no node itself. Thread-safe.
class ChainWatch {
 public:
  using ChangedAt = std::function<std::optional<RunTime>(NodeIndex)>;
  // `leaders`: nodes by the public key that blocks name. `changed_at`: RunContext::ChangedAt.
  // `patience`: of Examine.
  ChainWatch(
      std::string genesis, std::map<std::string, NodeIndex> leaders, std::function<RunTime()> now,
      ChangedAt changed_at = [](NodeIndex) { return std::nullopt; },
      RunTime patience = std::chrono::seconds(5))
      : leaders_(std::move(leaders)),
        now_(std::move(now)),
        changed_at_(std::move(changed_at)),
        patience_(patience),
        tracker_(std::move(genesis)) {}

  // ----- for those who talk to nodes -----
  // A line of a node's stream.
  void TakeLine(NodeIndex node, const StreamedBlock& block);
  // A line of its stream of final blocks.
  void TakeFinality(NodeIndex node, const FinalisedBlock& block);
  void StreamOpened(NodeIndex node, StreamKind kind);
  void StreamEnded(NodeIndex node, StreamKind kind);
  // Whether that stream is silent and is to be opened anew; true once.
  bool MustReopen(NodeIndex node, StreamKind kind);
  // A node's answer to a question that was asked at `asked`; lines that came since know better. One
  // that was asked before the node was changed is dropped.
  void TakeSample(NodeIndex node, RunTime asked, NodeSample sample);
  // It is down, or it did not answer.
  void TakeSilence(NodeIndex node);
  void TakeMetrics(NodeIndex node, const std::vector<MetricValue>& values);
  // A block that was asked for.
  void TakeBlock(NodeIndex node, const Block& block);
  // What a node knows of these transactions, asked at `asked`.
  void TakeStatuses(NodeIndex node, RunTime asked, const std::vector<std::string>& hashes,
                    const std::vector<TransactionStatus>& statuses);
  // What the node is to be asked beside what every node is.
  FinalQuestion QuestionOf(const std::string& last_final) const;
  void TakeTestimony(NodeIndex node, RunTime asked, const Testimony& testimony);
  // Whether something that it told may be a race, which another look tells.
  bool IsLookDue(NodeIndex node) const;
  std::vector<std::string> Wanted() const;
  void GiveUp(const std::string& id);
  // Rings when there is an update to deliver or a block wanted.
  Doorbell& bell() { return bell_; }
  // Calls the subscribers with what is new. One thread.
  void Deliver();

  // ----- for those who ask -----
  // With the heights that its tip and its final block have among the blocks that nodes showed; the
  // node's own are in Samples.
  NodeSample Latest(NodeIndex node) const;
  // Calls `ask` with the tracker, under the lock.
  template <class F>
  auto Ask(F ask) const {
    std::lock_guard lock(mutex_);
    return ask(tracker_);
  }
  int64_t Subscribe(std::function<void(const chain::ChainUpdate&)> handler);
  // Returns when no call is under way.
  void Unsubscribe(int64_t id);
  std::vector<NodeSample> Samples() const;
  std::vector<MetricSample> Metrics() const;
  // What nodes told that cannot be so.
  std::vector<chain::ContradictionRecord> Contradictions() const;

 private:
  // What a node told that can only be judged later.
  struct Told {
    // Of the latest line of its block stream, and of the latest of its finality stream, that fit
    // the blocks.
    RunTime tip_at{0};
    int64_t tip_height = -1;
    RunTime final_at{0};
    int64_t final_height = -1;
    std::deque<std::pair<FinalisedBlock, RunTime>> final_blocks;  // not judged yet
    std::deque<std::pair<std::string, std::string>> in_block;     // a transaction, and its block
  };

  void AddBlock(chain::BlockRecord block, const std::string& leader_key);
  void Absorb(RunTime at);
  bool IsBehindAnswers(NodeIndex node, const StreamedBlock& line);
  // Of a tip: in the tree, or, until it is there, as the node told.
  int64_t HeightOf(const std::string& tip, int64_t told) const;
  // Forgets what a node told before it was changed.
  Told& ToldBy(NodeIndex node);
  bool FitsBlocks(NodeIndex node, const StreamedBlock& line, RunTime at);
  void JudgeStreams(NodeIndex node, RunTime asked, const ConsensusInfo& info, RunTime at);
  void JudgeFinalBlocks(NodeIndex node, Told& told, const ConsensusInfo& info, RunTime at);
  void JudgeStatuses(NodeIndex node, Told& told, RunTime at);
  void NoteSilence(NodeIndex node, StreamKind kind, int64_t height, RunTime at);

  const std::map<std::string, NodeIndex> leaders_;
  const std::function<RunTime()> now_;
  const ChangedAt changed_at_;
  const RunTime patience_;
  Doorbell bell_;

  mutable std::mutex mutex_;
  chain::ChainTracker tracker_;
  SampleStore samples_;
  std::map<NodeIndex, RunTime> last_line_;
  // The tip that a node answered and its stream has not shown yet.
  struct Answered {
    std::string tip;
    int64_t told_height = 0;
  };
  std::map<NodeIndex, Answered> answered_;
  std::deque<chain::ChainUpdate> updates_;  // to be delivered
  chain::Contradictions contradictions_;
  StreamWatch streams_;
  std::map<NodeIndex, Told> told_;
  std::map<NodeIndex, std::optional<RunTime>> told_since_;  // what ChangedAt said then

  std::mutex subscribers_mutex_;  // held while they are called
  std::map<int64_t, std::function<void(const chain::ChainUpdate&)>> subscribers_;
  int64_t next_subscriber_ = 1;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_CHAIN_WATCH_H_
