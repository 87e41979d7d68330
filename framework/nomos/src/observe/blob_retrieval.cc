// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/blob_retrieval.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "core/src/base/hash.h"
#include "core/src/base/thread.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

constexpr std::chrono::milliseconds kOneBlob{20000};
constexpr std::chrono::milliseconds kAllBlobs{120000};
constexpr int kThreads = 4;
// Columns of blobs that are about to be too old may be gone by the time that they are asked for.
constexpr int64_t kMarginSlots = 5;

const NodeInfo& NodeFor(const std::vector<NodeInfo>& nodes, size_t number, NodeIndex dispersed_by) {
  const NodeInfo& node = nodes[number % nodes.size()];
  return node.index != dispersed_by ? node : nodes[(number + 1) % nodes.size()];
}

chain::BlobRetrieval Retrieve(const NodeInfo& node, const chain::BlobRecord& blob,
                              const AskForBlob& ask) {
  chain::BlobRetrieval retrieval;
  retrieval.node = node.index;
  const absl::StatusOr<std::optional<Reconstruction>> answer = ask(node, blob.id);
  if (!answer.ok()) {
    retrieval.error = std::string(answer.status().message());
  } else if (!answer->has_value()) {
    retrieval.error = "it could not have 64 columns";
  } else {
    retrieval.columns = (*answer)->columns;
    const std::string_view data =
        std::string_view((*answer)->data).substr(0, static_cast<size_t>(blob.size));
    retrieval.data = base::ToHex(base::Hasher().Add(data).Finish());
  }
  return retrieval;
}

}  // namespace

void RetrieveBlobs(const std::vector<NodeInfo>& nodes, RunTime since,
                   const std::function<bool()>& out_of_time, const AskForBlob& ask,
                   std::vector<chain::BlobRecord>& blobs) {
  if (nodes.empty()) return;
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < blobs.size(); i = next++) {
      chain::BlobRecord& blob = blobs[i];
      if (blob.id.empty() || blob.submitted_at < since) continue;
      const NodeInfo& node = NodeFor(nodes, i, blob.node);
      blob.retrieval = out_of_time()
                           ? chain::BlobRetrieval{node.index, 0, "", "there was no time to ask"}
                           : Retrieve(node, blob, ask);
    }
  };
  std::vector<Thread> threads;
  for (int i = 1; i < kThreads; ++i) threads.emplace_back([&](const std::stop_token&) { work(); });
  work();  // as those do that could be made
}

void RetrieveBlobs(RunContext& context, std::vector<chain::BlobRecord>& blobs) {
  if (blobs.empty()) return;
  const auto& da = NomosParametersOf(context.topology()).data_availability;
  if (!da.has_value()) return;
  std::vector<NodeInfo> up;
  for (NodeInfo& node : context.nodes()) {
    if (context.IsUp(node.index)) up.push_back(std::move(node));
  }
  const RunTime kept = SlotOf(context.topology()) * (da->retention_slots - kMarginSlots);
  const Clock::TimePoint deadline = context.clock().Now() + Scaled(kAllBlobs);
  RetrieveBlobs(
      up, context.now() - kept, [&] { return context.clock().Now() >= deadline; },
      [](const NodeInfo& node, const std::string& blob) {
        return DaClient(node).Reconstruct(blob, Scaled(kOneBlob));
      },
      blobs);
}

}  // namespace gtestnet::nomos
