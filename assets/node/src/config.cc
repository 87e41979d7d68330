// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config_values.h"
#include "yaml_reader.h"

namespace gtestnet::node {
namespace {

using internal::AddressOf;
using internal::Hex32;
using internal::IdentifierOf;
using internal::IsIpAddress;
using internal::ListenAddressOf;
using internal::NonEmpty;
using internal::PeersOf;
using internal::Small;
using internal::YamlError;
using internal::YamlFile;
using internal::YamlMap;
using internal::YamlValue;

constexpr std::size_t kMaxConfigBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaxNotes = 1'000'000;
using internal::kMaxPeers;

std::uint32_t IndexOf(const std::string& identifier) {
  std::size_t begin = identifier.size();
  while (begin > 0 && identifier[begin - 1] >= '0' && identifier[begin - 1] <= '9') --begin;
  std::uint32_t index = 0;
  std::from_chars(identifier.data() + begin, identifier.data() + identifier.size(), index);
  return index;
}

void ReadNetwork(const YamlValue& value, NodeConfig& config) {
  YamlMap map(value);
  config.network_listen = ListenAddressOf(map.Required("listen"));
  config.peers = PeersOf(map.Required("peers"), config.identifier);
  const YamlValue neighbours = map.Required("neighbours");
  std::set<std::string> names;
  for (const YamlValue& item : neighbours.List()) {
    std::string name = IdentifierOf(item);
    if (name == config.identifier) item.Fail("is this node itself");
    if (!names.insert(name).second) item.Fail(absl::StrCat("repeats ", name));
    config.neighbours.push_back(std::move(name));
  }
  if (names.size() > kMaxPeers) neighbours.Fail(absl::StrCat("has more than ", kMaxPeers));
  for (const PeerConfig& peer : config.peers) {
    if (!names.contains(peer.identifier)) {
      neighbours.Fail(absl::StrCat("lacks ", peer.identifier, ", which is among the peers"));
    }
  }
  const YamlValue min_peers = map.Required("min_peers");
  config.min_peers = Small(min_peers, 0, kMaxPeers);
  if (!names.empty() && config.min_peers > names.size()) {
    min_peers.Fail(absl::StrCat("is ", config.min_peers, ", but there are only ", names.size(),
                                " neighbours"));
  }
  map.Finish();
}

void ReadConsensus(const YamlValue& value, NodeConfig& config) {
  YamlMap map(value);
  ConsensusOptions& consensus = config.consensus;
  consensus.slot_duration_ms =
      static_cast<Millis>(map.Required("slot_duration_ms").Number(1, 3'600'000));
  const YamlValue coefficient = map.Required("active_slot_coeff");
  absl::StatusOr<SlotCoefficient> parsed = SlotCoefficient::Parse(coefficient.Text());
  if (!parsed.ok()) {
    coefficient.Fail(absl::StrCat("must be a decimal fraction above 0 and at most 1: ",
                                  parsed.status().message()));
  }
  consensus.active_slot_coeff = *parsed;
  consensus.security_param = Small(map.Required("security_param"), 1, 1'000'000);
  YamlMap epoch(map.Required("epoch"));
  consensus.epoch.stake_stabilisation = Small(epoch.Required("stake_stabilisation"), 1, 1000);
  consensus.epoch.nonce_buffer = Small(epoch.Required("nonce_buffer"), 1, 1000);
  consensus.epoch.nonce_stabilisation = Small(epoch.Required("nonce_stabilisation"), 1, 1000);
  epoch.Finish();
  map.Finish();
  const absl::Status status = consensus.Check();
  if (!status.ok()) value.Fail(absl::StrCat("cannot be: ", status.message()));
}

// "" when it cannot be read, and errno says why.
std::string ReadText(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (stream && text.size() <= kMaxConfigBytes) {
    stream.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

void ReadNotes(const YamlValue& value, NodeConfig& config) {
  YamlMap map(value);
  std::vector<GenesisNote>& all = config.genesis.notes;
  config.genesis.chain_id = Hex32(map.Required("chain_id"));
  const YamlValue notes = map.Required("notes");
  std::uint64_t total = 0;
  for (const YamlValue& item : notes.List()) {
    YamlMap entry(item);
    GenesisNote note;
    note.note.value = entry.Required("value").Number(1, std::numeric_limits<std::int64_t>::max());
    note.note.public_key = Hex32(entry.Required("public_key"));
    if (const auto leader = entry.Optional("leader")) note.leader = leader->Boolean();
    std::uint64_t count = 1;
    if (const auto repeat = entry.Optional("count")) count = repeat->Number(1, kMaxNotes);
    entry.Finish();
    if (all.size() + count > kMaxNotes) {
      item.Fail(absl::StrCat("would make more than ", kMaxNotes, " notes"));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (total > std::numeric_limits<std::uint64_t>::max() - note.note.value) {
        item.Fail("makes the notes' total more than 64 bits hold");
      }
      total += note.note.value;
      all.push_back(note);
    }
  }
  if (std::none_of(all.begin(), all.end(), [](const GenesisNote& note) { return note.leader; })) {
    notes.Fail("has no note with leader: true, so nobody could make a block");
  }
  map.Finish();
}

// It stands in the config, or in a file beside it, which is the same for all nodes.
void ReadGenesis(const YamlValue& value, NodeConfig& config) {
  YamlMap map(value);
  const std::optional<YamlValue> file = map.Optional("file");
  if (!file) return ReadNotes(value, config);
  map.Finish();
  const std::filesystem::path path =
      std::filesystem::path(value.file().name()).parent_path() / NonEmpty(*file);
  errno = 0;
  const std::string text = ReadText(path);
  if (text.empty()) {
    file->Fail(absl::StrCat("is ", path.string(), ", which cannot be read: ",
                            errno == 0 ? "it is empty" : std::strerror(errno)));
  }
  if (text.size() > kMaxConfigBytes) {
    file->Fail(
        absl::StrCat("is ", path.string(), ", which is larger than ", kMaxConfigBytes, " bytes"));
  }
  const YamlFile genesis(path);
  try {
    ReadNotes(YamlValue(genesis, YAML::Load(text), "genesis"), config);
  } catch (const YAML::Exception& error) {
    genesis.Fail(error.mark, absl::StrCat("not YAML: ", error.msg));
  }
}

void ReadApi(const YamlValue& value, NodeConfig& config) {
  YamlMap map(value);
  config.api_listen = ListenAddressOf(map.Required("listen"));
  if (const auto limit = map.Optional("max_body_bytes")) {
    config.max_body_bytes = limit->Number(1024, 1u << 30);
  }
  if (const auto limit = map.Optional("max_connections")) {
    config.max_connections = limit->Number(1, 100'000);
  }
  map.Finish();
}

void ReadLog(const YamlValue& value, LogConfig& log) {
  YamlMap map(value);
  if (const auto level = map.Optional("level")) {
    const absl::StatusOr<LogLevel> parsed = ParseLogLevel(level->Text());
    if (!parsed.ok()) level->Fail(std::string(parsed.status().message()));
    log.level = *parsed;
  }
  if (const auto filter = map.Optional("filter")) {
    absl::StatusOr<LogFilter> parsed = ParseLogFilter(filter->Text());
    if (!parsed.ok()) filter->Fail(std::string(parsed.status().message()));
    log.filter = *std::move(parsed);
  }
  if (const auto directory = map.Optional("directory")) log.directory = directory->Text();
  map.Finish();
}

NodeConfig ReadAll(const YamlFile& file, const YAML::Node& root, Role role) {
  NodeConfig config;
  YamlMap map(YamlValue(file, root, ""));
  config.identifier = IdentifierOf(map.Required("identifier"));
  config.index = IndexOf(config.identifier);
  const YamlValue role_value = map.Required("role");
  if (role_value.Text() != ToString(role)) {
    role_value.Fail(absl::StrCat("must be ", std::string(ToString(role)), " for ",
                                 std::string(ProgramName(role)), ", not \"", role_value.Text(),
                                 "\""));
  }
  config.role = role;
  config.node_key = Hex32(map.Required("node_key"));
  ReadNetwork(map.Required("network"), config);
  ReadConsensus(map.Required("consensus"), config);
  YamlMap leader(map.Required("leader"));
  for (const YamlValue& item : leader.Required("secret_keys").List()) {
    config.leader_seeds.push_back(Hex32(item));
  }
  leader.Finish();
  ReadGenesis(map.Required("genesis"), config);
  YamlMap start(map.Required("start"));
  config.start_file = NonEmpty(start.Required("file"));
  start.Finish();
  ReadApi(map.Required("api"), config);
  YamlMap storage(map.Required("storage"));
  config.storage_path = NonEmpty(storage.Required("path"));
  storage.Finish();
  if (const auto value = map.Optional("mempool")) {
    YamlMap mempool(*value);
    if (const auto limit = mempool.Optional("max_transactions")) {
      config.max_transactions = limit->Number(1, 10'000'000);
    }
    mempool.Finish();
  }
  if (const auto value = map.Optional("da")) config.da = internal::ReadDa(*value, config);
  if (const auto value = map.Optional("log")) ReadLog(*value, config.log);
  map.Finish();
  return config;
}

}  // namespace

std::string_view ToString(Role role) { return role == Role::kValidator ? "validator" : "executor"; }

std::string_view ProgramName(Role role) {
  return role == Role::kValidator ? "nomos-node" : "nomos-executor";
}

std::string Address::ToString() const {
  const bool v6 = host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", port);
}

bool Address::IsSpecific() const { return IsIpAddress(host) && host != "0.0.0.0" && host != "::"; }

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  const std::string shown(text);
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat("must be HOST:PORT, not \"", shown, "\""));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return wrong();
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || host.size() > 253 ||
      host.find_first_of(" \t\r\n/") != std::string_view::npos) {
    return wrong();
  }
  return Address{std::string(host), number};
}

absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text) {
  constexpr std::array<std::string_view, 5> kNames = {"trace", "debug", "info", "warn", "error"};
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be trace, debug, info, warn or error, not \"", std::string(text), "\""));
  }
  return static_cast<LogLevel>(found - kNames.begin());
}

