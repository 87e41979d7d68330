// SPDX-License-Identifier: Apache-2.0
// The inside of the core of data availability, in three parts: da_engine.cc (peers, columns that
// are stored and served, queries), da_disperse.cc (what an executor does with a blob), da_fetch.cc
// (columns of others: sampling, reconstruction).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "da_engine.h"
#include "da_message.h"
#include "recent_hashes.h"
#include "text.h"

namespace gtestnet::node {

class DaEngine::Impl {
 public:
  Impl(DaOptions options, ShareStore* store);

  absl::Status Restore();
  DaActions Handle(DaEvent event, Millis now);
  bool Block(const std::string& name, DaActions* actions);
  bool Unblock(const std::string& name) { return blocked_.erase(name) > 0; }
  const std::set<std::string>& blocked() const { return blocked_; }

  const StoredBlob* Find(const BlobId& blob) const;
  std::optional<Commitment> StoredCommitment(const BlobId& blob) const;
  Shares Give(const BlobId& blob, const ColumnSet& columns);
  std::optional<Shares> StoredShares(const BlobId& blob, const std::vector<std::size_t>& requested,
                                     const ColumnSet& filter, bool all);

  const Placement& placement() const { return placement_; }
  std::array<Balance, kColumns> Balances() const;
  std::map<std::string, FailureRates> Failures() const;
  DaMetrics Metrics() const;

 private:
  struct Peer {
    std::string name;
    std::optional<std::size_t> member;  // its number, if it is one
    bool dialled = false;
  };
  // Requests to one member, and how many of them failed.
  struct Tally {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
  };
  struct Trust {
    Tally dispersal;
    Tally sampling;
  };

  // A blob on its way from an executor to the members.
  struct Dispersal {
    ChannelId channel;
    MsgId parent;
    std::size_t size = 0;
    Millis since = 0;
    bool submitted = false;
    BlobId blob;
    ExtendedBlob extended;
    ColumnSet covered;            // by somebody
    std::set<std::size_t> asked;  // members that have not answered yet
  };
  struct DisperseRequest {
    std::uint64_t token = 0;
    std::size_t member = 0;
  };

  // Columns that are being got from others.
  struct Fetch {
    BlobId blob;
    bool sampling = false;
    bool all = false;  // of a sampling: some could not be had, so that all are asked for
    ColumnSet wanted;
    ColumnSet got;
    ColumnSet flying;              // asked for, or being verified
    ColumnSet lost;                // no holder is left to ask
    std::vector<ColumnSet> asked;  // by member
    Shares shares;                 // those that were got; not kept of a sampling
    std::function<void(Fetch&)> done;
  };
  struct ShareRequest {
    std::uint64_t fetch = 0;                // or
    std::optional<std::uint64_t> search{};  // for a commitment: its token
    std::size_t member = 0;
    BlobId blob;
    ColumnSet columns;
    Millis sent = 0;
  };
  struct Check {
    std::size_t left = 0;
    bool right = true;
  };

  // da_engine.cc
  void On(const DaTick& event);
  void On(const DaPeerConnected& event);
  void On(const DaPeerDisconnected& event);
  void On(const DaBytesReceived& event);
  void On(KzgDone& event);
  void On(const AddShare& event);
  void On(PeerId peer, const Disperse& message);
  void On(PeerId peer, const GetShares& message);
  void Forget(PeerId peer);
  void Prune();
  ColumnSet Held(const BlobId& blob) const;
  absl::Status Store(const Commitment& commitment, const Shares& shares);
  void Spoil(const BlobId& blob, Shares* shares) const;
  void Run(std::variant<ExtendJob, VerifyJob, RecoverJob> what, std::function<void(KzgDone&)> then);
  void Verify(const Commitment& commitment, Shares shares, std::function<void(Verified&)> then);
  void Reply(std::uint64_t token, absl::Status status);
  template <typename Value>
  void Reply(std::uint64_t token, Value value) {
    DaReply reply;
    reply.token = token;
    reply.value = std::move(value);
    Do(std::move(reply));
  }
  std::optional<PeerId> Connected(std::size_t member) const;

  // da_disperse.cc
  void On(DisperseBlob& event);
  void On(const BlobTxSubmitted& event);
  void On(PeerId peer, const Dispersed& message);
  void Extended(std::uint64_t token, KzgDone& done);
  void SendColumns(std::uint64_t token, Dispersal& dispersal, std::size_t member);
  void KeepOwn(Dispersal& dispersal);
  void Advance(std::uint64_t token, Dispersal& dispersal);
  void Submit(std::uint64_t token, Dispersal& dispersal);
  void FailDispersal(std::uint64_t token, const absl::Status& why);
  void OnMember(std::size_t member);  // it has connected
  void LoseMember(std::size_t member);
  void ExpireDispersals();

  // da_fetch.cc
  void On(const WantBlobs& event);
  void On(const FindCommitment& event);
  void On(const ReconstructBlob& event);
  void On(const CheckBlobs& event);
  void On(PeerId peer, const SharesAnswer& message);
  void Sample(const BlobId& blob, std::function<void(bool)> then);
  std::uint64_t Begin(Fetch fetch);
  void Advance(std::uint64_t id);
  std::optional<std::size_t> ChooseHolder(const Fetch& fetch, std::size_t column);
  bool HasHolder(Fetch& fetch, std::size_t column, std::map<std::size_t, ColumnSet>* plan);
  void Ask(std::uint64_t id, Fetch& fetch, std::size_t member, const ColumnSet& columns);
  void Arrived(const ShareRequest& request, Verified& right);
  void Answered(const ShareRequest& request, bool found, const Commitment& commitment);
  void FailRequest(std::uint32_t number);
  void ExpireRequests();
  void LoseRequests(std::size_t member);
  void Finish(const ReconstructBlob& event, Fetch& fetch);

  template <typename Action>
  void Do(Action action) {
    actions_.emplace_back(std::move(action));
  }
  template <typename... Parts>
  void Say(LogLevel level, const Parts&... parts) {
    actions_.emplace_back(Log{level, "da", absl::StrCat(parts...)});
  }

  DaOptions options_;
  ShareStore* store_;
  Placement placement_;
  std::optional<std::size_t> self_;  // its number, if it is a member
  std::mt19937_64 random_;
  Millis now_ = 0;
  Slot slot_ = 0;

  std::map<PeerId, Peer> peers_;
  std::set<std::string> blocked_;
  std::map<std::string, Trust> trust_;
  std::unordered_map<BlobId, StoredBlob> blobs_;

  std::map<std::uint64_t, Dispersal> dispersals_;  // by token
  std::map<std::uint32_t, DisperseRequest> disperse_requests_;
  std::map<std::uint64_t, Fetch> fetches_;
  std::map<std::uint32_t, ShareRequest> share_requests_;
  std::map<std::uint64_t, std::size_t> searches_;  // by token: requests that are under way
  std::map<std::uint64_t, Check> checks_;          // by token
  std::set<BlobId> sampling_;                      // for the consensus engine
  std::map<BlobId, Millis> failed_;                // when a sampling failed that is repeated soon
  RecentHashes found_;

  std::map<std::uint64_t, std::function<void(KzgDone&)>> jobs_;
  std::uint64_t last_job_ = 0;
  std::uint64_t last_fetch_ = 0;
  std::uint32_t last_request_ = 0;
  std::size_t verifying_ = 0;  // what others sent unasked
  DaMetrics metrics_;
  DaActions actions_;
};

}  // namespace gtestnet::node
