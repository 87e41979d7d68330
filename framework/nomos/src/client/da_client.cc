// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/da_client.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/hash.h"
#include "core/src/base/status.h"
#include "nomos/src/client/api_caller.h"
#include "nomos/src/client/da_json.h"
#include "nomos/src/kind/encoding.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kElementBytes = 32;

std::string Columns(const std::vector<int>& columns) {
  return absl::StrCat(
      "[",
      absl::StrJoin(columns, ",", [](std::string* out, int column) { *out += ColumnJson(column); }),
      "]");
}

// A GET with a body, as the real node has three.
base::HttpRequest GetWith(std::string target, std::string body) {
  base::HttpRequest request = Get(std::move(target));
  request.body = std::move(body);
  return request;
}

absl::Status CheckColumn(int column) {
  if (column >= 0 && column < kBlobColumns) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("column ", column, " of a blob: they go from 0 to 127"));
}

// A name that needs no escapes in JSON.
absl::Status CheckPeer(std::string_view peer) {
  const bool sound = !peer.empty() && peer.size() <= 100 &&
                     std::all_of(peer.begin(), peer.end(), [](unsigned char c) {
                       return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
                     });
  if (sound) return absl::OkStatus();
  return InvalidArgument(
      absl::StrCat("the peer \"", ToAbsl(peer.substr(0, 80)), "\" is not the name of a node"));
}

}  // namespace

KeyPair DispersalKey() { return KeyPair::FromSeed({}); }

absl::StatusOr<SignedTransaction> MakeBlobTransaction(std::string_view channel,
                                                      std::string_view parent,
                                                      std::string_view blob, uint64_t size,
                                                      const KeyPair& signer) {
  GTESTNET_RETURN_IF_ERROR(CheckId("the channel", channel));
  if (!parent.empty()) GTESTNET_RETURN_IF_ERROR(CheckId("a message's parent", parent));
  GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
  BlobOp op;
  op.channel = *base::ParseHash(channel);
  if (!parent.empty()) op.parent = *base::ParseHash(parent);
  op.blob = *base::ParseHash(blob);
  op.blob_size = size;
  op.signer = *base::ParseHash(signer.public_key());
  SignedTransaction transaction;
  transaction.messages = {base::ToHex(MessageId(op))};
  SignedTx encoded;
  encoded.tx.operations.push_back(op);
  const base::Hash32 hash = HashOf(encoded.tx);
  encoded.operation_proofs.push_back(signer.Sign(hash));
  transaction.hash = base::ToHex(hash);
  transaction.json = ToJson(encoded);
  return transaction;
}

absl::StatusOr<std::string> DataOf(const std::vector<Share>& shares, size_t size) {
  if (size > kMostBlobBytes) {
    return InvalidArgument(
        absl::StrCat("a blob of ", size, " bytes; at most ", kMostBlobBytes, " are possible"));
  }
  std::string data;
  for (int column = 0; data.size() < size; ++column) {
    const auto share = std::find_if(shares.begin(), shares.end(),
                                    [&](const Share& s) { return s.column == column; });
    if (share == shares.end()) {
      return NotFound(absl::StrCat("column ", column, " of the blob is not among ", shares.size()));
    }
    // The first byte of each element is zero.
    for (size_t at = 0; at + kElementBytes <= share->cell.size(); at += kElementBytes) {
      data.append(share->cell, at + 1, kBlobUnit);
    }
  }
  data.resize(size);
  return data;
}

class DaClient::Impl : public ApiCaller {
 public:
  using ApiCaller::ApiCaller;
};

DaClient::DaClient(const NodeInfo& node) : impl_(std::make_shared<Impl>(node)) {}

const NodeInfo& DaClient::node() const { return impl_->node(); }

absl::StatusOr<std::string> DaClient::Disperse(const BlobMessage& message, Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the channel", message.channel));
  const std::string parent = message.parent.empty() ? std::string(64, '0') : message.parent;
  GTESTNET_RETURN_IF_ERROR(CheckId("a message's parent", parent));
  base::HttpRequest request =
      Post("/disperse-data",
           absl::StrCat(R"({"channel_id":")", message.channel, R"(","parent_msg_id":")", parent,
                        R"(","signer":")", DispersalKey().public_key(), R"(","data":)",
                        NumberList(message.data), "}"));
  // Sent twice, it would be dispersed twice.
  request.idempotent = false;
  return impl_->Ask(request, timeout, ParseBlobId);
}

absl::Status DaClient::AddShare(const Share& share, std::string_view commitment,
                                Timeout timeout) const {
  return impl_->Ask(Post("/da/add-share", ToJson(share, commitment)), timeout).status();
}