absl::StatusOr<LogFilter> ParseLogFilter(std::string_view text) {
  LogFilter filter;
  if (text.empty()) return filter;
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ',');
  for (const std::string& part : parts) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be TOPIC=LEVEL[,TOPIC=LEVEL], not \"", std::string(text), "\""));
    }
    const absl::StatusOr<LogLevel> level = ParseLogLevel(part.substr(equals + 1));
    if (!level.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("has a topic ", part.substr(0, equals),
                                                     " whose level ", level.status().message()));
    }
    filter[part.substr(0, equals)] = *level;
  }
  return filter;
}

absl::Status OverrideLog(LogConfig& log, const char* level, const char* filter,
                         const char* directory) {
  if (level != nullptr && *level != '\0') {
    const absl::StatusOr<LogLevel> parsed = ParseLogLevel(level);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("NOMOS_LOG_LEVEL ", parsed.status().message()));
    }
    log.level = *parsed;
  }
  if (filter != nullptr && *filter != '\0') {
    absl::StatusOr<LogFilter> parsed = ParseLogFilter(filter);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("NOMOS_LOG_FILTER ", parsed.status().message()));
    }
    log.filter = *std::move(parsed);
  }
  if (directory != nullptr && *directory != '\0') log.directory = directory;
  return absl::OkStatus();
}

