// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_BENCHMARKS_BIG_RECORD_H_
#define GTESTNET_SUITES_BENCHMARKS_BIG_RECORD_H_

#include "gtestnet/record.h"

namespace gtestnet::benchmarks {

struct RecordSize {
  int nodes = 0;
  int blocks = 0;
  int transactions = 0;  // spread evenly over the blocks
};

// The record of an honest run of this size, made up: one chain, a block each second, a sample of
// each node per block, one workload all of whose transactions are in the chain, a wrong one that
// nodes refuse, and a node that was restarted.
RunRecord BigRecord(const RecordSize& size);

}  // namespace gtestnet::benchmarks

#endif  // GTESTNET_SUITES_BENCHMARKS_BIG_RECORD_H_
