// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/node_client.h"

#include <cmath>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "core/src/observe/metrics_text.h"
#include "gtestnet/chain/sample.h"
#include "nomos/src/client/answer.h"
#include "nomos/src/client/api_caller.h"
#include "nomos/src/client/json.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kMostHeaders = 512;

std::string QuotedList(const std::vector<std::string>& items) {
  return absl::StrCat("[\"", absl::StrJoin(items, "\",\""), "\"]");
}

}  // namespace

class NodeStream::State {
 public:
  State(base::Endpoint endpoint, base::HttpRequest request, base::LineHandlers handlers)
      : stream_(std::move(endpoint), std::move(request), std::move(handlers)) {}
  void Cancel() { stream_.Cancel(); }

 private:
  base::LineStream stream_;
};

NodeStream::NodeStream() = default;
NodeStream::NodeStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
NodeStream::NodeStream(NodeStream&&) noexcept = default;
NodeStream& NodeStream::operator=(NodeStream&&) noexcept = default;
NodeStream::~NodeStream() = default;

void NodeStream::Cancel() {
  if (state_ != nullptr) state_->Cancel();
}

class NodeClient::Impl : public ApiCaller {
 public:
  using ApiCaller::ApiCaller;

  template <class Item, class Parse>
  NodeStream Open(std::string target, StreamHandlers<Item> handlers, Parse parse) const;
};

template <class Item, class Parse>
NodeStream NodeClient::Impl::Open(std::string target, StreamHandlers<Item> handlers,
                                  Parse parse) const {
  // A line that makes no sense ends the stream: what it said is lost, and the user must know.
  struct Shared {
    StreamHandlers<Item> handlers;
    std::string name;
    absl::Status broken;
  };
  auto shared = std::make_shared<Shared>();
  shared->handlers = std::move(handlers);
  shared->name = node().name;
  base::LineHandlers lines;
  lines.on_open = [shared] {
    if (shared->handlers.on_open) shared->handlers.on_open();
  };
  lines.on_line = [shared, parse](std::string_view line) -> absl::Status {
    absl::StatusOr<Item> item = parse(line);
    if (!item.ok()) return item.status();
    if (shared->handlers.on_item) shared->handlers.on_item(*item);
    return absl::OkStatus();
  };
  lines.on_end = [shared](const absl::Status& end) {
    if (shared->handlers.on_end) shared->handlers.on_end(Annotate(end, shared->name));
  };
  return NodeStream(
      std::make_unique<NodeStream::State>(endpoint(), Get(std::move(target)), std::move(lines)));
}

NodeClient::NodeClient(const NodeInfo& node) : impl_(std::make_shared<Impl>(node)) {}

const NodeInfo& NodeClient::node() const { return impl_->node(); }

absl::StatusOr<ConsensusInfo> NodeClient::GetInfo(Timeout timeout) const {
  return impl_->Ask(Get("/cryptarchia/info"), timeout, ParseInfo);
}

absl::StatusOr<std::vector<std::string>> NodeClient::GetHeaders(std::string_view from,
                                                                std::string_view to,
                                                                Timeout timeout) const {
  std::string target = "/cryptarchia/headers";
  char separator = '?';
  for (const auto& [key, id] : {std::pair("from", from), std::pair("to", to)}) {
    if (id.empty()) continue;
    GTESTNET_RETURN_IF_ERROR(CheckId(key, id));
    target += std::exchange(separator, '&');
    absl::StrAppend(&target, key, "=", ToAbsl(id));
  }
  return impl_->Ask(Get(std::move(target)), timeout,
                    [](std::string_view body) { return ParseHashes(body, kMostHeaders); });
}

absl::StatusOr<std::optional<Block>> NodeClient::GetBlock(std::string_view id,
                                                          Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the id of a block", id));
  return impl_->Ask(Post("/storage/block", absl::StrCat("\"", ToAbsl(id), "\"")), timeout,
                    [&](std::string_view body) { return ParseBlock(id, body); });
}

absl::StatusOr<std::vector<StreamedBlock>> NodeClient::GetBlocks(int64_t slot_from, int64_t slot_to,
                                                                 Timeout timeout) const {
  return impl_->Ask(
      Get(absl::StrCat("/cryptarchia/blocks?slot_from=", slot_from, "&slot_to=", slot_to)), timeout,
      ParseStreamedBlocks);
}

absl::Status NodeClient::Submit(const SignedTransaction& transaction, Timeout timeout) const {
  return SubmitJson(transaction.json, timeout);
}

absl::Status NodeClient::SubmitJson(std::string_view body, Timeout timeout) const {
  base::HttpRequest request = Post("/mempool/add/tx", std::string(body));
  // Sent twice, the second answer would be that it is known already.
  request.idempotent = false;
  return impl_->Ask(request, timeout).status();
}

