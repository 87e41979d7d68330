// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_NODE_CLIENT_H_
#define GTESTNET_NOMOS_NODE_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/transaction.h"
#include "gtestnet/record.h"
#include "gtestnet/telemetry.h"

namespace gtestnet::nomos {

// GET /cryptarchia/info.
struct ConsensusInfo {
  std::string tip = {};
  int64_t slot = 0;                        // of the tip
  int64_t height = 0;                      // of the tip
  std::string lib = {};                    // the last block that is final
  std::optional<int64_t> lib_height = {};  // only of nodes that tell it
  std::string mode = {};                   // "Online" or "Bootstrapping"
};

// A transaction as a block has it.
struct Transaction {
  std::string hash = {};
  std::vector<std::string> inputs = {};  // note ids
  std::vector<Note> outputs = {};
};

// POST /storage/block.
struct Block {
  std::string id = {};
  std::string parent = {};
  int64_t slot = 0;
  std::string leader_key = {};
  std::vector<Transaction> transactions = {};
  // Why this cannot be the block of that id, which is the hash of its header: "its header hashes to
  // 5d21…". Empty if it can be, and of a node that does not show the whole header.
  std::string untrue = {};
};

// A line of /cryptarchia/blocks/stream: a block that the node took into its tree, on whichever
// branch, and the node's chain after it.
struct StreamedBlock {
  std::string id = {};
  std::string parent = {};
  int64_t slot = 0;
  int64_t height = 0;
  std::string leader_key = {};
  std::vector<std::string> transactions = {};  // hashes, in order
  // The node's own, when it sent the line; empty and −1 of a node that does not tell.
  std::string tip = {};
  int64_t tip_height = -1;
  std::string lib = {};
  int64_t lib_height = -1;
  std::string untrue = {};  // as Block's
};

// A line of /cryptarchia/lib-stream.
struct FinalisedBlock {
  std::string id = {};
  int64_t height = 0;
};

// What a node knows of a transaction: POST /mantle/status.
struct TransactionStatus {
  enum class Kind { kUnknown, kPending, kRejected, kInBlock };
  Kind kind = Kind::kUnknown;
  std::string block = {};  // of its canonical chain, for kInBlock
  friend bool operator==(const TransactionStatus&, const TransactionStatus&) = default;
};

// GET /mantle/metrics.
struct MempoolInfo {
  int64_t pending = 0;
  int64_t last_added_at = 0;  // milliseconds since the Unix epoch; 0: never
};

// GET /network/info.
struct NetworkInfo {
  std::vector<std::string> listen_addresses = {};
  int peers = 0;
  int connections = 0;
  int pending_connections = 0;
};

using gtestnet::MetricValue;

// A stream under way. Any thread may Cancel it; the destructor cancels and waits until no handler
// runs (unless it is called by one).
class NodeStream {
 public:
  class State;
  NodeStream();
  explicit NodeStream(std::unique_ptr<State> state);
  NodeStream(NodeStream&&) noexcept;
  NodeStream& operator=(NodeStream&&) noexcept;
  ~NodeStream();

  // Returns at once; on_end follows, with kCancelled.
  void Cancel();

 private:
  std::unique_ptr<State> state_;
};

// Called on the stream's own thread, one at a time. Empty ones are left out.
template <class Item>
struct StreamHandlers {
  // The node has answered: what it processes from now on will come.
  std::function<void()> on_open = {};
  std::function<void(const Item&)> on_item = {};
  // Once, and last: kUnavailable when the node is down or closed the stream, kInternal for a line
  // that makes no sense (which is quoted), kCancelled.
  std::function<void(const absl::Status&)> on_end = {};
};

// Talks to one node's HTTP API. A handle: copies share their connections, and any thread may use
// them. Every call has a deadline.
//
// Errors name the node, the endpoint, the time waited and what was last seen: kUnavailable when it
// does not answer, kDeadlineExceeded, kInternal for an answer that makes no sense, kNotFound for a
// route that it does not have, kInvalidArgument and kAlreadyExists for a transaction it refuses.
class NodeClient {
 public:
  using Timeout = std::chrono::milliseconds;
  static constexpr Timeout kTimeout{5000};

  // The node's port "api".
  explicit NodeClient(const NodeInfo& node);

  const NodeInfo& node() const;
  const std::string& name() const { return node().name; }

  absl::StatusOr<ConsensusInfo> GetInfo(Timeout timeout = kTimeout) const;
  // Ids, newest first, from `from` (empty: the tip) to `to` (empty: the last final block), at most
  // 512.
  absl::StatusOr<std::vector<std::string>> GetHeaders(std::string_view from = "",
                                                      std::string_view to = "",
                                                      Timeout timeout = kTimeout) const;
  // Nothing for a block that the node does not have, and for genesis.
  absl::StatusOr<std::optional<Block>> GetBlock(std::string_view id,
                                                Timeout timeout = kTimeout) const;
  // Final blocks of these slots, both included.
  absl::StatusOr<std::vector<StreamedBlock>> GetBlocks(int64_t slot_from, int64_t slot_to,
                                                       Timeout timeout = kTimeout) const;
  absl::Status Submit(const SignedTransaction& transaction, Timeout timeout = kTimeout) const;
  // Any body, also a wrong one.
  absl::Status SubmitJson(std::string_view body, Timeout timeout = kTimeout) const;
  // In the order of `hashes`.
  absl::StatusOr<std::vector<TransactionStatus>> GetStatus(const std::vector<std::string>& hashes,
                                                           Timeout timeout = kTimeout) const;
  absl::StatusOr<MempoolInfo> GetMempool(Timeout timeout = kTimeout) const;
  absl::StatusOr<NetworkInfo> GetNetwork(Timeout timeout = kTimeout) const;
  absl::StatusOr<std::vector<MetricValue>> GetMetrics(Timeout timeout = kTimeout) const;
  // The state of the node in one: info, network and mempool. `at` is left to the caller.
  absl::StatusOr<NodeSample> GetSample(Timeout timeout = kTimeout) const;

  // The connection is made on the stream's thread: an error comes by on_end.
  NodeStream StreamBlocks(StreamHandlers<StreamedBlock> handlers) const;
  NodeStream StreamFinality(StreamHandlers<FinalisedBlock> handlers) const;

 private:
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

// Clients of all nodes of a cluster.
//
//   context.node_clients().validators()[0].GetInfo();
class NodeClients {
 public:
  explicit NodeClients(const std::vector<NodeInfo>& nodes);

  std::vector<NodeClient> validators() const { return OfRole("validator"); }
  std::vector<NodeClient> executors() const { return OfRole("executor"); }
  // By NodeIndex. Of a temporary it is a value, so that `for (… : context.node_clients().all())` is
  // sound.
  const std::vector<NodeClient>& all() const& { return all_; }
  std::vector<NodeClient> all() && { return std::move(all_); }
  const NodeClient& operator[](NodeIndex node) const { return all_.at(static_cast<size_t>(node)); }
  size_t size() const { return all_.size(); }

 private:
  std::vector<NodeClient> OfRole(std::string_view role) const;
  std::vector<NodeClient> all_;
};

std::ostream& operator<<(std::ostream& os, const ConsensusInfo& info);
std::ostream& operator<<(std::ostream& os, const Block& block);
std::ostream& operator<<(std::ostream& os, const StreamedBlock& block);
std::ostream& operator<<(std::ostream& os, const TransactionStatus& status);
std::ostream& operator<<(std::ostream& os, TransactionStatus::Kind kind);
std::ostream& operator<<(std::ostream& os, const NetworkInfo& info);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_NODE_CLIENT_H_
