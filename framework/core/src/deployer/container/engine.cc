// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/engine.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/container/engine_json.h"
#include "core/src/deployer/container/log_frames.h"
#include "gtestnet/clock.h"
#include "gtestnet/variables.h"

namespace gtestnet::docker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuery{10000};
// What the engine does while it is asked: starts, removals.
constexpr milliseconds kChange{60000};
constexpr milliseconds kFreezeAgain{20};
// No longer than this before a container's end was the event of its memory.
constexpr std::chrono::seconds kOomAge{10};
// The newest version of the API that this was written for.
constexpr std::string_view kNewestApi = "1.47";

std::string Escaped(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
        c == '_' || c == '.') {
      escaped += c;
    } else {
      escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return escaped;
}

boost::json::array LabelFilter(const Labels& labels) {
  boost::json::array filter;
  for (const auto& [name, value] : labels) {
    filter.emplace_back(value.empty() ? name : name + "=" + value);
  }
  return filter;
}

std::string FilterOf(const boost::json::object& filters) {
  return "filters=" + Escaped(boost::json::serialize(filters));
}

std::pair<int, int> NumbersOf(std::string_view version) {
  const char* const end = version.data() + version.size();
  std::pair<int, int> numbers;
  const auto [dot, error] = std::from_chars(version.data(), end, numbers.first);
  if (error == std::errc() && dot != end) std::from_chars(dot + 1, end, numbers.second);
  return numbers;
}

}  // namespace

bool IsOlder(std::string_view a, std::string_view b) { return NumbersOf(a) < NumbersOf(b); }

Engine::Engine(EngineHost host) : host_(std::move(host)), http_(host_.endpoint) {}

absl::StatusOr<base::HttpResponse> Engine::Ask(std::string_view what, std::string method,
                                               std::string target, milliseconds timeout) const {
  base::HttpRequest request;
  // An engine refuses most of these a second time, so a request is not sent twice by itself.
  request.idempotent = method == "GET" || method == "DELETE";
  request.method = std::move(method);
  request.target = prefix_ + target;
  absl::StatusOr<base::HttpResponse> response = http_.Request(request, Scaled(timeout));
  if (response.ok()) return response;
  const std::string who = "docker (" + host_.text + "): " + std::string(what);
  const std::string why = MessageOf(response.status());
  if (why.find("Permission denied") != std::string::npos) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, who + ": " + why);
  }
  return Annotate(response.status(), who);
}

absl::Status Engine::Refused(std::string_view what, const base::HttpResponse& response) const {
  const std::string error = ParseError(response.body);
  absl::StatusCode code = absl::StatusCode::kInternal;
  if (response.status == 404) code = absl::StatusCode::kNotFound;
  if (response.status == 409 || response.status == 304)
    code = absl::StatusCode::kFailedPrecondition;
  if (response.status == 400) code = absl::StatusCode::kInvalidArgument;
  if (error.find("no space left on device") != std::string::npos) {
    code = absl::StatusCode::kResourceExhausted;
  }
  return MakeStatus(code, "docker (" + host_.text + "): " + std::string(what) + ": HTTP " +
                              std::to_string(response.status) +
                              (error.empty() ? std::string() : ": " + error));
}

absl::Status Engine::Do(std::string_view what, std::string method, std::string target,
                        std::initializer_list<int> fine) const {
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            Ask(what, std::move(method), std::move(target), kChange));
  if (response.status / 100 == 2) return absl::OkStatus();
  for (const int status : fine) {
    if (response.status == status) return absl::OkStatus();
  }
  return Refused(what, response);
}

absl::StatusOr<EngineVersion> Engine::Negotiate(milliseconds timeout) {
  constexpr std::string_view kWhat = "version";
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            Ask(kWhat, "GET", "/version", timeout));
  if (response.status != 200) return Refused(kWhat, response);
  absl::StatusOr<EngineVersion> version = ParseVersion(response.body);
  if (!version.ok()) return Annotate(version.status(), "docker (" + host_.text + "): version");
  std::string use = IsOlder(kNewestApi, version->api) ? std::string(kNewestApi) : version->api;
  if (IsOlder(use, version->min_api)) use = version->min_api;
  prefix_ = "/v" + use;
  is_podman_ = version->is_podman();
  return version;
}

absl::Status Engine::Ping(milliseconds timeout) const {
  return Annotate(
      base::HttpClient(host_.endpoint).Request({.target = "/_ping"}, Scaled(timeout)).status(),
      "docker (" + host_.text + ")");
}