absl::StatusOr<std::vector<TransactionStatus>> NodeClient::GetStatus(
    const std::vector<std::string>& hashes, Timeout timeout) const {
  if (hashes.empty()) return std::vector<TransactionStatus>();
  for (const std::string& hash : hashes) {
    GTESTNET_RETURN_IF_ERROR(CheckId("the hash of a transaction", hash));
  }
  return impl_->Ask(Post("/mantle/status", QuotedList(hashes)), timeout,
                    [&](std::string_view body) { return ParseStatuses(body, hashes.size()); });
}

absl::StatusOr<MempoolInfo> NodeClient::GetMempool(Timeout timeout) const {
  return impl_->Ask(Get("/mantle/metrics"), timeout, ParseMempool);
}

absl::StatusOr<NetworkInfo> NodeClient::GetNetwork(Timeout timeout) const {
  return impl_->Ask(Get("/network/info"), timeout, ParseNetwork);
}

absl::StatusOr<std::vector<MetricValue>> NodeClient::GetMetrics(Timeout timeout) const {
  return impl_->Ask(Get("/metrics"), timeout, ParseMetrics);
}

absl::StatusOr<NodeSample> NodeClient::GetSample(Timeout timeout) const {
  const Clock::TimePoint deadline = RealClock().Now() + timeout;
  auto left = [&] {
    const auto rest = std::chrono::ceil<Timeout>(deadline - RealClock().Now());
    return std::max(rest, Timeout(1));
  };
  GTESTNET_ASSIGN_OR_RETURN(const ConsensusInfo info, GetInfo(left()));
  GTESTNET_ASSIGN_OR_RETURN(const NetworkInfo network, GetNetwork(left()));
  GTESTNET_ASSIGN_OR_RETURN(const MempoolInfo mempool, GetMempool(left()));
  NodeSample sample;
  sample.node = node().index;
  sample.reachable = true;
  sample.status = info.mode;
  chain::SetState(sample, {.tip = info.tip,
                           .slot = info.slot,
                           .height = info.height,
                           .finalised = info.lib,
                           .finalised_height = info.lib_height.value_or(0),
                           .peers = network.peers,
                           .mempool = mempool.pending});
  if (info.lib_height) return sample;
  // A node that does not tell it beside the id may do so among its metrics.
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<MetricValue> metrics, GetMetrics(left()));
  for (const MetricValue& metric : metrics) {
    if (metric.series != "consensus_finalized_height") continue;
    if (!(metric.value >= 0 && metric.value <= static_cast<double>(nomos::kLargestNumber))) {
      return Internal(absl::StrCat(impl_->node().name, ": GET /metrics: ", metric.series, " is ",
                                   metric.value, ", which is no height"));
    }
    sample.numbers["finalised_height"] = std::floor(metric.value);
  }
  return sample;
}

NodeStream NodeClient::StreamBlocks(StreamHandlers<StreamedBlock> handlers) const {
  return impl_->Open("/cryptarchia/blocks/stream", std::move(handlers), ParseStreamedBlock);
}

NodeStream NodeClient::StreamFinality(StreamHandlers<FinalisedBlock> handlers) const {
  return impl_->Open("/cryptarchia/lib-stream", std::move(handlers), ParseFinalised);
}

NodeClients::NodeClients(const std::vector<NodeInfo>& nodes) {
  all_.reserve(nodes.size());
  for (const NodeInfo& node : nodes) all_.emplace_back(node);
}

std::vector<NodeClient> NodeClients::OfRole(std::string_view role) const {
  std::vector<NodeClient> found;
  for (const NodeClient& client : all_) {
    if (client.node().role == role) found.push_back(client);
  }
  return found;
}

std::ostream& operator<<(std::ostream& os, const ConsensusInfo& info) {
  os << info.mode << ", tip " << info.tip << " of slot " << info.slot << " at height "
     << info.height << ", final " << info.lib;
  if (info.lib_height) os << " at height " << *info.lib_height;
  return os;
}

std::ostream& operator<<(std::ostream& os, const Block& block) {
  return os << "block " << block.id << " of slot " << block.slot << " on " << block.parent
            << " with " << block.transactions.size() << " transactions";
}

std::ostream& operator<<(std::ostream& os, const StreamedBlock& block) {
  return os << "block " << block.id << " of slot " << block.slot << " at height " << block.height
            << " on " << block.parent << " with " << block.transactions.size() << " transactions";
}

std::ostream& operator<<(std::ostream& os, TransactionStatus::Kind kind) {
  switch (kind) {
    case TransactionStatus::Kind::kUnknown:
      return os << "unknown";
    case TransactionStatus::Kind::kPending:
      return os << "pending";
    case TransactionStatus::Kind::kRejected:
      return os << "rejected";
    case TransactionStatus::Kind::kInBlock:
      break;
  }
  return os << "in a block";
}

std::ostream& operator<<(std::ostream& os, const TransactionStatus& status) {
  os << status.kind;
  if (!status.block.empty()) os << ' ' << status.block;
  return os;
}

std::ostream& operator<<(std::ostream& os, const NetworkInfo& info) {
  return os << info.peers << " peers, " << info.connections << " connections, "
            << info.pending_connections << " pending";
}

}  // namespace gtestnet::nomos
