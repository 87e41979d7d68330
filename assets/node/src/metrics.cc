// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include "absl/strings/str_cat.h"

namespace gtestnet::node {

std::string MetricsText(const ChainInfo& info, const EngineMetrics& engine,
                        const NetworkCounts& network, std::uint64_t http_requests) {
  struct Metric {
    const char* name;
    const char* type;
    const char* help;
    std::uint64_t value;
  };
  constexpr const char* kGauge = "gauge";
  constexpr const char* kCounter = "counter";
  const Metric metrics[] = {
      {"consensus_tip_height", kGauge, "Height of the tip.", info.height},
      {"consensus_finalized_height", kGauge, "Height of the last finalised block.",
       info.lib_height},
      {"consensus_current_slot", kGauge, "The slot by the clock.", engine.current_slot},
      {"consensus_current_epoch", kGauge, "The epoch by the clock.", engine.current_epoch},
      {"consensus_forks_count", kGauge, "Branches beside the canonical chain.", engine.forks},
      {"consensus_peers_connected", kGauge, "Peers connected.", network.connected},
      {"mempool_transactions_pending", kGauge, "Transactions waiting for a block.", engine.pending},
      {"consensus_processed_blocks", kCounter, "Blocks admitted to the tree.",
       engine.processed_blocks},
      {"consensus_blocks_imported_total", kCounter, "Blocks admitted that peers made.",
       engine.blocks_imported},
      {"consensus_block_transactions_total", kCounter, "Transactions in canonical blocks.",
       engine.block_transactions},
      {"consensus_slots_won_total", kCounter, "Slots won.", engine.slots_won},
      {"consensus_proposals_total", kCounter, "Blocks made.", engine.proposals},
      {"consensus_reorganisations_total", kCounter, "Times the canonical chain lost blocks.",
       engine.reorganisations},
      {"consensus_deepest_reorganisation", kGauge, "Most blocks that it lost at once.",
       engine.deepest_reorganisation},
      {"consensus_equivocations_total", kCounter, "Second blocks of a leader in one slot.",
       engine.equivocations},
      {"consensus_rejected_blocks_total", kCounter, "Blocks refused as invalid.",
       engine.rejected_blocks},
      {"orphan_blocks_total", kCounter, "Blocks that came before their parent.",
       engine.orphan_blocks},
      {"mempool_transactions_added_total", kCounter, "Transactions admitted to the mempool.",
       engine.transactions_added},
      {"mempool_transactions_removed_total", kCounter, "Transactions that left the mempool.",
       engine.transactions_removed},
      {"network_dial_failures_total", kCounter, "Dials that came to nothing.",
       network.dial_failures},
      {"http_requests_total", kCounter, "Requests to the API.", http_requests},
  };
  std::string text;
  for (const Metric& metric : metrics) {
    absl::StrAppend(&text, "# HELP ", metric.name, " ", metric.help, "\n# TYPE ", metric.name, " ",
                    metric.type, "\n", metric.name, " ", metric.value, "\n");
  }
  return text;
}

}  // namespace gtestnet::node