absl::StatusOr<EngineInfo> Engine::Info() const {
  constexpr std::string_view kWhat = "info";
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response, Ask(kWhat, "GET", "/info", kQuery));
  if (response.status != 200) return Refused(kWhat, response);
  GTESTNET_ASSIGN_OR_RETURN(EngineInfo info, ParseInfo(response.body));
  // Podman's engine is no more than its API.
  info.keeps_containers |= is_podman_;
  return info;
}

absl::StatusOr<std::vector<Container>> Engine::List(const Labels& labels) const {
  constexpr std::string_view kWhat = "list of containers";
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(kWhat, "GET", "/containers/json?all=1&" + FilterOf({{"label", LabelFilter(labels)}}),
          kQuery));
  if (response.status != 200) return Refused(kWhat, response);
  return ParseContainers(response.body);
}

absl::StatusOr<ContainerState> Engine::Inspect(const std::string& container) const {
  const std::string what = "inspect " + container;
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(what, "GET", "/containers/" + Escaped(container) + "/json", kQuery));
  if (response.status != 200) return Refused(what, response);
  return ParseContainerState(response.body);
}

absl::StatusOr<ContainerUsage> Engine::Usage(const std::string& container) const {
  const std::string what = "usage of " + container;
  if (prefix_.size() < 3 || IsOlder(std::string_view(prefix_).substr(2), "1.41")) {
    return absl::UnimplementedError(what + ": the engine is too old");
  }
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(what, "GET", "/containers/" + Escaped(container) + "/stats?stream=false&one-shot=true",
          kQuery));
  if (response.status != 200) return Refused(what, response);
  return ParseContainerUsage(response.body);
}

bool Engine::AwaitOomKilled(const std::string& container, milliseconds patience) const {
  return WaitFor("OOMKilled",
                 [&]() -> absl::Status {
                   GTESTNET_ASSIGN_OR_RETURN(const ContainerState state, Inspect(container));
                   if (state.oom_killed || HadOom(container)) return absl::OkStatus();
                   return Unavailable("not yet");
                 },
                 {.timeout = patience})
      .ok();
}

bool Engine::HadOom(const std::string& container) const {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(RealClock().WallNow().time_since_epoch());
  // Up to a moment that is over, or the answer would have no end.
  const absl::StatusOr<base::HttpResponse> response =
      Ask("events of " + container, "GET",
          "/events?since=" + std::to_string((now - kOomAge).count()) +
              "&until=" + std::to_string(now.count()) + "&" +
              FilterOf({{"container", {container}}, {"event", {"oom"}}}),
          kQuery);
  return response.ok() && response->status == 200 && !response->body.empty();
}

absl::Status Engine::Start(const std::string& container) const {
  return Do("start " + container, "POST", "/containers/" + Escaped(container) + "/start", {304});
}

absl::Status Engine::Kill(const std::string& container, std::string_view signal) const {
  // 409: it does not run.
  return Do("kill " + container, "POST",
            "/containers/" + Escaped(container) + "/kill?signal=" + std::string(signal), {409});
}

absl::Status Engine::Pause(const std::string& container, milliseconds patience) const {
  const Clock::TimePoint deadline = RealClock().Now() + patience;
  for (;;) {
    absl::Status paused =
        Do("pause " + container, "POST", "/containers/" + Escaped(container) + "/pause", {});
    const bool passes = MessageOf(paused).find("unable to freeze") != std::string::npos;
    if (!passes || RealClock().Now() >= deadline) return paused;
    RealClock().SleepFor(kFreezeAgain);
  }
}

absl::Status Engine::Unpause(const std::string& container) const {
  return Do("unpause " + container, "POST", "/containers/" + Escaped(container) + "/unpause", {});
}

absl::StatusOr<int> Engine::Wait(const std::string& container, milliseconds timeout) const {
  const std::string what = "wait for " + container;
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(what, "POST", "/containers/" + Escaped(container) + "/wait", timeout));
  if (response.status != 200) return Refused(what, response);
  return ParseExitCode(response.body);
}

absl::Status Engine::Remove(const std::string& container) const {
  // 409: someone else is removing it.
  return Do("remove " + container, "DELETE", "/containers/" + Escaped(container) + "?force=1&v=1",
            {404, 409});
}

