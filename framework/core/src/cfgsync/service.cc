// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/service.h"

#include <sys/stat.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/replace_file.h"
#include "core/src/base/status.h"
#include "core/src/cfgsync/answer.h"

namespace gtestnet::cfgsync {
namespace {

namespace json = boost::json;
using base::HttpResponse;
using base::Refusal;
using base::Sentence;

constexpr size_t kLongestHost = 253;  // of a name in DNS
constexpr size_t kMostWaiters = 4096;

HttpResponse Json(std::string body) { return {200, "application/json", std::move(body)}; }

struct Registration {
  std::string identifier;
  std::string ip;
  std::optional<uint64_t> start;
  std::map<std::string, std::string> hosts;
};

absl::Status ReadHosts(const JsonTree& value, std::map<std::string, std::string>* into) {
  if (value.type != JsonTree::Type::kObject) {
    return PlacedAt(value, InvalidArgument("\"hosts\" must be an object"));
  }
  for (const JsonTree::Member& member : value.members) {
    std::string& host = (*into)[member.name];
    GTESTNET_RETURN_IF_ERROR(ReadText("hosts", member.value, &host));
    if (host.size() > kLongestHost) {
      return ErrorAt(member.value.position,
                     absl::StrCat("a host has at most ", kLongestHost, " characters"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Registration> ParseRegistration(const std::string& body) {
  absl::StatusOr<JsonTree> tree = ParseJsonTree(body);
  if (!tree.ok()) return Annotate(tree.status(), "the body");
  Registration registration;
  ObjectReader reader("the body");
  reader
      .Required(
          "identifier",
          [&](const JsonTree& v) { return ReadText("identifier", v, &registration.identifier); })
      .Field("ip", [&](const JsonTree& v) { return ReadText("ip", v, &registration.ip); })
      .Field("start",
             [&](const JsonTree& v) {
               return ReadUnsigned("start", v, &registration.start.emplace());
             })
      .Field("hosts", [&](const JsonTree& v) { return ReadHosts(v, &registration.hosts); });
  if (absl::Status read = reader.Read(*tree); !read.ok()) return Annotate(read, "the body");
  return registration;
}

// "POST /member", by its roles.
std::vector<std::string> Registrations(const Plan& plan) {
  std::vector<std::string> all;
  for (const PlannedNode& node : plan.nodes) {
    std::string one = "POST /" + node.role;
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

absl::Status Service::Load() {
  GTESTNET_RETURN_IF_ERROR(Refresh());
  LoadAddresses();
  return LoadState();
}

// Only Prometheus wants them, so what cannot be read is no reason not to serve.
void Service::LoadAddresses() {
  if (options_.state_file.empty()) return;
  std::ifstream file(AddressesFile());
  std::string name;
  std::string address;
  while (file >> name >> address) addresses_[name] = address;
}

void Service::KeepAddresses() const {
  if (options_.state_file.empty()) return;
  std::string text;
  for (const auto& [name, address] : addresses_) {
    // None is longer than a line, but a node says what it likes.
    if (address.find_first_of(" \t\r\n\v\f") != address.npos) continue;
    absl::StrAppend(&text, name, " ", address, "\n");
  }
  const absl::Status kept = base::ReplaceFile(AddressesFile(), text);
  if (!kept.ok()) Log(absl::StrCat("the addresses cannot be kept: ", kept.message()));
}

absl::Status Service::LoadState() {
  if (options_.state_file.empty()) return absl::OkStatus();
  std::ifstream file(options_.state_file);
  if (!file) return absl::OkStatus();  // the first time
  int64_t start = 0;
  if (!(file >> start) || start < 0) {
    return InvalidArgument(options_.state_file +
                           ": it must hold the chain's start, milliseconds since the Unix epoch");
  }
  GTESTNET_RETURN_IF_ERROR(book_.Learn(start, options_.state_file));
  Log(absl::StrCat("the chain starts at ", start, ", says ", options_.state_file));
  return absl::OkStatus();
}

absl::Status Service::Refresh() {
  struct stat info {};
  if (stat(options_.plan_file.c_str(), &info) != 0) return ErrnoStatus(errno, options_.plan_file);
  const Stamp stamp{info.st_dev, info.st_ino, info.st_size,
                    info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  if (stamp == stamp_) return plan_status_;
  stamp_ = stamp;
  absl::StatusOr<Plan> plan = options_.read(options_.plan_file);
  plan_status_ = plan.status();
  if (plan.ok()) {
    plan_ = *std::move(plan);
    std::vector<const NodeSetup*> setups;
    for (const PlannedNode& node : plan_.nodes) setups.push_back(&node.setup);
    shared_ = SharedOf(setups);
    Log(absl::StrCat(options_.plan_file, ": ", plan_.nodes.size(), " nodes"));
    if (plan_.start) plan_status_ = Learn(*plan_.start, options_.plan_file);
  }
  if (!plan_status_.ok()) Log(MessageOf(plan_status_));
  // What is wrong is the file, not the request.
  if (!plan_status_.ok()) plan_status_ = Internal(MessageOf(plan_status_));
  return plan_status_;
}

absl::Status Service::Learn(int64_t start, const std::string& who) {
  const bool known = book_.start().has_value();
  GTESTNET_RETURN_IF_ERROR(book_.Learn(start, who));
  if (known) return absl::OkStatus();
  Log(absl::StrCat("the chain starts at ", start, ", says ", who));
  StartIsKnown();
  return absl::OkStatus();
}

void Service::StartIsKnown() {
  if (!options_.state_file.empty()) {
    const absl::Status kept =
        base::ReplaceFile(options_.state_file, absl::StrCat(*book_.start(), "\n"));
    if (!kept.ok()) Log(absl::StrCat("the start cannot be kept: ", kept.message()));
  }
  for (const Waiter& waiter : std::exchange(waiters_, {})) waiter.reply(StartAnswer());
}

HttpResponse Service::StartAnswer() const {
  json::object object;
  if (const auto start = book_.start()) {
    object["start"] = *start;
  } else {
    object["start"] = nullptr;
    object["waiting_for"] = json::value_from(book_.WaitingFor(plan_));
  }
  return Json(json::serialize(object));
}

HttpResponse Service::Register(const std::string& role, const std::string& body) {
  const absl::StatusOr<Registration> registration = ParseRegistration(body);
  if (!registration.ok()) return Refusal(registration.status());
  absl::StatusOr<Answer> answer = AnswerFor(plan_, shared_, role, registration->identifier);
  if (!answer.ok()) return Refusal(answer.status());
  // Whoever says where it finds some cannot resolve names; where others find them, it does, too.
  if (!registration->hosts.empty()) {
    for (const std::string& name : answer->nodes) {
      const auto known = hosts_.find(name);
      if (known != hosts_.end()) answer->hosts.insert(*known);
    }
  }
  for (const auto& [name, host] : registration->hosts) {
    if (!host.empty() && plan_.Find(name) != nullptr) hosts_[name] = host;
  }
  if (registration->start) {
    const absl::Status learned =
        Learn(static_cast<int64_t>(*registration->start), answer->identifier);
    if (!learned.ok()) return Refusal(learned);
  }
  if (!registration->ip.empty()) {
    addresses_[answer->identifier] = registration->ip.substr(0, 60);
    KeepAddresses();
  }
  Log(absl::StrCat(answer->identifier, registration->ip.empty() ? "" : " at ",
                   registration->ip.substr(0, 60), " has its config",
                   registration->start ? ", again" : ""));
  return Json(ToJson(*answer));
}

HttpResponse Service::Shared(const std::string& hash) const {
  const auto found = shared_.find(hash);
  if (found == shared_.end()) {
    return Sentence(404, absl::StrCat("there is no shared file ", hash.substr(0, 80)));
  }
  return {200, "application/octet-stream", found->second};
}

HttpResponse Service::Health() const {
  json::object object = {
      {"status", "ok"}, {"run", plan_.run_id}, {"nodes", json::value_from(plan_.names())}};
  const auto start = book_.start();
  object["start"] = start ? json::value(*start) : json::value(nullptr);
  object["waiting_for"] = json::value_from(book_.WaitingFor(plan_));
  return Json(json::serialize(object));
}

// As Prometheus's http_sd_configs wants it. A server that was started anew without its state knows
// no address until a node comes back: an error then, upon which Prometheus keeps the targets that
// it has.
HttpResponse Service::Targets() const {
  json::array targets;
  if (!plan_.metrics) return Sentence(404, "these nodes show no metrics");
  for (size_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlannedNode& node = plan_.nodes[i];
    const auto address = addresses_.find(node.name);
    if (address == addresses_.end()) continue;
    const base::Endpoint endpoint = base::Endpoint::Tcp(address->second, plan_.metrics->port);
    json::object labels = {{"node", node.name},
                           {"role", node.role},
                           {"index", std::to_string(i)},
                           {"instance", node.name},
                           {"__metrics_path__", plan_.metrics->path}};
    json::object target;
    target["targets"] = json::array({json::value(endpoint.ToString())});
    target["labels"] = std::move(labels);
    targets.push_back(std::move(target));
  }
  if (targets.empty()) return Sentence(503, "no node has said its address yet");
  return Json(json::serialize(targets));
}

int64_t Service::NowMilliseconds() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             options_.clock->WallNow().time_since_epoch())
      .count();
}

void Service::Start(const std::string& target, const base::HttpServer::Reply& reply) {
  const absl::StatusOr<int> wait = base::WaitOf(target);
  if (!wait.ok()) return reply(Refusal(wait.status()));
  const std::string identifier(base::QueryValue(target, "identifier"));
  const std::vector<std::string> names = plan_.names();
  if (!identifier.empty() && std::find(names.begin(), names.end(), identifier) == names.end()) {
    return reply(Sentence(404, absl::StrCat("there is no node \"", identifier.substr(0, 60),
                                            "\"; there are ", absl::StrJoin(names, ", "))));
  }
  const bool known = book_.start().has_value();
  if (!identifier.empty()) book_.Asked(plan_, identifier, NowMilliseconds());
  if (book_.start() && !known) {
    Log(absl::StrCat("the chain starts at ", *book_.start(), ": all nodes have their configs"));
    StartIsKnown();
  }
  // Whoever does not wait for the answer leaves it behind for as long as he would have.
  const bool too_many = waiters_.size() >= kMostWaiters;
  if (book_.start() || *wait == 0 || too_many) return reply(StartAnswer());
  const uint64_t number = next_waiter_++;
  waiters_.push_back({number, reply});
  options_.after(std::chrono::milliseconds(*wait), [this, number] {
    const auto found = std::find_if(waiters_.begin(), waiters_.end(),
                                    [&](const Waiter& one) { return one.number == number; });
    if (found == waiters_.end()) return;
    const Waiter waiter = std::move(*found);
    waiters_.erase(found);
    waiter.reply(StartAnswer());
  });
}

HttpResponse Service::BeginChain() {
  const bool known = book_.start().has_value();
  if (const absl::Status begun = book_.Begin(plan_, NowMilliseconds()); !begun.ok())
    return Refusal(begun);
  if (!known) {
    Log(absl::StrCat("the chain starts at ", *book_.start(), ": it was asked to"));
    StartIsKnown();
  }
  return StartAnswer();
}

void Service::Handle(const base::HttpRequest& request, const base::HttpServer::Reply& reply) {
  if (absl::Status read = Refresh(); !read.ok()) return reply(Refusal(read));
  const std::string path(base::PathOf(request.target));
  constexpr std::string_view kShared = "/shared/";
  const bool is_shared = path.starts_with(kShared);
  const bool is_post = std::any_of(
      plan_.nodes.begin(), plan_.nodes.end(),
      [&](const PlannedNode& node) { return path.size() > 1 && path.substr(1) == node.role; });
  if (!is_post && !is_shared && path != "/start" && path != "/health" && path != "/targets") {
    return reply(Sentence(404, absl::StrCat("there are ", absl::StrJoin(Registrations(plan_), ", "),
                                            ", GET /start, POST /start, GET /shared/<hash>, GET "
                                            "/targets and GET /health")));
  }
  if (path == "/start" && request.method == "POST") return reply(BeginChain());
  if (request.method != (is_post ? "POST" : "GET")) {
    return reply(Sentence(405, is_post ? "it takes POST only" : "it takes GET only"));
  }
  if (is_post) return reply(Register(path.substr(1), request.body));
  if (is_shared) return reply(Shared(path.substr(kShared.size())));
  if (path == "/health") return reply(Health());
  if (path == "/targets") return reply(Targets());
  Start(request.target, reply);
}

}  // namespace gtestnet::cfgsync
