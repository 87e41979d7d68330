// SPDX-License-Identifier: Apache-2.0
#include "config_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/da_types.h"

namespace gtestnet::node::internal {
namespace {

constexpr std::size_t kMaxIdentifier = 128;
constexpr std::uint64_t kMostMillis = 3'600'000;
constexpr std::uint64_t kMostSlots = 1'000'000'000;

}  // namespace

bool IsIpAddress(const std::string& host) {
  in6_addr buffer{};
  return inet_pton(AF_INET, host.c_str(), &buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &buffer) == 1;
}

Hash Hex32(const YamlValue& value) {
  const std::string text = value.Text();
  const std::optional<Hash> hash = text.size() == 64 ? Hash::FromHex(text) : std::nullopt;
  // The value itself may be a secret key: it is not repeated.
  if (!hash.has_value()) value.Fail("must be 64 hex digits");
  return *hash;
}

Address AddressOf(const YamlValue& value) {
  absl::StatusOr<Address> address = ParseAddress(value.Text());
  if (!address.ok()) value.Fail(std::string(address.status().message()));
  return *std::move(address);
}

Address ListenAddressOf(const YamlValue& value) {
  Address address = AddressOf(value);
  if (!IsIpAddress(address.host)) {
    value.Fail(absl::StrCat("must begin with an IP address, not \"", address.host, "\""));
  }
  return address;
}

std::string IdentifierOf(const YamlValue& value) {
  std::string text = value.Text();
  const bool fits = !text.empty() && text.size() <= kMaxIdentifier &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                             (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
                    });
  if (!fits) {
    value.Fail(absl::StrCat("must be 1 to ", kMaxIdentifier,
                            " letters, digits, dots, hyphens or underscores, not \"", text, "\""));
  }
  return text;
}

std::string NonEmpty(const YamlValue& value) {
  std::string text = value.Text();
  if (text.empty()) value.Fail("must not be empty");
  return text;
}

std::uint32_t Small(const YamlValue& value, std::uint32_t least, std::uint32_t most) {
  return static_cast<std::uint32_t>(value.Number(least, most));
}

std::vector<PeerConfig> PeersOf(const YamlValue& value, const std::string& self) {
  std::vector<PeerConfig> peers;
  std::set<std::string> names;
  for (const YamlValue& item : value.List()) {
    YamlMap peer(item);
    PeerConfig entry;
    entry.identifier = IdentifierOf(peer.Required("identifier"));
    entry.address = AddressOf(peer.Required("address"));
    if (entry.address.port == 0) item.Fail("has an address with port 0");
    peer.Finish();
    if (!self.empty() && entry.identifier == self) item.Fail("is this node itself");
    if (!names.insert(entry.identifier).second) {
      item.Fail(absl::StrCat("repeats ", entry.identifier));
    }
    peers.push_back(std::move(entry));
  }
  if (peers.size() > kMaxPeers) value.Fail(absl::StrCat("has more than ", kMaxPeers));
  return peers;
}

DaConfig ReadDa(const YamlValue& value, const NodeConfig& config) {
  YamlMap map(value);
  DaConfig da;
  da.listen = ListenAddressOf(map.Required("listen"));
  const YamlValue members = map.Required("members");
  da.members = PeersOf(members, "");
  if (da.members.empty()) members.Fail("is empty, so nobody would hold a column");
  const auto count = static_cast<std::uint32_t>(da.members.size());
  da.replication = std::min<std::uint32_t>(2, count);
  if (const auto entry = map.Optional("replication")) da.replication = Small(*entry, 1, count);
  if (const auto entry = map.Optional("samples")) da.samples = Small(*entry, 1, kColumns);
  if (const auto entry = map.Optional("sampling_timeout_ms")) {
    da.sampling_timeout_ms = static_cast<Millis>(entry->Number(10, kMostMillis));
  }
  if (const auto entry = map.Optional("dispersal_timeout_ms")) {
    da.dispersal_timeout_ms = static_cast<Millis>(entry->Number(10, kMostMillis));
  }
  da.check_slots = 3 * config.consensus.BasePeriod();
  if (const auto entry = map.Optional("check_slots")) da.check_slots = entry->Number(1, kMostSlots);
  da.retention_slots = std::max(da.retention_slots, da.check_slots + 1);
  if (const auto entry = map.Optional("retention_slots")) {
    da.retention_slots = entry->Number(1, kMostSlots);
    if (da.retention_slots <= da.check_slots) {
      entry->Fail(absl::StrCat("is ", da.retention_slots, ", but blocks are checked for ",
                               da.check_slots, " slots: shares must be kept for longer"));
    }
  }
  if (const auto entry = map.Optional("params_path")) da.params_path = NonEmpty(*entry);
  if (const auto entry = map.Optional("cache_path")) da.cache_path = NonEmpty(*entry);
  map.Finish();
  return da;
}

}  // namespace gtestnet::node::internal
