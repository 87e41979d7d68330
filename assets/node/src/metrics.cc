// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include "absl/strings/str_cat.h"

namespace gtestnet::node {

namespace {

constexpr MetricKind kGauge = MetricKind::kGauge;
constexpr MetricKind kCounter = MetricKind::kCounter;

}  // namespace

std::string MetricsText(std::span<const Metric> metrics) {
  std::string text;
  for (const Metric& metric : metrics) {
    absl::StrAppend(&text, "# HELP ", metric.name, " ", metric.help, "\n# TYPE ", metric.name,
                    metric.kind == kGauge ? " gauge\n" : " counter\n", metric.name, " ",
                    metric.value, "\n");
  }
  return text;
}

std::vector<Metric> NodeMetrics(const ChainInfo& info, const EngineMetrics& engine,
                                const NetworkCounts& network, std::uint64_t http_requests) {
  return {
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
}

std::vector<Metric> MetricsOf(const DaMetrics& da, std::uint64_t peers,
                              std::uint64_t blocks_waiting, std::uint64_t kzg_microseconds,
                              std::uint64_t work_microseconds) {
  return {
      {"da_peers_connected", kGauge, "Peers connected for data availability.", peers},
      {"da_blobs_stored", kGauge, "Blobs of which columns are stored.", da.blobs_stored},
      {"da_shares_stored", kGauge, "Columns stored.", da.shares_stored},
      {"da_blocks_waiting", kGauge, "Blocks that wait for the data of their blobs.",
       blocks_waiting},
      {"da_samples_verified_total", kCounter, "Columns sampled and found right.",
       da.samples_verified},
      {"da_samples_failed_total", kCounter, "Columns asked for that were wrong or did not come.",
       da.samples_failed},
      {"da_blobs_sampled_total", kCounter, "Blobs found available by sampling.", da.blobs_sampled},
      {"da_verifier_shares_total", kCounter, "Columns dispersed to this node and found right.",
       da.verifier_shares},
      {"da_verifier_failed_total", kCounter, "Columns dispersed to this node and found wrong.",
       da.verifier_failed},
      {"da_dispersal_blobs_total", kCounter, "Blobs dispersed by this node.", da.dispersal_blobs},
      {"da_dispersal_failed_total", kCounter, "Blobs that it could not disperse.",
       da.dispersal_failed},
      {"da_shares_served_total", kCounter, "Columns given away.", da.shares_served},
      {"da_shares_pruned_total", kCounter, "Columns deleted after their retention.",
       da.shares_pruned},
      {"da_kzg_microseconds_total", kCounter, "Time of a core inside KZG.", kzg_microseconds},
      {"da_work_microseconds_total", kCounter, "Time of a core on the path of blobs around KZG.",
       work_microseconds},
  };
}

}  // namespace gtestnet::node