absl::StatusOr<NodeConfig> ParseConfig(const std::string& text, const std::string& name,
                                       Role role) {
  const YamlFile file(name);
  try {
    try {
      return ReadAll(file, YAML::Load(text), role);
    } catch (const YAML::Exception& error) {
      file.Fail(error.mark, absl::StrCat("not YAML: ", error.msg));
    }
  } catch (const YamlError& error) {
    return absl::InvalidArgumentError(error.message);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", error.what()));
  }
}

absl::StatusOr<NodeConfig> LoadConfig(const std::string& path, Role role) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return absl::NotFoundError(
        absl::StrCat("cannot read the config ", path, ": ", std::strerror(errno)));
  }
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (stream && text.size() <= kMaxConfigBytes) {
    stream.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return absl::NotFoundError(absl::StrCat("cannot read the config ", path));
  if (text.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the config ", path, " is larger than ", kMaxConfigBytes, " bytes"));
  }
  absl::StatusOr<NodeConfig> config = ParseConfig(text, path, role);
  if (!config.ok()) return config;
  const absl::Status status =
      OverrideLog(config->log, std::getenv("NOMOS_LOG_LEVEL"), std::getenv("NOMOS_LOG_FILTER"),
                  std::getenv("NOMOS_LOG_DIR"));
  if (!status.ok()) return status;
  absl::StatusOr<OtlpConfig> otlp = ReadOtlpConfig(std::getenv("NOMOS_OTLP_ENDPOINT"),
                                                   std::getenv("NOMOS_OTLP_METRICS_ENDPOINT"));
  if (!otlp.ok()) return otlp.status();
  config->otlp = *std::move(otlp);
  const char* const params = std::getenv("NOMOS_KZGRS_PARAMS_PATH");
  if (config->da.has_value() && params != nullptr && *params != '\0') {
    config->da->params_path = params;
    config->da->cache_path.clear();  // that is the other file's
  }
  return config;
}

}  // namespace gtestnet::node
