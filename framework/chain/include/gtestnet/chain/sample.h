// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SAMPLE_H_
#define GTESTNET_CHAIN_SAMPLE_H_

#include <cstdint>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet::chain {

// What a node that keeps a chain tells of it: values of its sample, by the names of these fields.
struct State {
  std::string tip = {};        // id of the block at the end of its canonical chain
  int64_t slot = 0;            // of the tip
  int64_t height = 0;          // of the tip; genesis is 0
  std::string finalised = {};  // id of its last finalised block
  int64_t finalised_height = 0;
  int64_t peers = 0;
  int64_t mempool = 0;  // transactions that wait for inclusion

  friend bool operator==(const State&, const State&) = default;
};

void SetState(NodeSample& sample, const State& state);
// What is not there is 0 or empty, as of a node that does not answer.
State StateOf(const NodeSample& sample);
const std::string& TipOf(const NodeSample& sample);
int64_t SlotOf(const NodeSample& sample);
int64_t HeightOf(const NodeSample& sample);
const std::string& FinalisedOf(const NodeSample& sample);
int64_t FinalisedHeightOf(const NodeSample& sample);
int64_t PeersOf(const NodeSample& sample);
int64_t MempoolOf(const NodeSample& sample);

// "the highest node is at 9" for a sample more than two blocks below the highest node that answers,
// else "": the part of NodeKind::Behind that chains have in common.
std::string BelowTheHighest(const NodeSample& sample, const Snapshot& snapshot);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SAMPLE_H_
