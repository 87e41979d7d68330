// SPDX-License-Identifier: Apache-2.0
// Packets between a runner, its guardian and the guardian's warden.
#include "core/src/base/testing/fuzz.h"
#include "core/src/guardian/protocol.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  using guardian::MessageType;
  return {guardian::Encode({.type = MessageType::kReply, .sequence = 7, .text = "why"}),
          guardian::Encode({.type = MessageType::kSpawn,
                            .id = 3,
                            .arguments = {"a", "b"},
                            .environment = {"A=b"},
                            .directory = "/d",
                            .log = "/l"}),
          guardian::Encode({.type = MessageType::kExit, .id = 1, .value = 256}), ""};
}

void Try(std::string_view input) {
  const std::optional<guardian::Message> message = guardian::Decode(input);
  if (message) Demand(guardian::Encode(*message) == input, "a message is the same again");
}

}  // namespace gtestnet::fuzz
