// SPDX-License-Identifier: Apache-2.0
// Data availability as a state machine: dispersal, the columns that a node holds, and sampling. No
// sockets, disk, clock, threads or KZG of its own; assets/node/README.md has the rules.
//
//   DaEngine da(options, &store);
//   absl::Status status = da.Restore();
//   for (DaAction& action : da.Handle(DaTick{slot}, now)) Perform(action);
//
// The same events at the same times give the same actions. One thread at a time. The shell calls
// Handle(DaTick) at least each quarter of a second, and performs the actions in their order. Each
// KzgJob is to be run in the order of emission, on one thread, and answered by its KzgDone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "da_kzg.h"
#include "da_store.h"
#include "da_types.h"
#include "engine.h"
#include "transaction.h"

namespace gtestnet::node {

struct DaMisbehaviour {
  bool include_without_data = false;
  bool withhold_shares = false;
  bool corrupt_shares = false;
  bool corrupt_proofs = false;
};

struct DaOptions {
  std::string identifier = {};
  std::vector<std::string> members = {};  // identifiers, in the order of the config
  std::size_t replication = 2;
  std::size_t samples = 4;
  Millis sampling_timeout_ms = 1000;
  Millis dispersal_timeout_ms = 20'000;
  Slot retention_slots = 1000;
  std::uint64_t random_seed = 0;  // which columns and holders are sampled
  DaMisbehaviour misbehaviour = {};
};

// ---- Events. A token is the shell's number for a request that a DaReply answers, exactly once.

struct DaTick {
  Slot slot = 0;  // the current one; 0 before the start
};
struct DaPeerConnected {
  PeerId peer = 0;
  std::string name;
  bool dialled = false;  // by this node
};
struct DaPeerDisconnected {
  PeerId peer = 0;
};
struct DaBytesReceived {
  PeerId peer = 0;
  Bytes bytes;
};
// Of the consensus engine's SampleBlobs; to be repeated as long as it matters.
struct WantBlobs {
  std::vector<BlobId> blobs;
};
// /disperse-data: replies with a BlobId.
struct DisperseBlob {
  std::uint64_t token = 0;
  ChannelId channel;
  MsgId parent;
  Bytes data;
};
// What became of a SubmitBlobTx.
struct BlobTxSubmitted {
  std::uint64_t token = 0;
  absl::Status status;
};
// /da/add-share: replies with a status only.
struct AddShare {
  std::uint64_t token = 0;
  Commitment commitment{};
  Share share;
};
// /da/get-commitments: replies with a Commitment, or kNotFound.
struct FindCommitment {
  std::uint64_t token = 0;
  BlobId blob;
};
// /da/reconstruct: replies with a Reconstructed, or kNotFound.
struct ReconstructBlob {
  std::uint64_t token = 0;
  BlobId blob;
};
// /test/da/historic-sampling: replies with a bool.
struct CheckBlobs {
  std::uint64_t token = 0;
  std::vector<BlobId> blobs;
};
using DaEvent = std::variant<DaTick, DaPeerConnected, DaPeerDisconnected, DaBytesReceived, KzgDone,
                             WantBlobs, DisperseBlob, BlobTxSubmitted, AddShare, FindCommitment,
                             ReconstructBlob, CheckBlobs>;

// ---- Actions

struct DaSend {
  PeerId peer = 0;
  Bytes bytes;
};
struct DaDrop {
  PeerId peer = 0;
  std::string reason;
};
// The consensus engine is to know that it can be had.
struct BlobFound {
  BlobId blob;
};
// To the node's own mempool; AlreadyExists is as good as OK.
struct SubmitBlobTx {
  std::uint64_t token = 0;
  SignedMantleTx tx;
};
struct Reconstructed {
  std::size_t columns = 0;  // how many were to be had
  Bytes data;               // kMaxBlobBytes
};
struct DaReply {
  std::uint64_t token = 0;
  absl::Status status;
  std::variant<std::monostate, BlobId, Commitment, Reconstructed, bool> value;  // when it is OK
};
using DaAction = std::variant<DaSend, DaDrop, KzgJob, BlobFound, SubmitBlobTx, DaReply, Log>;
using DaActions = std::vector<DaAction>;

// ---- Answers to queries

struct DaMetrics {
  // Gauges.
  std::uint64_t peers = 0, blobs_stored = 0, shares_stored = 0;
  // Counters since the engine was made.
  std::uint64_t samples_verified = 0, samples_failed = 0, blobs_sampled = 0;
  std::uint64_t verifier_shares = 0, verifier_failed = 0;
  std::uint64_t dispersal_blobs = 0, dispersal_failed = 0;
  std::uint64_t shares_served = 0, shares_pruned = 0;
};

// Failures ÷ requests of a peer since the start.
struct FailureRates {
  double dispersal = 0;
  double sampling = 0;
};

struct Balance {
  std::size_t inbound = 0;
  std::size_t outbound = 0;
};

class DaEngine {
 public:
  // `store` must outlive the engine. Members are different from each other, at least one.
  DaEngine(DaOptions options, ShareStore* store);
  ~DaEngine();
  DaEngine(const DaEngine&) = delete;
  DaEngine& operator=(const DaEngine&) = delete;

  // Before the first Handle.
  absl::Status Restore();
  [[nodiscard]] DaActions Handle(DaEvent event, Millis now);

  // Whether that changed something. A blocked peer is dropped (the DaDrop is among `actions`), as
  // often as it comes back, and asked nothing. At most 1024.
  bool Block(const std::string& name, DaActions* actions);
  bool Unblock(const std::string& name);
  std::vector<std::string> Blocked() const;

  // Of this node's own storage, as its API shows it: misbehaviour included. The columns counted as
  // served are those that these and peers are given.
  std::optional<Commitment> StoredCommitment(const BlobId& blob) const;
  std::optional<Share> StoredShare(const BlobId& blob, std::size_t column);
  // Those requested, then, if `all`, all others that are not in `filter`. Nothing when the blob is
  // unknown.
  std::optional<Shares> StoredShares(const BlobId& blob, const std::vector<std::size_t>& requested,
                                     const ColumnSet& filter, bool all);

  const Placement& placement() const;
  std::array<Balance, kColumns> Balances() const;
  std::map<std::string, FailureRates> Failures() const;  // peers that had one
  DaMetrics Metrics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gtestnet::node
