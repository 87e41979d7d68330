// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/nomos_observer.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/run_context.h"
#include "nomos/src/kind/genesis.h"
#include "nomos/src/observe/blob_retrieval.h"
#include "nomos/src/observe/block_keeper.h"
#include "nomos/src/observe/chain_watch.h"
#include "nomos/src/observe/mempool_watch.h"
#include "nomos/src/observe/sampler.h"

namespace gtestnet::nomos {
namespace {

// So long a node is asked for a transaction that it does not have.
constexpr int kMostBlocksLookedFor = 60;
// So long, and so many block intervals, a node may be Bootstrapping while it is level, or lack
// neighbours.
constexpr std::chrono::milliseconds kPatience{5000};
constexpr int kPatientBlocks = 20;

class NomosObserver final : public Observer, public chain::BlockFeed {
 public:
  explicit NomosObserver(RunContext& context)
      : context_(context),
        genesis_(GenesisOf(context.spec())),
        parameters_(ChainParametersOf(context.spec(), genesis_)),
        watch_(
            genesis_.header_id, LeadersOf(context), [&context] { return context.now(); },
            [&context](NodeIndex node) { return context.ChangedAt(node); },
            std::chrono::ceil<RunTime>(kPatience +
                                       kPatientBlocks * context.pace().block_interval())),
        keeper_(context, watch_),
        mempools_(
            [&context](size_t skip) { return SubmissionsOf(context).transactions(skip); },
            std::chrono::ceil<RunTime>(kMostBlocksLookedFor * context.pace().block_interval())),
        sampler_(context, watch_, mempools_) {}

  // kResourceExhausted when threads are missing.
  absl::Status status() const {
    return keeper_.status().ok() ? sampler_.status() : keeper_.status();
  }

  // ----- Observer -----
  Snapshot Latest() const override {
    Snapshot snapshot;
    snapshot.at = context_.now();
    for (const NodeInfo& node : context_.nodes()) {
      snapshot.nodes.push_back(watch_.Latest(node.index));
      snapshot.names.push_back(node.name);
    }
    return snapshot;
  }
  void Fill(RunRecord& record) override;
  std::string NotSettled() const override;
  int64_t DrainBlocks() const override { return parameters_.security_parameter + 5; }

  // ----- BlockFeed -----
  chain::ChainView view() const override {
    return watch_.Ask([](const chain::ChainTracker& chain) { return chain.view(); });
  }
  std::optional<chain::BlockRecord> Find(std::string_view id) const override {
    return watch_.Ask([&](const chain::ChainTracker& chain) -> std::optional<chain::BlockRecord> {
      const chain::BlockRecord* block = chain.Find(id);
      return block == nullptr ? std::nullopt : std::optional(*block);
    });
  }
  std::optional<chain::FeedInclusion> InclusionOf(std::string_view transaction) const override {
    return watch_.Ask(
        [&](const chain::ChainTracker& chain) { return chain.InclusionOf(transaction); });
  }
  int64_t blocks_seen() const override {
    return watch_.Ask([](const chain::ChainTracker& c) { return static_cast<int64_t>(c.size()); });
  }
  int64_t reorganisations() const override {
    return watch_.Ask([](const chain::ChainTracker& chain) { return chain.reorganisations(); });
  }
  int64_t deepest_reorganisation() const override {
    return watch_.Ask(
        [](const chain::ChainTracker& chain) { return chain.deepest_reorganisation(); });
  }
  chain::FeedSubscription Subscribe(
      std::function<void(const chain::ChainUpdate&)> handler) override {
    const int64_t id = watch_.Subscribe(std::move(handler));
    return chain::FeedSubscription([this, id] { watch_.Unsubscribe(id); });
  }

