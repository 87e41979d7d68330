// SPDX-License-Identifier: Apache-2.0
// What an executor does with a blob: extends it, sends each member its columns, and puts the blob
// operation into its mempool once every column has a holder.
#include "da_engine_impl.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kMaxDispersals = 16;  // each holds the whole extended blob

// As the real node's executor signs: with the key of the zero seed.
const KeyPair& ExecutorKey() {
  static const KeyPair key = KeyPair::FromSeed(Hash{});
  return key;
}

SignedMantleTx BlobTx(const ChannelId& channel, const MsgId& parent, const BlobId& blob,
                      std::size_t size) {
  ChannelBlob op;
  op.channel = channel;
  op.blob = blob;
  op.blob_size = size;
  op.parent = parent;
  op.signer = ExecutorKey().public_key();
  SignedMantleTx tx;
  tx.tx.ops.emplace_back(op);
  tx.op_proofs.push_back(ExecutorKey().Sign(HashOfTx(tx.tx).span()));
  return tx;
}

}  // namespace

void DaEngine::Impl::On(DisperseBlob& event) {
  if (absl::Status status = CheckBlobData(event.data); !status.ok()) {
    ++metrics_.dispersal_failed;
    return Reply(event.token, std::move(status));
  }
  if (dispersals_.size() >= kMaxDispersals) {
    ++metrics_.dispersal_failed;
    return Reply(event.token, absl::ResourceExhaustedError(absl::StrCat(
                                  kMaxDispersals, " blobs are being dispersed already")));
  }
  Dispersal dispersal;
  dispersal.channel = event.channel;
  dispersal.parent = event.parent;
  dispersal.size = event.data.size();
  dispersal.since = now_;
  dispersals_.emplace(event.token, std::move(dispersal));
  Run(ExtendJob{std::move(event.data)},
      [this, token = event.token](KzgDone& done) { Extended(token, done); });
}

void DaEngine::Impl::Extended(std::uint64_t token, KzgDone& done) {
  const auto found = dispersals_.find(token);
  if (found == dispersals_.end()) return;  // too late
  auto& extended = std::get<absl::StatusOr<ExtendedBlob>>(done.result);
  if (!extended.ok()) return FailDispersal(token, extended.status());
  Dispersal& dispersal = found->second;
  dispersal.extended = *std::move(extended);
  dispersal.blob = BlobIdOf(dispersal.extended.commitment);
  if (options_.misbehaviour.include_without_data) return Submit(token, dispersal);
  Say(LogLevel::kDebug, "dispersing blob ", dispersal.blob.Short(), " of ", dispersal.size,
      " bytes");
  KeepOwn(dispersal);
  for (std::size_t member = 0; member < placement_.members(); ++member) {
    if (member != self_ && Connected(member)) SendColumns(token, dispersal, member);
  }
  Advance(token, dispersal);
}

void DaEngine::Impl::KeepOwn(Dispersal& dispersal) {
  if (!self_) return;
  const ColumnSet mine = placement_.ColumnsOf(*self_);
  Shares shares;
  for (const Share& share : dispersal.extended.shares) {
    if (mine[share.column]) shares.push_back(share);
  }
  if (Store(dispersal.extended.commitment, shares).ok()) dispersal.covered |= mine;
}

void DaEngine::Impl::SendColumns(std::uint64_t token, Dispersal& dispersal, std::size_t member) {
  Disperse message;
  message.request = ++last_request_;
  message.commitment = dispersal.extended.commitment;
  const ColumnSet columns = placement_.ColumnsOf(member);
  for (const Share& share : dispersal.extended.shares) {
    if (columns[share.column]) message.shares.push_back(share);
  }
  if (message.shares.empty()) return;
  Spoil(dispersal.blob, &message.shares);
  dispersal.asked.insert(member);
  disperse_requests_[message.request] = {token, member};
  ++trust_[options_.members[member]].dispersal.requests;
  Do(DaSend{*Connected(member), EncodeDaMessage(message)});
}

