// SPDX-License-Identifier: Apache-2.0
// For tests: several cores of data availability in one thread, under a clock of their own, with
// stores in memory and a KZG that is quick and proves nothing.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto.h"
#include "da_engine.h"
#include "gtest/gtest.h"

namespace gtestnet::node::testing_support {

// Proofs are hashes of commitment, column and cell; it remembers each blob it extended.
class FakeKzg : public Kzg {
 public:
  absl::StatusOr<ExtendedBlob> Extend(ByteSpan data) const override {
    ExtendedBlob blob;
    const Hash hash = HashOf(data);
    std::copy(hash.bytes.begin(), hash.bytes.end(), blob.commitment.begin());
    const Bytes elements = PadBlob(data);
    for (std::size_t column = 0; column < kColumns; ++column) {
      Share share;
      share.column = static_cast<std::uint8_t>(column);
      const auto at = elements.begin() + static_cast<std::ptrdiff_t>(column % 64 * kColumnBytes);
      std::copy(at, at + kColumnBytes, share.cell.begin());
      share.cell[1] ^= static_cast<std::uint8_t>(column / 64);
      share.proof = Prove(blob.commitment, share);
      known_[share.proof] = data_.size();
      blob.shares.push_back(share);
    }
    Bytes whole(data.begin(), data.end());
    whole.resize(kMaxBlobBytes);
    data_.push_back(std::move(whole));
    return blob;
  }

  bool Verify(const Commitment& commitment, const Shares& shares) const override {
    return std::all_of(shares.begin(), shares.end(),
                       [&](const Share& share) { return share.proof == Prove(commitment, share); });
  }

  absl::StatusOr<Bytes> Recover(const Shares& shares) const override {
    std::set<std::uint8_t> columns;
    for (const Share& share : shares) columns.insert(share.column);
    const auto known = known_.find(shares.front().proof);
    if (columns.size() != shares.size() || columns.size() < kEnoughColumns ||
        known == known_.end()) {
      return absl::InternalError("too few columns, or none of a blob's");
    }
    return data_[known->second];
  }

 private:
  static ColumnProof Prove(const Commitment& commitment, const Share& share) {
    const Hash hash = Hasher("proof").Add(commitment).AddU8(share.column).Add(share.cell).Finish();
    ColumnProof proof{};
    std::copy(hash.bytes.begin(), hash.bytes.end(), proof.begin());
    return proof;
  }

