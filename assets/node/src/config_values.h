// SPDX-License-Identifier: Apache-2.0
//
// Values that several sections of the config have. Each fails with the value's place.
#ifndef GTESTNET_NODE_CONFIG_VALUES_H_
#define GTESTNET_NODE_CONFIG_VALUES_H_

#include <string>
#include <vector>

#include "config.h"
#include "yaml_reader.h"

namespace gtestnet::node::internal {

inline constexpr std::size_t kMaxPeers = 1024;

[[nodiscard]] bool IsIpAddress(const std::string& host);
[[nodiscard]] Hash Hex32(const YamlValue& value);
[[nodiscard]] Address AddressOf(const YamlValue& value);
[[nodiscard]] Address ListenAddressOf(const YamlValue& value);  // begins with an IP address
[[nodiscard]] std::string IdentifierOf(const YamlValue& value);
[[nodiscard]] std::string NonEmpty(const YamlValue& value);
[[nodiscard]] std::uint32_t Small(const YamlValue& value, std::uint32_t least, std::uint32_t most);
// Different from each other, and from `self`; empty: may be among them.
[[nodiscard]] std::vector<PeerConfig> PeersOf(const YamlValue& value, const std::string& self);

// The section `da`; the rest of the config was read.
[[nodiscard]] DaConfig ReadDa(const YamlValue& value, const NodeConfig& config);

}  // namespace gtestnet::node::internal

#endif  // GTESTNET_NODE_CONFIG_VALUES_H_