absl::StatusOr<std::optional<std::string>> DaClient::GetCommitment(std::string_view blob,
                                                                   bool ask_holders,
                                                                   Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
  const std::string id = IdNumbers(blob);
  if (ask_holders) {
    return impl_->Ask(
        Post("/da/get-commitments", absl::StrCat(R"({"blob_id":)", id, R"(,"session":0})")),
        timeout, ParseCommitment);
  }
  return impl_->Ask(GetWith("/da/get-storage-commitments", absl::StrCat(R"({"blob_id":)", id, "}")),
                    timeout, ParseCommitment);
}

absl::StatusOr<std::optional<Share>> DaClient::GetShare(std::string_view blob, int column,
                                                        Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
  GTESTNET_RETURN_IF_ERROR(CheckColumn(column));
  return impl_->Ask(
      GetWith("/da/get-share", absl::StrCat(R"({"blob_id":)", IdNumbers(blob), R"(,"share_idx":)",
                                            ColumnJson(column), "}")),
      timeout, ParseShare);
}

absl::StatusOr<std::vector<Share>> DaClient::GetShares(std::string_view blob,
                                                       const ShareRequest& request,
                                                       Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
  for (const std::vector<int>* columns : {&request.requested, &request.filter}) {
    for (int column : *columns) GTESTNET_RETURN_IF_ERROR(CheckColumn(column));
  }
  return impl_->Ask(
      GetWith("/da/sampling/shares",
              absl::StrCat(R"({"blob_id":)", IdNumbers(blob), R"(,"requested_shares":)",
                           Columns(request.requested), R"(,"filter_shares":)",
                           Columns(request.filter), R"(,"return_available":)",
                           request.return_available ? "true" : "false", "}")),
      timeout, ParseShareLines);
}

absl::StatusOr<std::optional<Reconstruction>> DaClient::Reconstruct(std::string_view blob,
                                                                    Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
  return impl_->Ask(
      Post("/da/reconstruct", absl::StrCat(R"({"blob_id":)", IdNumbers(blob), R"(,"session":0})")),
      timeout, ParseReconstruction);
}

absl::StatusOr<bool> DaClient::BlockPeer(std::string_view peer, Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckPeer(peer));
  return impl_->Ask(Post("/da/block-peer", absl::StrCat("\"", ToAbsl(peer), "\"")), timeout,
                    ParseBool);
}

absl::StatusOr<bool> DaClient::UnblockPeer(std::string_view peer, Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckPeer(peer));
  return impl_->Ask(Post("/da/unblock-peer", absl::StrCat("\"", ToAbsl(peer), "\"")), timeout,
                    ParseBool);
}

absl::StatusOr<std::vector<std::string>> DaClient::GetBlockedPeers(Timeout timeout) const {
  return impl_->Ask(Get("/da/blacklisted-peers"), timeout, ParseNames);
}

absl::StatusOr<std::map<int, ColumnPeers>> DaClient::GetBalancer(Timeout timeout) const {
  return impl_->Ask(Get("/da/balancer-stats"), timeout, ParseBalancer);
}

absl::StatusOr<std::map<std::string, PeerFailures>> DaClient::GetMonitor(Timeout timeout) const {
  return impl_->Ask(Get("/da/monitor-stats"), timeout, ParseMonitor);
}

absl::StatusOr<DaMembership> DaClient::GetMembership(Timeout timeout) const {
  return impl_->Ask(Post("/test/da/membership", "0"), timeout, ParseMembership);
}

absl::StatusOr<bool> DaClient::CanSample(std::string_view block,
                                         const std::vector<std::string>& blobs,
                                         Timeout timeout) const {
  GTESTNET_RETURN_IF_ERROR(CheckId("the id of a block", block));
  std::string ids;
  for (const std::string& blob : blobs) {
    GTESTNET_RETURN_IF_ERROR(CheckId("the blob", blob));
    absl::StrAppend(&ids, ids.empty() ? "[" : ",[", IdNumbers(blob), ",0]");
  }
  return impl_->Ask(
      Post("/test/da/historic-sampling",
           absl::StrCat(R"({"block_id":")", ToAbsl(block), R"(","blob_ids":[)", ids, "]}")),
      timeout, ParseBool);
}

std::ostream& operator<<(std::ostream& os, const Share& share) {
  return os << "column " << share.column << " of " << share.cell.size() << " bytes";
}

std::ostream& operator<<(std::ostream& os, const Reconstruction& reconstruction) {
  return os << reconstruction.data.size() << " bytes from " << reconstruction.columns << " columns";
}

std::ostream& operator<<(std::ostream& os, const ColumnPeers& peers) {
  return os << peers.inbound << " inbound, " << peers.outbound << " outbound";
}

std::ostream& operator<<(std::ostream& os, const PeerFailures& failures) {
  return os << "failed: " << failures.dispersal << " of dispersals, " << failures.sampling
            << " of samples, " << failures.replication << " of replications";
}

}  // namespace gtestnet::nomos