void DaEngine::Impl::On(PeerId peer, const Dispersed& message) {
  const auto request = disperse_requests_.find(message.request);
  if (request == disperse_requests_.end()) return;
  const auto [token, member] = request->second;
  if (peers_.at(peer).member != member) return;
  disperse_requests_.erase(request);
  const ColumnSet theirs = placement_.ColumnsOf(member);
  if ((message.stored & theirs) != theirs) {
    ++trust_[options_.members[member]].dispersal.failures;
    Say(LogLevel::kWarn, options_.members[member], " did not take ",
        (theirs & ~message.stored).count(), " of ", theirs.count(), " columns");
  }
  const auto found = dispersals_.find(token);
  if (found == dispersals_.end()) return;
  found->second.asked.erase(member);
  found->second.covered |= message.stored & theirs;
  Advance(token, found->second);
}

void DaEngine::Impl::Advance(std::uint64_t token, Dispersal& dispersal) {
  if (!dispersal.asked.empty() || dispersal.submitted) return;
  if (dispersal.covered.all()) return Submit(token, dispersal);
  // Whoever holds what is missing may still come.
  for (std::size_t member = 0; member < placement_.members(); ++member) {
    if (member != self_ && !Connected(member)) return;
  }
  FailDispersal(token, absl::UnavailableError(absl::StrCat(
                           "no member took ", (~dispersal.covered).count(), " of the columns")));
}

void DaEngine::Impl::Submit(std::uint64_t token, Dispersal& dispersal) {
  dispersal.submitted = true;
  dispersal.extended = {};
  Do(SubmitBlobTx{token,
                  BlobTx(dispersal.channel, dispersal.parent, dispersal.blob, dispersal.size)});
}

void DaEngine::Impl::On(const BlobTxSubmitted& event) {
  const auto found = dispersals_.find(event.token);
  if (found == dispersals_.end()) return;
  if (!event.status.ok() && !absl::IsAlreadyExists(event.status)) {
    return FailDispersal(event.token, event.status);
  }
  ++metrics_.dispersal_blobs;
  Say(LogLevel::kInfo, "dispersed blob ", found->second.blob.Short(), " of ", found->second.size,
      " bytes in ", now_ - found->second.since, " ms");
  Reply(event.token, found->second.blob);
  dispersals_.erase(found);
}

void DaEngine::Impl::FailDispersal(std::uint64_t token, const absl::Status& why) {
  ++metrics_.dispersal_failed;
  Say(LogLevel::kWarn, "a blob could not be dispersed: ", why.message());
  dispersals_.erase(token);
  Reply(token, why);
}

void DaEngine::Impl::OnMember(std::size_t member) {
  for (auto& [token, dispersal] : dispersals_) {
    if (dispersal.extended.shares.empty() || dispersal.asked.contains(member)) continue;
    if ((placement_.ColumnsOf(member) & ~dispersal.covered).none()) continue;
    SendColumns(token, dispersal, member);
  }
}

void DaEngine::Impl::LoseMember(std::size_t member) {
  for (auto request = disperse_requests_.begin(); request != disperse_requests_.end();) {
    if (request->second.member != member) {
      ++request;
      continue;
    }
    ++trust_[options_.members[member]].dispersal.failures;
    request = disperse_requests_.erase(request);
  }
  std::vector<std::uint64_t> tokens;
  for (auto& [token, dispersal] : dispersals_) {
    if (dispersal.asked.erase(member) > 0) tokens.push_back(token);
  }
  for (const std::uint64_t token : tokens) Advance(token, dispersals_.at(token));
}

void DaEngine::Impl::ExpireDispersals() {
  std::vector<std::uint64_t> expired;
  for (const auto& [token, dispersal] : dispersals_) {
    const bool due = now_ - dispersal.since >= options_.dispersal_timeout_ms;
    if (due && !dispersal.submitted) expired.push_back(token);
  }
  for (const std::uint64_t token : expired) {
    const Dispersal& dispersal = dispersals_.at(token);
    std::string waiting;
    for (const std::size_t member : dispersal.asked) {
      absl::StrAppend(&waiting, waiting.empty() ? "; no answer of " : ", ",
                      options_.members[member]);
    }
    FailDispersal(token, absl::DeadlineExceededError(absl::StrCat(
                             "no member took ", (~dispersal.covered).count(), " of the columns in ",
                             options_.dispersal_timeout_ms, " ms", waiting)));
    std::erase_if(disperse_requests_,
                  [token](const auto& one) { return one.second.token == token; });
  }
}

}  // namespace gtestnet::node
