// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/client.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/http.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/replace_file.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/setup.h"
#include "gtestnet/clock.h"

namespace gtestnet::cfgsync {
namespace {

using std::chrono::milliseconds;

// A connection that is made before its way is there may be swallowed, and would be waited for:
// patience grows with each such wait.
constexpr milliseconds kFirstPatience{250};
constexpr milliseconds kLongestPatience{10'000};
constexpr milliseconds kFirstPause{20};
constexpr milliseconds kLongestPause{200};
constexpr milliseconds kStartWait{20'000};
constexpr milliseconds kStartTimeout{30'000};

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// A refusal is for ever; a server that is not there, or says that its own file is broken, may be
// there later.
bool IsRefusal(const base::HttpResponse& response, const ClientOptions& options) {
  if (response.status == 404 && options.unknown_waits) return false;
  // cfgsync says why; where nothing is said, something else has answered.
  return response.status >= 400 && response.status < 500 && !response.body.empty();
}

std::string RegistrationBody(const ClientOptions& options, std::optional<int64_t> start) {
  boost::json::object body = {{"identifier", options.identifier}};
  if (!options.ip.empty()) body["ip"] = options.ip;
  if (start) body["start"] = *start;
  if (!options.hosts.empty()) {
    boost::json::object hosts;
    for (const auto& [name, host] : options.hosts) hosts[name] = host;
    body["hosts"] = std::move(hosts);
  }
  return boost::json::serialize(body);
}

// Where this node finds those whose tokens the answer has; `unknown` gets those that it cannot
// find.
std::map<std::string, std::string> HostsFor(const Answer& answer, const ClientOptions& options,
                                            std::vector<std::string>* unknown) {
  std::map<std::string, std::string> hosts;
  for (const std::string& name : answer.nodes) {
    const auto own = options.hosts.find(name);
    const auto learnt = answer.hosts.find(name);
    if (own != options.hosts.end() && !own->second.empty()) {
      hosts[name] = own->second;
    } else if (learnt != answer.hosts.end()) {
      hosts[name] = learnt->second;
    } else if (options.hosts.empty() || options.resolves(name)) {
      hosts[name] = name;
    } else {
      unknown->push_back(name);
    }
  }
  return hosts;
}

// Files that cfgsync has once for all nodes.
absl::Status FetchShared(const base::HttpClient& client, Answer* answer) {
  for (NodeFile& file : answer->setup.files) {
    const auto hash = answer->shared.find(file.path);
    if (hash == answer->shared.end()) continue;
    GTESTNET_ASSIGN_OR_RETURN(
        base::HttpResponse response,
        client.Request({.target = "/shared/" + hash->second}, kLongestPatience));
    if (response.status != 200 || HashOf(response.body) != hash->second) {
      return Unavailable(absl::StrCat("file ", file.path, ": HTTP ", response.status, ", and ",
                                      response.body.size(), " bytes that are not those wanted"));
    }
    file.content = std::move(response.body);
  }
  return absl::OkStatus();
}

// One request, over and over until it is answered.
absl::StatusOr<Answer> RegisterOnce(const ClientOptions& options, std::optional<int64_t> start) {
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + options.timeout;
  std::optional<Clock::TimePoint> hosts_deadline;
  const base::HttpRequest request{
      .method = "POST", .target = "/" + options.role, .body = RegistrationBody(options, start)};
  milliseconds patience = kFirstPatience;
  milliseconds pause = kFirstPause;
  int64_t tries = 0;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock.Now());
    ++tries;
    // A connection of its own each time: the first one to a Service that was just made may have
    // led elsewhere, and would for ever.
    const base::HttpClient client(options.server);
    absl::StatusOr<base::HttpResponse> response =
        client.Request(request, std::clamp(left, milliseconds(1), patience));
    if (absl::IsDeadlineExceeded(response.status())) {
      patience = std::min(2 * patience, kLongestPatience);
    }
    std::string last = response.ok() ? absl::StrCat("HTTP ", response->status, " ",
                                                    FirstLine(response->body).substr(0, 2000))
                                     : MessageOf(response.status());
    if (response.ok() && response->status == 200) {
      GTESTNET_ASSIGN_OR_RETURN(Answer answer, ParseAnswer(response->body));
      std::vector<std::string> unknown;
      const auto hosts = HostsFor(answer, options, &unknown);
      if (unknown.empty()) {
        const absl::Status fetched = FetchShared(client, &answer);
        if (fetched.ok()) {
          answer.setup = WithHosts(std::move(answer.setup), hosts);
          return answer;
        }
        last = MessageOf(fetched);
      } else {
        if (!hosts_deadline) hosts_deadline = clock.Now() + options.hosts_timeout;
        last = absl::StrCat("where ", absl::StrJoin(unknown, ", "),
                            " can be found is said by no variable that Kubernetes injected, no DNS "
                            "and no other node");
        if (clock.Now() >= *hosts_deadline) {
          return Unavailable(absl::StrCat(options.identifier, ": ", last,
                                          "; the next start of this container may have it"));
        }
      }
    }
    if (response.ok() && IsRefusal(*response, options)) {
      return FailedPrecondition(absl::StrCat(options.identifier, ": cfgsync at ",
                                             options.server.ToString(), " refuses: ", last));
    }
    if (clock.Now() + pause >= deadline) {
      return DeadlineExceeded(absl::StrCat(
          options.identifier, ": no config of cfgsync at ", options.server.ToString(), " in ",
          FormatDuration(options.timeout), " (", tries, " tries); last: ", last));
    }
    clock.SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

// Nothing while it is not fixed.
absl::StatusOr<std::optional<int64_t>> ParseStart(const std::string& body) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(body));
  std::optional<int64_t> start;
  ObjectReader reader("the answer");
  reader
      .Required("start",
                [&](const JsonTree& v) -> absl::Status {
                  if (v.type == JsonTree::Type::kNull) return absl::OkStatus();
                  return ReadInt64("start", v, &start.emplace());
                })
      .Field("waiting_for", [](const JsonTree&) { return absl::OkStatus(); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  return start;
}

}  // namespace

bool ResolvesByDns(const std::string& name) {
  addrinfo* found = nullptr;
  const bool resolves = getaddrinfo(name.c_str(), nullptr, nullptr, &found) == 0;
  if (found != nullptr) freeaddrinfo(found);
  return resolves;
}

absl::StatusOr<base::Endpoint> ParseServerAddress(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  absl::Status refusal = InvalidArgument(absl::StrCat(
      "\"", ToAbsl(url.substr(0, 100)), "\" is no address such as http://cfgsync:4400"));
  if (url.substr(0, kScheme.size()) != kScheme) return refusal;
  url.remove_prefix(kScheme.size());
  if (!url.empty() && url.back() == '/') url.remove_suffix(1);
  std::string_view port;
  const size_t bracket = url.find(']');
  const size_t colon = url.find(':', bracket == url.npos ? 0 : bracket);
  std::string_view host = url.substr(0, colon);
  if (colon != url.npos) port = url.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  uint16_t number = kPort;
  if (colon != url.npos) {
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || rest != port.data() + port.size() || number == 0) return refusal;
  }
  if (host.empty() || host.find_first_of("/[]@?") != host.npos) return refusal;
  return base::Endpoint::Tcp(std::string(host), number);
}

std::map<std::string, std::string> HostsOfServices(const char* const* environment) {
  constexpr std::string_view kEnd = "_SERVICE_HOST";
  std::map<std::string, std::string> hosts;
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    const size_t equals = variable.find('=');
    if (equals == variable.npos || equals <= kEnd.size() || equals + 1 == variable.size()) continue;
    std::string name(variable.substr(0, equals));
    if (name.compare(name.size() - kEnd.size(), kEnd.size(), kEnd.data()) != 0) continue;
    name.resize(name.size() - kEnd.size());
    for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
    hosts[name] = std::string(variable.substr(equals + 1));
  }
  return hosts;
}

absl::StatusOr<Answer> Register(const ClientOptions& options) {
  const std::string likely = options.directory + "/start";
  GTESTNET_ASSIGN_OR_RETURN(std::optional<int64_t> start, ReadStartFile(likely));
  absl::StatusOr<Answer> answer = RegisterOnce(options, start);
  if (!answer.ok() || answer->start_file == likely) return answer;
  GTESTNET_ASSIGN_OR_RETURN(start, ReadStartFile(answer->start_file));
  return start ? RegisterOnce(options, start) : answer;
}

absl::Status WriteFiles(const Answer& answer) {
  for (const NodeFile& file : answer.setup.files) {
    if (!IsBelowDirectory(file.path)) {
      return Internal(answer.identifier + ": file \"" + file.path + "\" is not in its directory");
    }
    GTESTNET_RETURN_IF_ERROR(base::ReplaceFile(answer.directory + "/" + file.path, file.content));
  }
  return base::ReplaceFile(answer.directory + "/" + kIsHere, answer.identifier + "\n");
}

absl::StatusOr<std::optional<int64_t>> ReadStartFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  int64_t start = -1;
  if (file >> start && start >= 0) return start;
  return FailedPrecondition(path + ": it must hold milliseconds since the Unix epoch");
}

absl::Status FetchStart(const ClientOptions& options, const std::string& start_file) {
  const base::HttpRequest request{.target = absl::StrCat("/start?identifier=", options.identifier,
                                                         "&wait_ms=", kStartWait.count())};
  milliseconds pause = kFirstPause;
  std::string said;
  while (true) {
    const base::HttpClient client(options.server);
    absl::StatusOr<base::HttpResponse> response = client.Request(request, kStartTimeout);
    absl::Status problem = response.status();
    if (response.ok() && response->status == 200) {
      absl::StatusOr<std::optional<int64_t>> start = ParseStart(response->body);
      if (start.ok() && *start) return base::ReplaceFile(start_file, absl::StrCat(**start, "\n"));
      problem = start.status();
      if (start.ok()) {
        pause = kFirstPause;
        continue;  // the server has waited
      }
    } else if (response.ok()) {
      problem = Unavailable(
          absl::StrCat("HTTP ", response->status, " ", FirstLine(response->body).substr(0, 2000)));
    }
    if (options.log && said.empty()) {
      said = MessageOf(problem);
      options.log("the chain's start cannot be asked for, which is tried again: " + said);
    }
    RealClock().SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace gtestnet::cfgsync
