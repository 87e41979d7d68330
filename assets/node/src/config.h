// SPDX-License-Identifier: Apache-2.0
//
// The one YAML file that configures a node; README.md of the node describes each key.
//
//   absl::StatusOr<NodeConfig> config = LoadConfig("validator-0.yaml", Role::kValidator);
//
// A NodeConfig that was loaded is valid: every value was checked, and a value that is wrong is a
// sentence with the file, line, column and key.
#ifndef GTESTNET_NODE_CONFIG_H_
#define GTESTNET_NODE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine.h"
#include "core/options.h"
#include "telemetry/otlp_url.h"

namespace gtestnet::node {

enum class Role { kValidator, kExecutor };

[[nodiscard]] std::string_view ToString(Role role);     // "validator"
[[nodiscard]] std::string_view ProgramName(Role role);  // "nomos-node"

// "host:port"; of an IPv6 address "[::1]:3000".
struct Address {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] std::string ToString() const;
  // Whether the host is an IP address other than the one that stands for all.
  [[nodiscard]] bool IsSpecific() const;
};

[[nodiscard]] absl::StatusOr<Address> ParseAddress(std::string_view text);

struct PeerConfig {
  std::string identifier;
  Address address;
};

[[nodiscard]] absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text);

// A level for each topic that has one of its own.
using LogFilter = std::map<std::string, LogLevel, std::less<>>;

// "consensus=debug,network=trace"; empty for none.
[[nodiscard]] absl::StatusOr<LogFilter> ParseLogFilter(std::string_view text);

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFilter filter;
  std::string directory;  // empty: standard output
};

// Data availability.
struct DaConfig {
  Address listen;
  std::vector<PeerConfig> members;  // that hold columns, in this order
  std::uint32_t replication = 2;
  std::uint32_t samples = 4;
  Millis sampling_timeout_ms = 1000;
  Slot check_slots = 0;
  Slot retention_slots = 1000;
  Millis dispersal_timeout_ms = 20'000;
  std::string params_path;  // empty: where the build puts them
  std::string cache_path;   // empty: beside the parameters
};

struct NodeConfig {
  std::string identifier;
  std::uint32_t index = 0;  // the number at the end of the identifier; 0 if there is none
  Role role = Role::kValidator;
  Hash node_key;

  Address network_listen;
  std::vector<PeerConfig> peers;
  std::vector<std::string> neighbours;
  std::uint32_t min_peers = 1;

  ConsensusOptions consensus;
  std::vector<Hash> leader_seeds;
  Genesis genesis;

  std::string start_file;
  Address api_listen;
  std::size_t max_body_bytes = 10 * 1024 * 1024;
  std::size_t max_connections = 1000;
  std::string storage_path;
  std::size_t max_transactions = 65536;
  std::optional<DaConfig> da = {};
  LogConfig log;
  OtlpConfig otlp = {};
};

// Reads and checks the file. NOMOS_LOG_LEVEL, NOMOS_LOG_FILTER and NOMOS_LOG_DIR override its
// `log`, NOMOS_KZGRS_PARAMS_PATH its `da.params_path`; `otlp` is made of NOMOS_OTLP_ENDPOINT and
// NOMOS_OTLP_METRICS_ENDPOINT alone.
[[nodiscard]] absl::StatusOr<NodeConfig> LoadConfig(const std::string& path, Role role);

// The same of a text; `name` stands for the file in messages, and a genesis that is a file of its
// own is beside it. Reads no environment.
[[nodiscard]] absl::StatusOr<NodeConfig> ParseConfig(const std::string& text,
                                                     const std::string& name, Role role);

// Applies the three variables, as getenv gives them (nullptr: not set).
[[nodiscard]] absl::Status OverrideLog(LogConfig& log, const char* level, const char* filter,
                                       const char* directory);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_CONFIG_H_
