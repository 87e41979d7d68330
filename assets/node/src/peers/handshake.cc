// SPDX-License-Identifier: Apache-2.0
#include "peers/handshake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/codec.h"

namespace gtestnet::node {
namespace {

constexpr std::string_view kMagic = "GTESTNET_HELLO";
constexpr std::string_view kProofTag = "GTESTNET_HANDSHAKE_V1";
constexpr std::size_t kMaxIdentifier = 128;
constexpr std::size_t kMaxReason = 256;

bool IsPlain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdentifier &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Bytes EncodeRefusal(std::string_view reason) {
  return EncodeFrame(FrameKind::kRefusal, AsBytes(reason.substr(0, kMaxReason)));
}

std::string RefusalText(ByteSpan payload) {
  std::string text(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(
                                                          std::min(payload.size(), kMaxReason)));
  for (char& c : text) {
    if (c < 0x20 || c == 0x7f) c = '?';  // also what is not ASCII
  }
  return text;
}

Handshake::Handshake(const Identity& self, bool dialled, const Hash& nonce,
                     std::optional<std::string> expected)
    : self_(self), dialled_(dialled), nonce_(nonce), expected_(std::move(expected)) {}

Bytes Handshake::Start() const {
  Writer writer;
  writer.Raw(AsBytes(kMagic));
  writer.Put(self_.genesis);
  writer.Put(self_.key.public_key());
  writer.Put(nonce_);
  writer.U8(static_cast<std::uint8_t>(self_.identifier.size()));
  writer.Raw(AsBytes(self_.identifier));
  return EncodeFrame(FrameKind::kHello, writer.bytes());
}

absl::StatusOr<Bytes> Handshake::Handle(const Frame& frame) {
  if (frame.kind == FrameKind::kRefusal) {
    return absl::UnavailableError(absl::StrCat("it refused: ", RefusalText(frame.payload)));
  }
  if (frame.version != kProtocolVersion) {
    return absl::FailedPreconditionError(absl::StrCat("protocol version ", frame.version,
                                                      ", where ", kProtocolVersion, " is spoken"));
  }
  if (!has_hello_) return HandleHello(frame);
  absl::Status status = HandleProof(frame);
  if (!status.ok()) return status;
  done_ = true;
  return Bytes();
}

absl::StatusOr<Bytes> Handshake::HandleHello(const Frame& frame) {
  if (frame.kind != FrameKind::kHello) {
    return absl::InvalidArgumentError("the first frame is not a hello");
  }
  Reader reader(frame.payload);
  const ByteSpan magic = reader.Raw(kMagic.size());
  peer_.genesis = reader.GetHash();
  peer_.public_key = reader.GetHash();
  peer_.nonce = reader.GetHash();
  const ByteSpan name = reader.Raw(reader.U8());
  peer_.identifier.assign(name.begin(), name.end());
  if (!reader.Finish("hello").ok() || !std::equal(magic.begin(), magic.end(), kMagic.begin()) ||
      !IsPlain(peer_.identifier)) {
    return absl::InvalidArgumentError("the hello is malformed");
  }
  absl::Status status = CheckHello();
  if (!status.ok()) return status;
  has_hello_ = true;
  return EncodeFrame(FrameKind::kProof, self_.key.Sign(Transcript(dialled_)).span());
}

absl::Status Handshake::CheckHello() const {
  if (peer_.genesis != self_.genesis) {
    return absl::FailedPreconditionError(absl::StrCat("other genesis ", peer_.genesis.Hex(),
                                                      ", where ", self_.genesis.Hex(), " is"));
  }
  if (peer_.public_key == self_.key.public_key()) {
    return absl::FailedPreconditionError("it is this very node");
  }
  if (expected_.has_value() && *expected_ != peer_.identifier) {
    return absl::FailedPreconditionError(
        absl::StrCat("it is ", peer_.identifier, ", where ", *expected_, " was expected"));
  }
  return absl::OkStatus();
}

absl::Status Handshake::HandleProof(const Frame& frame) {
  if (frame.kind != FrameKind::kProof) {
    return absl::InvalidArgumentError("the second frame is not a proof");
  }
  Reader reader(frame.payload);
  const Signature signature = reader.GetSignature();
  if (!reader.Finish("proof").ok()) return absl::InvalidArgumentError("the proof is malformed");
  if (!Verify(peer_.public_key, Transcript(!dialled_), signature)) {
    return absl::PermissionDeniedError("its signature is wrong");
  }
  return absl::OkStatus();
}

// Both sides' nonces, names and keys, and which side signs: no signature can be used twice, or sent
// back.
Bytes Handshake::Transcript(bool by_dialler) const {
  Writer writer;
  writer.Raw(AsBytes(kProofTag));
  writer.U8(by_dialler ? 1 : 0);
  writer.Put(self_.genesis);
  const auto put = [&](const Hash& nonce, const PublicKey& key, const std::string& name) {
    writer.Put(nonce);
    writer.Put(key);
    writer.U8(static_cast<std::uint8_t>(name.size()));
    writer.Raw(AsBytes(name));
  };
  const auto put_self = [&] { put(nonce_, self_.key.public_key(), self_.identifier); };
  const auto put_peer = [&] { put(peer_.nonce, peer_.public_key, peer_.identifier); };
  if (dialled_) {
    put_self();
    put_peer();
  } else {
    put_peer();
    put_self();
  }
  return writer.Take();
}

}  // namespace gtestnet::node