absl::StatusOr<std::string> Engine::Logs(const std::string& container, int lines) const {
  const std::string what = "logs of " + container;
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            Ask(what, "GET",
                                "/containers/" + Escaped(container) +
                                    "/logs?stdout=1&stderr=1&tail=" + std::to_string(lines),
                                kQuery));
  if (response.status != 200) return Refused(what, response);
  return TextOfFrames(response.body);
}

absl::StatusOr<std::string> Engine::LogsBehind(const std::string& container,
                                               TimedPlace& place) const {
  const std::string what = "logs of " + container;
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(what, "GET",
          "/containers/" + Escaped(container) +
              "/logs?stdout=1&stderr=1&timestamps=1&since=" + SecondsOf(place),
          kQuery));
  if (response.status != 200) return Refused(what, response);
  return LinesBehind(LinesOfTimedFrames(response.body), place);
}

absl::StatusOr<TimedPlace> Engine::EndOfLogs(const std::string& container) const {
  const std::string what = "logs of " + container;
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(what, "GET",
          "/containers/" + Escaped(container) + "/logs?stdout=1&stderr=1&timestamps=1&tail=1",
          kQuery));
  if (response.status != 200) return Refused(what, response);
  return PlaceBehind(LinesOfTimedFrames(response.body));
}

absl::StatusOr<std::vector<Resource>> Engine::Networks(const Labels& labels) const {
  constexpr std::string_view kWhat = "list of networks";
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(kWhat, "GET", "/networks?" + FilterOf({{"label", LabelFilter(labels)}}), kQuery));
  if (response.status != 200) return Refused(kWhat, response);
  return ParseNetworks(response.body);
}

absl::StatusOr<std::string> Engine::BridgeAddress() const {
  constexpr std::string_view kWhat = "the network bridge";
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            Ask(kWhat, "GET", "/networks/bridge", kQuery));
  if (response.status != 200) return Refused(kWhat, response);
  return ParseGateway(response.body);
}

absl::Status Engine::RemoveNetwork(const std::string& id) const {
  return Do("remove network " + id, "DELETE", "/networks/" + Escaped(id), {404});
}

absl::StatusOr<std::vector<Resource>> Engine::Volumes(const Labels& labels) const {
  constexpr std::string_view kWhat = "list of volumes";
  GTESTNET_ASSIGN_OR_RETURN(
      const base::HttpResponse response,
      Ask(kWhat, "GET", "/volumes?" + FilterOf({{"label", LabelFilter(labels)}}), kQuery));
  if (response.status != 200) return Refused(kWhat, response);
  return ParseVolumes(response.body);
}

absl::Status Engine::RemoveVolume(const std::string& name) const {
  return Do("remove volume " + name, "DELETE", "/volumes/" + Escaped(name) + "?force=1", {404});
}

absl::StatusOr<Image> Engine::FindImage(const std::string& tag) const {
  const std::string what = "image " + tag;
  // Slashes of a tag are part of the path.
  std::string path;
  for (const char c : tag) path += c == '/' ? std::string("/") : Escaped({&c, 1});
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            Ask(what, "GET", "/images/" + path + "/json", kQuery));
  if (response.status != 200) return Refused(what, response);
  return ParseImage(response.body);
}

std::unique_ptr<base::LineStream> Engine::Events(const std::string& label, const std::string& value,
                                                 int64_t since_ns, EventHandlers handlers) const {
  base::HttpRequest request;
  request.target =
      prefix_ + "/events?" + FilterOf({{"type", {"container"}}, {"label", {label + "=" + value}}});
  if (since_ns > 0) {
    std::array<char, 48> since{};
    std::snprintf(since.data(), since.size(), "&since=%lld.%09lld",
                  static_cast<long long>(since_ns / 1000000000),
                  static_cast<long long>(since_ns % 1000000000));
    request.target += since.data();
  }
  base::LineHandlers lines;
  lines.on_open = std::move(handlers.on_open);
  lines.on_line = [on_event = std::move(handlers.on_event)](std::string_view line) {
    const absl::StatusOr<ContainerEvent> event = ParseEvent(line);
    if (!event.ok()) return event.status();
    if (on_event) on_event(*event);
    return absl::OkStatus();
  };
  lines.on_end = [on_end = std::move(handlers.on_end),
                  who = "docker (" + host_.text + "): events"](const absl::Status& status) {
    if (on_end) on_end(Annotate(status, who));
  };
  return std::make_unique<base::LineStream>(host_.endpoint, std::move(request), std::move(lines));
}

}  // namespace gtestnet::docker
