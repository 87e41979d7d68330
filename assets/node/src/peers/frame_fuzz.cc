// SPDX-License-Identifier: Apache-2.0
// Frames in any pieces, and a handshake with whoever sends them.
#include <algorithm>

#include "core/test_support.h"
#include "peers/frame.h"
#include "peers/handshake.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {
namespace {

using testing_support::Filled;
using testing_support::KeyOf;

const Identity& Self() {
  static const Identity self{"validator-0", Filled(7), KeyOf(1)};
  return self;
}

std::string Text(const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); }

}  // namespace

std::vector<std::string> Seeds() {
  const Identity other{"validator-1", Filled(7), KeyOf(2)};
  Handshake dialler(other, /*dialled=*/true, Filled(9));
  Handshake self(Self(), /*dialled=*/false, Filled(8));
  const Bytes hello = dialler.Start();
  FrameReader reader;
  const Bytes own = self.Start();
  std::copy(own.begin(), own.end(), reader.Prepare().begin());
  reader.Commit(own.size());
  const Bytes proof = dialler.Handle(**reader.Next()).value_or(Bytes{});
  const Bytes ping = EncodeFrame(FrameKind::kPing, {});
  const Bytes refusal = EncodeFrame(FrameKind::kRefusal, EncodeRefusal("no"));
  const Bytes message = EncodeFrame(FrameKind::kMessage, Bytes{1, 2, 3});
  const std::string pieces = "\x05";
  return {pieces + Text(hello) + Text(proof) + Text(ping) + Text(message),
          pieces + Text(hello) + Text(refusal), pieces + Text(hello), pieces + Text(ping)};
}

void Try(std::string_view input) {
  Choices choices(input);
  const std::size_t piece = 1 + choices.Byte();
  FrameReader reader;
  Handshake handshake(Self(), /*dialled=*/false, Filled(8));
  while (!choices.done()) {
    const std::span<std::uint8_t> room = reader.Prepare();
    Demand(!room.empty(), "there is always room to read to");
    const std::string_view bytes = choices.Take(std::min(piece, room.size()));
    std::copy(bytes.begin(), bytes.end(), room.begin());
    reader.Commit(bytes.size());
    while (true) {
      const absl::StatusOr<std::optional<Frame>> frame = reader.Next();
      if (!frame.ok()) return Demand(!reader.Next().ok(), "an error stays");
      if (!frame->has_value()) break;
      if ((*frame)->kind == FrameKind::kRefusal) {
        Demand(RefusalText((*frame)->payload).size() <= 1024, "a refusal's text is bounded");
      }
      if (handshake.done()) continue;
      if (!handshake.Handle(**frame).ok()) return;
      if (handshake.done()) reader.set_max_payload(kMaxPayload);
    }
  }
}

}  // namespace gtestnet::node::fuzz
