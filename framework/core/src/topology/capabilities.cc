// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/capabilities.h"

#include <ostream>
#include <string>
#include <utility>

namespace gtestnet {

std::string Capabilities::ToString() const {
  constexpr std::pair<Capability, const char*> kNames[] = {
      {Capability::kNodeControl, "node control"},
      {Capability::kLinkControl, "link control"},
      {Capability::kTelemetry, "telemetry"},
      {Capability::kPodControl, "pod control"},
  };
  std::string text;
  for (const auto& [capability, name] : kNames) {
    if (!Contains(capability)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text.empty() ? "none" : text;
}

std::ostream& operator<<(std::ostream& os, Capabilities set) { return os << set.ToString(); }

}  // namespace gtestnet
