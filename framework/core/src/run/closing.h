// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_CLOSING_H_
#define GTESTNET_CORE_SRC_RUN_CLOSING_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "gtestnet/deployer.h"
#include "gtestnet/record.h"

namespace gtestnet {

// The nodes of a cluster, those that were added last; `added` tells whom these dial.
std::vector<NodeRecord> NodeRecords(const BackendCluster& cluster,
                                    const std::map<NodeIndex, std::vector<NodeIndex>>& added);

// How each node was when the capture began, as events of the deployer.
std::vector<NodeEvent> InitialEvents(const BackendCluster& cluster, RunTime at);

// Puts what nodes answered first after they were brought up among the samples.
void AddSamples(std::vector<NodeSample> more, RunRecord& record);

// Adds an event for each restart that a node's own metric process_start_time_seconds shows, and of
// which the record has none.
void AddRestartsByMetrics(std::chrono::system_clock::time_point chain_start, RunRecord& record);

VerdictRecord FailedVerdict(std::string expectation, std::string required, std::string observed);

// A failing verdict for each want of evidence: a workload that never acted, a record without a
// sample of any node, or one that contradicts itself.
std::vector<VerdictRecord> WantOfEvidence(const RunRecord& record);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_CLOSING_H_
