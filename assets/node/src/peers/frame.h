// SPDX-License-Identifier: Apache-2.0
//
// Frames: what two nodes' connection is made of. u32 length of the rest, u8 protocol version, u8
// kind, payload.
#ifndef GTESTNET_NODE_PEERS_FRAME_H_
#define GTESTNET_NODE_PEERS_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "core/message.h"
#include "core/types.h"

namespace gtestnet::node {

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 6;
// Of a payload: until the other side has shown who it is, and afterwards.
inline constexpr std::size_t kMaxHandshakePayload = 1024;
inline constexpr std::size_t kMaxPayload = kMaxMessageBytes;

enum class FrameKind : std::uint8_t {
  kHello = 1,    // who I am; first on each connection, from both sides
  kProof = 2,    // my signature over both hellos
  kRefusal = 3,  // why I close the connection, as text
  kPing = 4,     // I am alive
  kMessage = 5,  // of the protocol
};

struct Frame {
  std::uint8_t version = kProtocolVersion;
  FrameKind kind = FrameKind::kPing;
  ByteSpan payload;  // valid until more is read
};

[[nodiscard]] Bytes EncodeFrame(FrameKind kind, ByteSpan payload,
                                std::uint8_t version = kProtocolVersion);

// Cuts a stream of bytes into frames.
class FrameReader {
 public:
  // Where the next bytes are to be read to, and how many were.
  [[nodiscard]] std::span<std::uint8_t> Prepare();
  void Commit(std::size_t bytes) { end_ += bytes; }

  // Nothing when a frame is not complete yet. An error, which stays, when what comes is none: too
  // long, or of an unknown kind.
  [[nodiscard]] absl::StatusOr<std::optional<Frame>> Next();

  void set_max_payload(std::size_t bytes) { max_payload_ = bytes; }

 private:
  Bytes buffer_;
  std::size_t begin_ = 0;  // of what was not cut yet
  std::size_t end_ = 0;    // of what was read
  std::size_t max_payload_ = kMaxHandshakePayload;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_PEERS_FRAME_H_
