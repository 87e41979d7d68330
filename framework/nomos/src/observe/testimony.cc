// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/testimony.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet::nomos {
namespace {

constexpr int kMostBlocks = 3;
constexpr size_t kMostTransactions = 50;
constexpr size_t kMostHeaders = 512;
// A node that is so many blocks below the highest is level with it.
constexpr int64_t kLevel = 2;

std::string Short(const std::string& id) { return id.substr(0, 8); }

std::string Between(int64_t low, int64_t high) {
  return low == high ? absl::StrCat(low) : absl::StrCat(low, " to ", high);
}

std::string Counted(int64_t n, const char* one) {
  return absl::StrCat(n, " ", one, n == 1 ? "" : "s");
}

const char* Word(TransactionStatus::Kind kind) {
  switch (kind) {
    case TransactionStatus::Kind::kUnknown:
      return "Unknown";
    case TransactionStatus::Kind::kPending:
      return "Pending";
    case TransactionStatus::Kind::kRejected:
      return "Rejected";
    case TransactionStatus::Kind::kInBlock:
      break;
  }
  return "InBlock";
}

class Examination {
 public:
  Examination(NodeIndex node, const Testimony& told, const chain::ChainTracker& chain, RunTime at,
              RunTime patience, chain::Contradictions& notes)
      : node_(node), told_(told), chain_(chain), at_(at), patience_(patience), notes_(notes) {}

  void Run() {
    Slot(told_.after);
    Mode();
    Heights();
    if (told_.network_before && told_.network_after) Peers();
    if (told_.mempool_before && told_.mempool_after) Mempool();
    if (told_.headers) Headers();
    if (told_.block) Block();
    if (told_.blocks) Blocks();
    if (told_.statuses) Statuses();
  }

 private:
  void Judge(std::string_view what, bool agrees, std::string told, std::string against,
             chain::Contradictions::Rule rule = {}) {
    if (agrees) return notes_.Agree(node_, what);
    notes_.Differ(node_, what, std::move(told), std::move(against), at_, rule);
  }

  const MetricValue* Metric(std::string_view series) const {
    if (!told_.metrics) return nullptr;
    const auto it = std::find_if(told_.metrics->begin(), told_.metrics->end(),
                                 [&](const MetricValue& value) { return value.series == series; });
    return it == told_.metrics->end() ? nullptr : &*it;
  }
  void CompareMetric(const char* series, int64_t low, int64_t high, std::string_view where) {
    const MetricValue* metric = Metric(series);
    if (metric == nullptr) return;
    const auto [least, most] = std::minmax(low, high);
    Judge(series,
          metric->value >= static_cast<double>(least) && metric->value <= static_cast<double>(most),
          absl::StrCat(series, " ", metric->value, " in GET /metrics"),
          absl::StrCat("it told ", Between(least, most), " in GET ",
                       absl::string_view(where.data(), where.size()), " before and after"));
  }

  void Slot(const ConsensusInfo& info) {
    const chain::BlockRecord* tip = chain_.Find(info.tip);
    if (tip == nullptr) return;
    Judge("slot", tip->slot == info.slot,
          absl::StrCat("slot ", info.slot, " of its tip ", Short(info.tip),
                       " in GET /cryptarchia/info"),
          absl::StrCat("that block is of slot ", tip->slot));
  }

  void Mode() {
    const int64_t height = chain_.HeightOf(told_.after.tip);
    const int64_t highest = chain_.view().height;
    // Alone, it cannot know.
    const int peers = told_.network_after ? told_.network_after->peers : 0;
    const bool has_all = peers > 0 && told_.most_peers && peers >= *told_.most_peers;
    const bool is_online = told_.before.mode == "Online" || told_.after.mode == "Online";
    // One that is not level at this look says nothing of those at which it was.
    if (!is_online && has_all && (highest == 0 || height < highest - kLevel)) return;
    Judge("mode", is_online || !has_all,
          absl::StrCat("mode ", told_.after.mode, " in GET /cryptarchia/info"),
          absl::StrCat("its tip is at height ", height, ", level with the network, which is at ",
                       highest, ", and all its neighbours are its peers"),
          {3, patience_});
  }

  // Another height than that of the block is told by NodesAreTruthful, and not once more here.
  bool FitsBlocks(const std::string& block, int64_t height) const {
    const int64_t known = chain_.HeightOf(block);
    return known < 0 || known == height;
  }
  void Heights() {
    const ConsensusInfo& before = told_.before;
    const ConsensusInfo& after = told_.after;
    if (FitsBlocks(before.tip, before.height) && FitsBlocks(after.tip, after.height)) {
      CompareMetric("consensus_tip_height", before.height, after.height, "/cryptarchia/info");
    }
    if (!before.lib_height || !after.lib_height) return;
    if (FitsBlocks(before.lib, *before.lib_height) && FitsBlocks(after.lib, *after.lib_height)) {
      CompareMetric("consensus_finalized_height", *before.lib_height, *after.lib_height,
                    "/cryptarchia/info");
    }
  }

  void Peers() {
    const int64_t peers = told_.network_after->peers;
    if (told_.network_before->peers != peers) return;
    const std::string told = absl::StrCat(Counted(peers, "peer"), " in GET /network/info");
    const bool too_many = told_.most_peers && peers > *told_.most_peers;
    if (told_.most_peers) {
      Judge("more peers", !too_many, told,
            absl::StrCat("the layout gives it ", Counted(*told_.most_peers, "neighbour")));
    }
    if (told_.least_peers) {
      Judge("fewer peers", peers >= *told_.least_peers, told,
            absl::StrCat(*told_.least_peers, " of its neighbours in the layout are up and answer"),
            {3, patience_});
    }
    if (!too_many) CompareMetric("consensus_peers_connected", peers, peers, "/network/info");
  }

