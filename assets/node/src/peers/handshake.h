// SPDX-License-Identifier: Apache-2.0
//
// How two nodes get to know each other, without sockets: both send a hello with a nonce, both
// answer the other's with a signature over the two, and a connection stands when both have
// verified.
#ifndef GTESTNET_NODE_PEERS_HANDSHAKE_H_
#define GTESTNET_NODE_PEERS_HANDSHAKE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto.h"
#include "core/types.h"
#include "peers/frame.h"

namespace gtestnet::node {

struct Identity {
  std::string identifier;
  Hash genesis;
  KeyPair key;
};

class Handshake {
 public:
  struct Hello {
    Hash genesis;
    PublicKey public_key;
    Hash nonce;
    std::string identifier;
  };

  // `self` must outlive it. The nonce is fresh random bytes. Who dials may expect an identifier.
  Handshake(const Identity& self, bool dialled, const Hash& nonce,
            std::optional<std::string> expected = std::nullopt);

  // The frame to begin with.
  [[nodiscard]] Bytes Start() const;

  // Takes the next frame, and returns what is to be sent for it. An error is the reason to refuse
  // the other side, to be sent as a kRefusal; kUnavailable when the other side refused.
  [[nodiscard]] absl::StatusOr<Bytes> Handle(const Frame& frame);

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool dialled() const { return dialled_; }
  // Of the other side; after its hello.
  [[nodiscard]] const Hello& peer() const { return peer_; }

 private:
  [[nodiscard]] absl::StatusOr<Bytes> HandleHello(const Frame& frame);
  [[nodiscard]] absl::Status CheckHello() const;
  [[nodiscard]] absl::Status HandleProof(const Frame& frame);
  // What the dialling, or the dialled, side signs.
  [[nodiscard]] Bytes Transcript(bool by_dialler) const;

  const Identity& self_;
  bool dialled_;
  Hash nonce_;
  std::optional<std::string> expected_;
  Hello peer_;
  bool has_hello_ = false;
  bool done_ = false;
};

// A refusal's text as it may be logged and sent: bounded.
[[nodiscard]] Bytes EncodeRefusal(std::string_view reason);
[[nodiscard]] std::string RefusalText(ByteSpan payload);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_PEERS_HANDSHAKE_H_
