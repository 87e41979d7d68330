// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/agent_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "core/src/agent/supervisor.h"
#include "core/src/base/json_at.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/clock.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// An answer is there in milliseconds, where the node obeys; where it does not, the state says so.
constexpr milliseconds kAnswer{3000};
constexpr milliseconds kMargin{2000};
constexpr size_t kQuoted = 200;

absl::Status NoSense(std::string_view text) {
  return Internal("an answer that makes no sense: " + std::string(text.substr(0, kQuoted)));
}

std::string TextAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

int NumberAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<int>(error);
  return error ? 0 : number;
}

// Of a refusal, which is a sentence.
std::string Quoted(const base::HttpResponse& response) {
  std::string text = response.body.substr(0, kQuoted);
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace

absl::StatusOr<AgentReport> ParseAgentReport(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return NoSense(text);
  const json::object& object = value.get_object();
  AgentReport report;
  report.name = TextAt(object, "name");
  report.state = TextAt(object, "state");
  report.change = TextAt(object, "change");
  report.verb = TextAt(object, "verb");
  report.starts = NumberAt(object, "starts");
  report.pid = NumberAt(object, "pid");
  if (report.name.empty() || report.state.empty() || report.change.empty()) return NoSense(text);
  const json::value* exit = object.if_contains("exit");
  if (exit != nullptr && exit->is_object()) {
    const json::object& how = exit->get_object();
    const json::value* asked = how.if_contains("asked");
    report.exit = AgentExit{TextAt(how, "how"), NumberAt(how, "code"),
                            asked == nullptr || !asked->is_bool() || asked->get_bool()};
  }
  return report;
}

absl::StatusOr<AgentUsage> ParseAgentUsage(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return NoSense(text);
  const json::object& object = value.get_object();
  AgentUsage usage;
  usage.name = base::TextAt(object, "name");
  usage.change = base::TextAt(object, "change");
  usage.process = base::TextAt(object, "process");
  usage.frozen = base::FlagAt(object, "frozen");
  usage.memory = base::NumberAt(object, "memory");
  usage.cpu_ms = base::NumberAt(object, "cpu_ms");
  if (usage.name.empty() || usage.change.empty()) return NoSense(text);
  constexpr int64_t kLatest = 100'000'000'000'000;
  const int64_t since = base::NumberAt(object, "since_ms");
  if (since > 0 && since < kLatest) {
    usage.since = std::chrono::system_clock::time_point(milliseconds(since));
  }
  const int64_t open_files = base::NumberAt(object, "open_files");
  if (open_files > 0) usage.open_files = open_files;
  return usage;
}

absl::StatusOr<AgentUsage> AgentClient::Usage(milliseconds timeout) const {
  const absl::StatusOr<base::Endpoint> endpoint = options_.endpoint();
  if (!endpoint.ok()) return Unavailable(MessageOf(endpoint.status()));
  base::HttpRequest request;
  request.target = "/usage";
  request.idempotent = false;
  request.authorization = "Bearer " + options_.token;
  const base::HttpClient client(*endpoint);
  const absl::StatusOr<base::HttpResponse> response = client.Request(request, timeout);
  if (!response.ok()) return Unavailable(MessageOf(response.status()));
  if (response->status == 404) {
    return absl::UnimplementedError("the agent of " + options_.node +
                                    " does not tell it: " + Quoted(*response));
  }
  if (response->status != 200) return Unavailable(Quoted(*response));
  absl::StatusOr<AgentUsage> usage = ParseAgentUsage(response->body);
  if (!usage.ok() || usage->name == options_.node) return usage;
  return Unavailable("it is the agent of " + usage->name + " that answers");
}

absl::StatusOr<AgentReport> AgentClient::Read(const std::string& where,
                                              const base::HttpResponse& response) const {
  const std::string said = Quoted(response);
  switch (response.status) {
    case 200: {
      absl::StatusOr<AgentReport> report = ParseAgentReport(response.body);
      if (!report.ok()) return Unavailable(where + ": " + MessageOf(report.status()));
      if (report->name == options_.node) return report;
      return Unavailable(where + ": it is the agent of " + report->name + " that answers");
    }
    case 400:
      return InvalidArgument(where + ": " + said);
    case 401:
      return MakeStatus(absl::StatusCode::kUnauthenticated, where + ": " + said);
    case 409:
      return said.find(agent::kEndedMeanwhile) == said.npos ? FailedPrecondition(said)
                                                            : Aborted(said);
    case 500:
      return Internal(said);
    case 504:
      return DeadlineExceeded(said);
    default:
      return Unavailable(where + ": no agent answers, but HTTP " + std::to_string(response.status) +
                         ": " + said);
  }
}

absl::StatusOr<AgentReport> AgentClient::TryOnce(base::HttpRequest request, milliseconds timeout,
                                                 const std::stop_token& stop) const {
  const absl::StatusOr<base::Endpoint> endpoint = options_.endpoint();
  if (!endpoint.ok()) return Unavailable(MessageOf(endpoint.status()));
  request.idempotent = false;
  request.authorization = "Bearer " + options_.token;
  const base::HttpClient client(*endpoint);
  const absl::StatusOr<base::HttpResponse> response = client.Request(request, timeout, stop);
  if (response.ok()) return Read(endpoint->ToString(), *response);
  if (absl::IsCancelled(response.status())) return response.status();
  return Unavailable(MessageOf(response.status()));
}

absl::StatusOr<AgentReport> AgentClient::AwaitChange(const std::string& change, milliseconds wait,
                                                     std::stop_token stop) const {
  base::HttpRequest request;
  request.target = "/state";
  if (!change.empty()) {
    request.target += "?after=" + change + "&wait_ms=" + std::to_string(wait.count());
  }
  return TryOnce(std::move(request), (change.empty() ? kAnswer : wait + kMargin), stop);
}

absl::StatusOr<AgentReport> AgentClient::State(std::stop_token stop) const {
  return Do({.name = nullptr, .effect = nullptr, .body = {}, .timeout = {}}, stop);
}

absl::StatusOr<AgentReport> AgentClient::Do(const Verb& verb, const std::stop_token& stop) const {
  const Clock& clock = RealClock();
  Clock::TimePoint deadline = clock.Now() + options_.patience;
  bool is_said = verb.name == nullptr;  // perhaps
  std::string change;                   // while a verb is under way
  absl::Status last;
  int tries = 0;
  for (;;) {
    ++tries;
    if (!is_said) {
      base::HttpRequest request;
      request.method = "POST";
      request.target = std::string("/") + verb.name + "?name=" + options_.node;
      request.body = verb.body;
      absl::StatusOr<AgentReport> report = TryOnce(std::move(request), verb.timeout, stop);
      last = report.status();
      is_said = absl::IsUnavailable(last);
      if (!is_said && !absl::IsUnauthenticated(last)) return report;
    } else {
      absl::StatusOr<AgentReport> report = AwaitChange(change, kMargin, stop);
      last = report.status();
      if (report.ok()) {
        if (verb.name == nullptr || (report->verb.empty() && report->state == verb.effect)) {
          return report;
        }
        is_said = !report->verb.empty();
        change = is_said ? report->change : std::string();
        // It is being done.
        deadline = std::max(deadline, clock.Now() + verb.timeout);
        continue;
      }
      if (!absl::IsUnavailable(last) && !absl::IsUnauthenticated(last)) return last;
      change.clear();
    }
    if (clock.Now() >= deadline) break;
    if (!clock.SleepFor(options_.retry, stop)) return absl::CancelledError("cancelled");
  }
  return MakeStatus(last.code(),
                    options_.node + "'s agent: no answer" +
                        (verb.name == nullptr ? std::string() : std::string(" to ") + verb.name) +
                        " in " + FormatDuration(options_.patience) + " (" + std::to_string(tries) +
                        " tries); last: " + MessageOf(last));
}

absl::StatusOr<AgentReport> AgentClient::Start(std::stop_token stop) const {
  return Do({.name = "start", .effect = "running", .body = {}, .timeout = kAnswer}, stop);
}

absl::StatusOr<AgentReport> AgentClient::Stop(milliseconds grace, std::stop_token stop) const {
  return Do({.name = "stop",
             .effect = "stopped",
             .body = "{\"grace_ms\": " + std::to_string(grace.count()) + "}",
             .timeout = grace + kMargin},
            stop);
}

absl::StatusOr<AgentReport> AgentClient::Kill(std::stop_token stop) const {
  return Do({.name = "kill", .effect = "stopped", .body = {}, .timeout = kAnswer}, stop);
}

absl::StatusOr<AgentReport> AgentClient::Pause(std::stop_token stop) const {
  return Do({.name = "pause", .effect = "paused", .body = {}, .timeout = kAnswer}, stop);
}

absl::StatusOr<AgentReport> AgentClient::Resume(std::stop_token stop) const {
  return Do({.name = "resume", .effect = "running", .body = {}, .timeout = kAnswer}, stop);
}

}  // namespace gtestnet::k8s