  void Mempool() {
    const int64_t pending = told_.mempool_after->pending;
    // As many as before, and none came meanwhile.
    if (told_.mempool_before->pending != pending ||
        told_.mempool_before->last_added_at != told_.mempool_after->last_added_at) {
      return;
    }
    CompareMetric("mempool_transactions_pending", pending, pending, "/mantle/metrics");
  }

  void Headers() {
    const std::vector<std::string>& ids = *told_.headers;
    const std::string where = " in GET /cryptarchia/headers";
    const ConsensusInfo& info = told_.after;
    if (told_.before.tip == info.tip && chain_.HeightOf(info.tip) >= 0) {
      const std::string first = ids.empty() ? "nothing" : ids.front();
      Judge("headers' first", first == info.tip, absl::StrCat(Short(first), " first", where),
            absl::StrCat("it told the tip ", Short(info.tip), " in GET /cryptarchia/info"));
    }
    if (told_.before.lib == info.lib && chain_.HeightOf(info.lib) >= 0 &&
        ids.size() < kMostHeaders && !ids.empty()) {
      Judge("headers' last", ids.back() == info.lib,
            absl::StrCat(Short(ids.back()), " last", where),
            absl::StrCat("it told the final block ", Short(info.lib), " in GET /cryptarchia/info"));
    }
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const chain::BlockRecord* block = chain_.Find(ids[i]);
      if (block == nullptr || block->parent == ids[i + 1]) continue;
      return Judge("headers", false,
                   absl::StrCat(Short(ids[i + 1]), " after ", Short(ids[i]), where),
                   absl::StrCat("that block's parent is ", Short(block->parent)));
    }
    notes_.Agree(node_, "headers");
  }

  void Block() {
    const std::string& id = told_.question.block;
    const std::string where = " in POST /storage/block";
    const std::optional<nomos::Block>& block = *told_.block;
    if (!block) {
      return Judge("block", false, absl::StrCat("no block ", Short(id), where),
                   "it told that block as its final one in GET /cryptarchia/info");
    }
    Judge("block", block->untrue.empty(),
          absl::StrCat("block ", Short(id), " of slot ", block->slot, where), block->untrue);
  }

  void Blocks() {
    const FinalQuestion& asked = told_.question;
    std::vector<std::string> ids;
    for (const StreamedBlock& block : *told_.blocks) ids.push_back(block.id);
    const std::string where = absl::StrCat(" of slots ", asked.slot_from, " to ", asked.slot_to,
                                           " in GET /cryptarchia/blocks");
    Judge("blocks", ids == asked.blocks,
          absl::StrCat(Counted(static_cast<int64_t>(ids.size()), "block"), where),
          absl::StrCat("its final chain has ", asked.blocks.size(), " there, the first of them ",
                       Short(asked.blocks.front())));
  }

  // Of a chain in which a transaction is twice, SpendsEachNoteOnce tells.
  bool Has(const std::string& id, const std::string& transaction) const {
    const chain::BlockRecord* block = chain_.Find(id);
    return block != nullptr &&
           std::count(block->transactions.begin(), block->transactions.end(), transaction) > 0;
  }

  void Statuses() {
    const FinalQuestion& asked = told_.question;
    for (size_t i = 0; i < std::min(told_.statuses->size(), asked.in.size()); ++i) {
      const TransactionStatus& status = (*told_.statuses)[i];
      if (status.block == asked.in[i] || Has(status.block, asked.transactions[i])) continue;
      return Judge("statuses", false,
                   absl::StrCat("status ", Word(status.kind), " ", Short(status.block),
                                status.block.empty() ? "" : " ", "of transaction ",
                                Short(asked.transactions[i]), " in POST /mantle/status"),
                   absl::StrCat("its final block ", Short(asked.in[i]), " has that transaction"));
    }
    notes_.Agree(node_, "statuses");
  }

  const NodeIndex node_;
  const Testimony& told_;
  const chain::ChainTracker& chain_;
  const RunTime at_;
  const RunTime patience_;
  chain::Contradictions& notes_;
};

}  // namespace

FinalQuestion QuestionOf(const std::string& last_final, const chain::ChainTracker& chain) {
  std::vector<const chain::BlockRecord*> blocks;
  size_t transactions = 0;
  if (chain.HeightOf(last_final) < 1) return {};
  for (const chain::BlockRecord* block = chain.Find(last_final);
       block != nullptr && blocks.size() < kMostBlocks; block = chain.Find(block->parent)) {
    transactions += block->transactions.size();
    if (transactions > kMostTransactions) break;
    blocks.push_back(block);
  }
  if (blocks.empty()) return {};
  std::reverse(blocks.begin(), blocks.end());
  FinalQuestion question;
  question.block = last_final;
  question.slot_from = blocks.front()->slot;
  question.slot_to = blocks.back()->slot;
  for (const chain::BlockRecord* block : blocks) {
    question.blocks.push_back(block->id);
    for (const std::string& transaction : block->transactions) {
      question.transactions.push_back(transaction);
      question.in.push_back(block->id);
    }
  }
  return question;
}

void Examine(NodeIndex node, const Testimony& testimony, const chain::ChainTracker& chain,
             RunTime at, RunTime patience, chain::Contradictions& notes) {
  Examination(node, testimony, chain, at, patience, notes).Run();
}

}  // namespace gtestnet::nomos
