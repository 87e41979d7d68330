// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_TESTING_RECORD_BUILDER_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_TESTING_RECORD_BUILDER_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::matching {

// Makes records by hand, as a run would: time goes on slot by slot, blocks come, nodes are sampled.
//
//   RecordBuilder builder(3);             // a star of validators with equal stake, slots of 200 ms
//   builder.Grow(20);                     // a block in each of 20 slots, which all nodes take
//   builder.Kill(2).Grow(10);             // two nodes go on
//   RunRecord record = builder.Build();
class RecordBuilder {
 public:
  explicit RecordBuilder(int nodes);

  RecordBuilder& Coefficient(const std::string& f);
  RecordBuilder& SecurityParameter(int64_t k);
  RecordBuilder& MinPeers(int n);
  RecordBuilder& Stake(NodeIndex node, uint64_t stake);
  RecordBuilder& Neighbours(NodeIndex node, std::vector<NodeIndex> neighbours);

  // So many slots, each with a block on the main chain that all nodes take which are up, Online and
  // not in `but`. Those in `but` stay at their tips, which are sampled.
  RecordBuilder& Grow(int64_t slots, const std::set<NodeIndex>& but = {});
  // One slot with a block by `leader` (−1: by nobody of the topology) with these transactions.
  RecordBuilder& Block(NodeIndex leader, std::vector<std::string> transactions = {});
  // So many slots without a block.
  RecordBuilder& Idle(int64_t slots);
  // `node` alone adds so many blocks to its own chain, within the last slots.
  RecordBuilder& Fork(NodeIndex node, int64_t blocks);
  // The node's tip is that of the main chain again, or any other block's; it is sampled.
  RecordBuilder& Adopt(NodeIndex node, const std::string& tip = "");
  // What the node says is final from now on, whatever its tip is. Empty: k blocks below its tip.
  RecordBuilder& Finalise(NodeIndex node, const std::string& block);

  RecordBuilder& Start(NodeIndex node) { return Happen(node, NodeEventKind::kStarted, ""); }
  RecordBuilder& Kill(NodeIndex node) { return Happen(node, NodeEventKind::kKilled, ""); }
  RecordBuilder& Pause(NodeIndex node) { return Happen(node, NodeEventKind::kPaused, ""); }
  RecordBuilder& Resume(NodeIndex node) { return Happen(node, NodeEventKind::kResumed, ""); }
  RecordBuilder& Exit(NodeIndex node, std::string how) {
    return Happen(node, NodeEventKind::kExited, std::move(how));
  }
  // The node is not there at the begin.
  RecordBuilder& Late(NodeIndex node);
  RecordBuilder& Happen(NodeIndex node, NodeEventKind kind, std::string detail);

  // Submitted to node 0 now.
  RecordBuilder& Transaction(std::string hash, std::vector<chain::NoteRecord> spends = {},
                             std::vector<chain::NoteRecord> makes = {}, std::string refusal = "");
  // The one that was submitted last, to say more of it.
  chain::TransactionRecord& transaction() {
    return chain::MutableChainOf(record_).transactions.back();
  }
  RecordBuilder& Metric(NodeIndex node, std::string series, double value);
  RecordBuilder& Mempool(NodeIndex node, int64_t transactions);
  RecordBuilder& Mode(NodeIndex node, std::string mode);
  RecordBuilder& Peers(NodeIndex node, int peers);
  // The node answers no more, though it is up.
  RecordBuilder& Silence(NodeIndex node);
  // All nodes, now.
  RecordBuilder& Sample();

  const std::string& tip() const { return tip_; }
  const std::string& tip_of(NodeIndex node) const { return states_[static_cast<size_t>(node)].tip; }
  RunTime now() const { return now_; }
  // Begun at 0, closed now.
  RunRecord Build() const;

 private:
  struct State {
    std::string tip = "genesis";
    std::string finalised;
    std::string mode = "Online";
    int64_t mempool = 0;
    int peers = 0;
    bool up = true;
    bool silent = false;
  };
  std::string AddBlock(const std::string& parent, const std::string& prefix, NodeIndex leader,
                       std::vector<std::string> transactions);
  void AddToMain(NodeIndex leader, std::vector<std::string> transactions,
                 const std::set<NodeIndex>& but);
  const chain::BlockRecord* Find(const std::string& id) const;
  std::string FinalisedOf(const State& state) const;
  void SampleNode(NodeIndex node);
  void SampleAtStart();

  RunRecord record_;
  std::vector<State> states_;
  std::string tip_ = "genesis";
  RunTime now_{0};
  int64_t slot_ = 0;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_TESTING_RECORD_BUILDER_H_
