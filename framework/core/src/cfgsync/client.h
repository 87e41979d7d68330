// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_CLIENT_H_
#define GTESTNET_CORE_SRC_CFGSYNC_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/socket.h"
#include "core/src/cfgsync/answer.h"

namespace gtestnet::cfgsync {

// "http://cfgsync:4400"; the port is 4400 if there is none.
absl::StatusOr<base::Endpoint> ParseServerAddress(std::string_view url);

// The hosts that Kubernetes injects, for each Service: MEMBER_0_SERVICE_HOST=10.0.0.7 becomes
// member-0: 10.0.0.7. `environment` is as environ.
std::map<std::string, std::string> HostsOfServices(const char* const* environment);

// Whether there is an address under that name.
bool ResolvesByDns(const std::string& name);

struct ClientOptions {
  base::Endpoint server;
  std::string role;
  std::string identifier;
  std::string ip = {};  // for the server's log
  // Where the node's directory will be: if it has the chain's start already, one request will do.
  std::string directory = "/var/lib/gtestnet";
  // For the server to answer at all. What it refuses is an error at once.
  std::chrono::milliseconds timeout{60'000};
  // A server that does not know the node is asked again: it will be told of the node.
  bool unknown_waits = false;
  // Where this node finds others, by their names, if it cannot find them under these. Of one that
  // is missing there, cfgsync may learn from another node where it is: it is asked again for this
  // long, and then there is an error, unless the name resolves.
  std::map<std::string, std::string> hosts = {};
  std::chrono::milliseconds hosts_timeout{20'000};
  std::function<bool(const std::string&)> resolves = ResolvesByDns;
  std::function<void(const std::string&)> log = {};
};

// Asks the server for the node's setup, fills in where other nodes are, and tells the server the
// chain's start when the node's directory has it already.
absl::StatusOr<Answer> Register(const ClientOptions& options);

// In a node's directory once its files were written.
inline constexpr char kIsHere[] = ".cfgsync";

// Writes the node's files into its directory, which is made if need be.
absl::Status WriteFiles(const Answer& answer);
// Nothing when there is no such file yet.
absl::StatusOr<std::optional<int64_t>> ReadStartFile(const std::string& path);
// Asks the server until it knows the chain's start, for ever if need be, and writes the file.
absl::Status FetchStart(const ClientOptions& options, const std::string& start_file);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_CLIENT_H_
