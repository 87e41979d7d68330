// SPDX-License-Identifier: Apache-2.0
#include "core/src/agent/control.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/status.h"

namespace gtestnet::agent {
namespace {

namespace json = boost::json;
using base::HttpResponse;
using base::Refusal;
using base::Sentence;
using std::chrono::milliseconds;

constexpr uint64_t kLongestGrace = 600'000;
constexpr std::string_view kVerbs[] = {"start", "stop", "kill", "pause", "resume"};

HttpResponse Describe(const std::string& name, const Report& report) {
  json::object object = {{"name", name},
                         {"state", NameOf(report.state)},
                         {"change", report.change},
                         {"starts", report.starts},
                         {"pid", nullptr},
                         {"verb", nullptr},
                         {"exit", nullptr}};
  if (report.pid != 0) object["pid"] = report.pid;
  if (!report.verb.empty()) object["verb"] = report.verb;
  if (!report.exit.empty()) {
    object["exit"] = {
        {"how", report.exit}, {"code", report.exit_code}, {"asked", report.exit_asked}};
  }
  return {200, "application/json", json::serialize(object) + "\n"};
}

// The body of a stop.
absl::StatusOr<std::optional<milliseconds>> ParseGrace(const std::string& body) {
  std::optional<milliseconds> grace;
  if (body.empty()) return grace;
  absl::StatusOr<JsonTree> tree = ParseJsonTree(body);
  if (!tree.ok()) return Annotate(tree.status(), "the body");
  uint64_t number = 0;
  ObjectReader reader("the body");
  reader.Required("grace_ms",
                  [&](const JsonTree& v) { return ReadUnsigned("grace_ms", v, &number); });
  if (absl::Status read = reader.Read(*tree); !read.ok()) return Annotate(read, "the body");
  if (number > kLongestGrace) {
    return InvalidArgument(absl::StrCat("grace_ms must be at most ", kLongestGrace));
  }
  return milliseconds(number);
}

// In a time that tells nothing of where they differ.
bool AreEqual(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (one[i] ^ other[i]));
  }
  return difference == 0;
}

}  // namespace

bool Control::IsAllowed(const base::HttpRequest& request) const {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view said = request.authorization;
  return said.substr(0, kScheme.size()) == kScheme && AreEqual(said.substr(kScheme.size()), token_);
}

void Control::Handle(const base::HttpRequest& request, const base::HttpServer::Reply& reply) {
  if (!IsAllowed(request)) {
    return reply(
        Sentence(401, "the header Authorization must be \"Bearer\" and the agent's token"));
  }
  const std::string path(base::PathOf(request.target));
  const bool is_verb = std::any_of(std::begin(kVerbs), std::end(kVerbs), [&](auto verb) {
    return path.size() > 1 && std::string_view(path).substr(1) == verb;
  });
  if (!is_verb && path != "/state" && path != "/usage") {
    return reply(Sentence(404,
                          "there are GET /state, GET /usage, POST /start, POST /stop, POST /kill, "
                          "POST /pause and POST /resume"));
  }
  if (request.method != (is_verb ? "POST" : "GET")) {
    return reply(Sentence(405, is_verb ? "it takes POST only" : "it takes GET only"));
  }
  if (path == "/usage") return reply(TellUsage());
  return is_verb ? Do(path.substr(1), request, reply) : Tell(request, reply);
}

HttpResponse Control::TellUsage() const {
  const Report report = supervisor_->report();
  const std::optional<ProcessUsage> usage = report.pid == 0 ? std::nullopt : look_(report.pid);
  if (!usage) return Sentence(409, name_ + " is " + NameOf(report.state));
  const bool asked = report.state == State::kPaused && report.pause_asked;
  json::object object = {{"name", name_},
                         {"change", report.change},
                         {"process", nullptr},
                         {"since_ms", nullptr},
                         {"frozen", usage->frozen && !asked},
                         {"memory", usage->memory},
                         {"cpu_ms", usage->cpu_ms},
                         {"open_files", nullptr}};
  if (!usage->process.empty()) object["process"] = usage->process;
  if (usage->since) {
    object["since_ms"] = std::chrono::floor<milliseconds>(usage->since->time_since_epoch()).count();
  }
  if (usage->open_files) object["open_files"] = *usage->open_files;
  return {200, "application/json", json::serialize(object) + "\n"};
}

void Control::Tell(const base::HttpRequest& request, const base::HttpServer::Reply& reply) {
  const absl::StatusOr<int> wait = base::WaitOf(request.target);
  if (!wait.ok()) return reply(Refusal(wait.status()));
  const std::string after(base::QueryValue(request.target, "after"));
  supervisor_->Watch(after, milliseconds(*wait), [reply, name = name_](const Report& report) {
    reply(Describe(name, report));
  });
}

void Control::Do(const std::string& verb, const base::HttpRequest& request,
                 const base::HttpServer::Reply& reply) {
  // The address of a Service may lead to another node for a moment, which has the same token.
  const std::string_view meant = base::QueryValue(request.target, "name");
  if (!meant.empty() && meant != name_) {
    return reply(Sentence(404, "it is the agent of " + name_ + " that answers"));
  }
  const bool is_stop = verb == "stop";
  const absl::StatusOr<std::optional<milliseconds>> grace =
      is_stop ? ParseGrace(request.body) : std::optional<milliseconds>();
  if (!grace.ok()) return reply(Refusal(grace.status()));
  if (!is_stop && !request.body.empty() && request.body != "{}") {
    return reply(Sentence(400, verb + " takes no body"));
  }
  const Supervisor::Done done = [this, reply](const absl::Status& status) {
    reply(status.ok() ? Describe(name_, supervisor_->report()) : Refusal(status));
  };
  if (verb == "start") return supervisor_->Start(done);
  if (is_stop) return supervisor_->Stop(*grace, done);
  if (verb == "kill") return supervisor_->Kill(done);
  if (verb == "pause") return supervisor_->Pause(done);
  supervisor_->Resume(done);
}

}  // namespace gtestnet::agent