  mutable std::map<ColumnProof, std::size_t> known_;
  mutable std::vector<Bytes> data_;
};

class MemoryShareStore : public ShareStore {
 public:
  absl::Status Put(const BlobId& blob, const Commitment& commitment, Slot slot,
                   const Shares& shares) override {
    if (broken) return absl::UnavailableError("the disk is full");
    StoredBlob& stored =
        blobs_.try_emplace(blob, StoredBlob{blob, commitment, {}, slot}).first->second;
    for (const Share& share : shares) {
      stored.columns.set(share.column);
      shares_.emplace(std::pair(blob, share.column), share);
    }
    return absl::OkStatus();
  }
  Shares Get(const BlobId& blob, const ColumnSet& columns) const override {
    Shares found;
    for (const auto& [key, share] : shares_) {
      if (key.first == blob && columns[key.second]) found.push_back(share);
    }
    return found;
  }
  absl::Status Remove(const std::vector<BlobId>& blobs) override {
    for (const BlobId& blob : blobs) {
      blobs_.erase(blob);
      std::erase_if(shares_, [&](const auto& one) { return one.first.first == blob; });
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<StoredBlob>> List() const override {
    std::vector<StoredBlob> all;
    for (const auto& [id, blob] : blobs_) all.push_back(blob);
    return all;
  }

  bool broken = false;

 private:
  std::map<BlobId, StoredBlob> blobs_;
  std::map<std::pair<BlobId, std::uint8_t>, Share> shares_;
};

// Node i is named "n<i>"; the first `members` of them hold columns. All are connected at first; a
// node's number for its peer j is j.
class DaNet {
 public:
  struct Node {
    std::unique_ptr<MemoryShareStore> store = std::make_unique<MemoryShareStore>();
    DaOptions options;
    std::unique_ptr<DaEngine> engine;
    std::map<std::uint64_t, DaReply> replies;
    std::set<BlobId> found;
    std::vector<SignedMantleTx> submitted;
    std::vector<std::string> log;
    bool mute = false;  // hears nothing, as a paused process does
  };

  DaNet(std::size_t nodes, std::size_t members, const DaOptions& common = {}) : nodes_(nodes) {
    for (std::size_t i = 0; i < nodes; ++i) {
      nodes_[i].options = common;
      nodes_[i].options.identifier = "n" + std::to_string(i);
      nodes_[i].options.random_seed = i + 1;
      for (std::size_t m = 0; m < members; ++m) {
        nodes_[i].options.members.push_back("n" + std::to_string(m));
      }
    }
  }

  // With the options as they are by then. Everything but the store begins anew.
  void Start(std::size_t i) {
    nodes_[i].engine = std::make_unique<DaEngine>(nodes_[i].options, nodes_[i].store.get());
    ASSERT_TRUE(nodes_[i].engine->Restore().ok());
  }
  void StartAll() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) Start(i);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) Connect(i, j);
    }
  }
  void Connect(std::size_t a, std::size_t b) {
    links_.insert({a, b});
    links_.insert({b, a});
    Handle(a, DaPeerConnected{b, nodes_[b].options.identifier, true});
    Handle(b, DaPeerConnected{a, nodes_[a].options.identifier, false});
    Settle();
  }
  void Disconnect(std::size_t a, std::size_t b) {
    if (links_.erase({a, b}) == 0) return;
    links_.erase({b, a});
    Handle(a, DaPeerDisconnected{b});
    Handle(b, DaPeerDisconnected{a});
    Settle();
  }
  void Kill(std::size_t i) {
    for (std::size_t j = 0; j < nodes_.size(); ++j) Disconnect(i, j);
  }

  Node& operator[](std::size_t i) { return nodes_[i]; }
  void Handle(std::size_t i, DaEvent event) {
    Perform(i, nodes_[i].engine->Handle(std::move(event), now_));
  }
  // The reply, which must be there.
  DaReply Ask(std::size_t i, DaEvent event) {
    std::uint64_t token = 0;
    std::visit(
        [&](auto& one) {
          if constexpr (requires { one.token; }) one.token = token = ++last_token_;
        },
        event);
    Handle(i, std::move(event));
    Settle();
    for (int round = 0; round < 400 && !nodes_[i].replies.contains(token); ++round) Pass(100);
    if (!nodes_[i].replies.contains(token)) {
      return {token, absl::InternalError("there is no reply"), {}};
    }
    return nodes_[i].replies[token];
  }

  // Delivers what is on its way until nothing is.
  void Settle() {
    while (!queue_.empty()) {
      auto [to, event] = std::move(queue_.front());
      queue_.pop_front();
      const auto* bytes = std::get_if<DaBytesReceived>(&event);
      if (bytes != nullptr && (nodes_[to].mute || !links_.contains({to, bytes->peer}))) continue;
      Handle(to, std::move(event));
    }
  }
  void Pass(Millis time, Slot slot = 1) {
    now_ += time;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].engine != nullptr) Handle(i, DaTick{slot});
    }
    Settle();
  }
  // What WantBlobs finds out in the time for one round of everything.
  bool Finds(std::size_t i, const BlobId& blob, int rounds = 50) {
    for (int round = 0; round < rounds && !nodes_[i].found.contains(blob); ++round) {
      Handle(i, WantBlobs{{blob}});
      Settle();
      Pass(100);
    }
    return nodes_[i].found.contains(blob);
  }
  void Perform(std::size_t i, DaActions actions) {
    Node& node = nodes_[i];
    for (DaAction& action : actions) {
      if (auto* send = std::get_if<DaSend>(&action)) {
        queue_.emplace_back(send->peer, DaBytesReceived{i, std::move(send->bytes)});
      } else if (auto* drop = std::get_if<DaDrop>(&action)) {
        dropped.push_back({i, drop->peer});
        links_.erase({i, drop->peer});
        links_.erase({drop->peer, i});
        queue_.emplace_back(i, DaPeerDisconnected{drop->peer});
        queue_.emplace_back(drop->peer, DaPeerDisconnected{i});
      } else if (auto* job = std::get_if<KzgJob>(&action)) {
        queue_.emplace_back(i, RunKzgJob(kzg, std::move(*job)));
      } else if (auto* found = std::get_if<BlobFound>(&action)) {
        node.found.insert(found->blob);
      } else if (auto* submit = std::get_if<SubmitBlobTx>(&action)) {
        node.submitted.push_back(submit->tx);
        queue_.emplace_back(i, BlobTxSubmitted{submit->token, submit_status});
      } else if (auto* reply = std::get_if<DaReply>(&action)) {
        EXPECT_FALSE(node.replies.contains(reply->token)) << "a second reply";
        node.replies[reply->token] = *reply;
      } else {
        node.log.push_back(std::get<Log>(action).text);
      }
    }
  }

  FakeKzg kzg;
  absl::Status submit_status;
  std::vector<std::pair<std::size_t, PeerId>> dropped;

 private:
  std::vector<Node> nodes_;
  std::set<std::pair<std::size_t, std::size_t>> links_;
  std::deque<std::pair<std::size_t, DaEvent>> queue_;
  Millis now_ = 1'000'000;
  std::uint64_t last_token_ = 0;
};

inline Bytes BlobData(std::uint8_t seed, std::size_t size = 31 * 100) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(seed + i * 7);
  return data;
}

inline DisperseBlob DisperseOf(std::uint8_t seed) {
  DisperseBlob request;
  request.channel.bytes.fill(9);
  request.data = BlobData(seed);
  return request;
}

}  // namespace gtestnet::node::testing_support