 private:
  static std::map<std::string, NodeIndex> LeadersOf(const RunContext& context) {
    std::map<std::string, NodeIndex> leaders;
    for (NodeIndex i = 0; i < context.topology().node_count(); ++i) {
      NodeRecord node;
      context.kind().Describe(context.spec(), node, i);
      if (const std::string& key = PublicKeyOf(node); !key.empty()) leaders.emplace(key, i);
    }
    return leaders;
  }
  // What is not final yet of what was submitted; also forgets what is.
  std::string OpenTransactions() const;

  RunContext& context_;
  const Genesis genesis_;
  const chain::ChainParameters parameters_;
  ChainWatch watch_;
  BlockKeeper keeper_;
  MempoolWatch mempools_;
  Sampler sampler_;

  // For NotSettled, which one thread calls.
  mutable size_t transactions_seen_ = 0;
  mutable size_t inscriptions_seen_ = 0;
  mutable size_t blobs_seen_ = 0;
  mutable std::unordered_set<std::string> open_;
};

std::string NomosObserver::OpenTransactions() const {
  for (const chain::TransactionRecord& transaction :
       SubmissionsOf(context_).transactions(transactions_seen_)) {
    ++transactions_seen_;
    if (transaction.refusal.empty() && transaction.flaw.empty()) open_.insert(transaction.hash);
  }
  for (const chain::InscriptionRecord& inscription :
       SubmissionsOf(context_).inscriptions(inscriptions_seen_)) {
    ++inscriptions_seen_;
    if (inscription.refusal.empty()) open_.insert(inscription.transaction);
  }
  for (const chain::BlobRecord& blob : SubmissionsOf(context_).blobs(blobs_seen_)) {
    ++blobs_seen_;
    if (blob.refusal.empty()) open_.insert(blob.transaction);
  }
  watch_.Ask([this](const chain::ChainTracker& chain) {
    std::erase_if(open_, [&](const std::string& hash) {
      std::optional<chain::FeedInclusion> inclusion = chain.InclusionOf(hash);
      return inclusion.has_value() && inclusion->height <= chain.finalised_by_all();
    });
    return 0;
  });
  if (open_.empty()) return "";
  return absl::StrCat(open_.size(), " transactions are not final everywhere");
}

std::string NomosObserver::NotSettled() const {
  std::string lowest_name;
  int64_t lowest = -1;
  int64_t highest = -1;
  for (const NodeInfo& node : context_.nodes()) {
    if (!context_.IsUp(node.index)) continue;
    const NodeSample sample = watch_.Latest(node.index);
    if (!sample.reachable) return absl::StrCat(node.name, " does not answer");
    const int64_t height = chain::HeightOf(sample);
    highest = std::max(highest, height);
    if (lowest < 0 || height < lowest) {
      lowest = height;
      lowest_name = node.name;
    }
  }
  if (highest - lowest > 1) {
    return absl::StrCat(lowest_name, " is at height ", lowest, ", the highest is at ", highest);
  }
  return OpenTransactions();
}

void NomosObserver::Fill(RunRecord& record) {
  sampler_.Stop();
  keeper_.Stop();
  record.samples = watch_.Samples();
  record.metrics = watch_.Metrics();
  chain::ChainRecord chain;
  chain.parameters = parameters_;
  chain.supply = genesis_.supply;
  chain.genesis_notes = GenesisNotesOf(genesis_);
  chain.blocks = watch_.Ask([](const chain::ChainTracker& tracker) { return tracker.Blocks(); });
  chain.transactions = SubmissionsOf(context_).transactions();
  chain.inscriptions = SubmissionsOf(context_).inscriptions();
  chain.blobs = SubmissionsOf(context_).blobs();
  chain.contradictions = watch_.Contradictions();
  // A run that broke may have no nodes left to ask.
  if (record.broken.empty()) RetrieveBlobs(context_, chain.blobs);
  mempools_.Fill(chain.transactions);
  chain::MutableChainOf(record) = std::move(chain);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Observer>> MakeNomosObserver(RunContext& context) {
  auto observer = std::make_unique<NomosObserver>(context);
  if (!observer->status().ok()) return observer->status();
  return observer;
}

}  // namespace gtestnet::nomos
