// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_DA_CLIENT_H_
#define GTESTNET_NOMOS_DA_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/transaction.h"

namespace gtestnet::nomos {

// A blob is 31 to 126,976 bytes, a multiple of 31, and not all zero; so many columns carry it, of
// which any half gives it back.
inline constexpr int kBlobColumns = 128;
inline constexpr size_t kBlobUnit = 31;
inline constexpr size_t kMostBlobBytes = 4096 * kBlobUnit;

// Data on a channel. Ids are text, 64 lower-case hexadecimal digits.
struct BlobMessage {
  std::string channel = {};
  // Id of the channel's last message. The channel must be there: an inscription opens it.
  std::string parent = {};
  std::string data = {};
};

// The key with which executors sign what they disperse: a channel that they are to write to must
// have been opened with it.
KeyPair DispersalKey();

// The transaction of a blob, signed by `signer`; with DispersalKey(), the one that an executor
// submits. kInvalidArgument for an id that is none.
absl::StatusOr<SignedTransaction> MakeBlobTransaction(std::string_view channel,
                                                      std::string_view parent,
                                                      std::string_view blob, uint64_t size,
                                                      const KeyPair& signer);

// One column of a blob, with the proof that it is.
struct Share {
  int column = 0;          // 0 … 127
  std::string cell = {};   // 2048 bytes
  std::string proof = {};  // 48 bytes
  friend bool operator==(const Share&, const Share&) = default;
};

// The first `size` bytes of a blob whose columns 0 … 63 are there: those are the blob itself.
// kNotFound names the first that is missing.
absl::StatusOr<std::string> DataOf(const std::vector<Share>& shares, size_t size);

// POST /da/reconstruct.
struct Reconstruction {
  int columns = 0;        // that the node could have
  std::string data = {};  // 126,976 bytes, the blob's first
};

// GET /da/sampling/shares.
struct ShareRequest {
  std::vector<int> requested = {};
  std::vector<int> filter = {};
  // Also all others that are not in `filter`.
  bool return_available = false;
};

// Of one of the 128 columns: how many of its holders are connected, by who dialled.
struct ColumnPeers {
  int inbound = 0;
  int outbound = 0;
  friend bool operator==(const ColumnPeers&, const ColumnPeers&) = default;
};

// GET /da/monitor-stats: failures ÷ requests with one peer since the node's start.
struct PeerFailures {
  double dispersal = 0;
  double sampling = 0;
  double replication = 0;
  friend bool operator==(const PeerFailures&, const PeerFailures&) = default;
};

// POST /test/da/membership.
struct DaMembership {
  std::map<int, std::vector<std::string>> holders = {};  // by column
  std::map<std::string, std::string> addresses = {};     // by node
};

// A client of one node's data availability. Any thread may use it; copies share connections.
//
//   DaClient executor(context.node_clients().executors()[0].node());
//   absl::StatusOr<std::string> blob = executor.Disperse({channel, parent, data});
//
// Errors name node, request and status, as NodeClient's; a node without data availability answers
// kNotFound. Timeouts default to 10 s: a dispersal takes about half a core second.
class DaClient {
 public:
  using Timeout = std::chrono::milliseconds;
  static constexpr Timeout kTimeout{10000};

  explicit DaClient(const NodeInfo& node);
  const NodeInfo& node() const;

  // Executors only. The blob's id, once every column has a holder and the transaction is submitted.
  absl::StatusOr<std::string> Disperse(const BlobMessage& message,
                                       Timeout timeout = kTimeout) const;
  // kOk once the node has verified and stored it; it must be a holder of that column.
  absl::Status AddShare(const Share& share, std::string_view commitment,
                        Timeout timeout = kTimeout) const;
  // 48 bytes; nothing when the node has none. `ask_holders`: also of the nodes that hold it.
  absl::StatusOr<std::optional<std::string>> GetCommitment(std::string_view blob, bool ask_holders,
                                                           Timeout timeout = kTimeout) const;
  // Of the node's own storage.
  absl::StatusOr<std::optional<Share>> GetShare(std::string_view blob, int column,
                                                Timeout timeout = kTimeout) const;
  absl::StatusOr<std::vector<Share>> GetShares(std::string_view blob, const ShareRequest& request,
                                               Timeout timeout = kTimeout) const;
  // From its own columns and those of other holders; nothing when fewer than 64 can be had.
  absl::StatusOr<std::optional<Reconstruction>> Reconstruct(std::string_view blob,
                                                            Timeout timeout = kTimeout) const;
  // Whether that changed anything. Peers are named as nodes are.
  absl::StatusOr<bool> BlockPeer(std::string_view peer, Timeout timeout = kTimeout) const;
  absl::StatusOr<bool> UnblockPeer(std::string_view peer, Timeout timeout = kTimeout) const;
  absl::StatusOr<std::vector<std::string>> GetBlockedPeers(Timeout timeout = kTimeout) const;
  // By column.
  absl::StatusOr<std::map<int, ColumnPeers>> GetBalancer(Timeout timeout = kTimeout) const;
  // Only peers with a failure.
  absl::StatusOr<std::map<std::string, PeerFailures>> GetMonitor(Timeout timeout = kTimeout) const;
  absl::StatusOr<DaMembership> GetMembership(Timeout timeout = kTimeout) const;
  // Whether each of the blobs can be sampled now; false also when the node knows no such block.
  absl::StatusOr<bool> CanSample(std::string_view block, const std::vector<std::string>& blobs,
                                 Timeout timeout = kTimeout) const;

 private:
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

std::ostream& operator<<(std::ostream& os, const Share& share);
std::ostream& operator<<(std::ostream& os, const Reconstruction& reconstruction);
std::ostream& operator<<(std::ostream& os, const ColumnPeers& peers);
std::ostream& operator<<(std::ostream& os, const PeerFailures& failures);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_DA_CLIENT_H_
