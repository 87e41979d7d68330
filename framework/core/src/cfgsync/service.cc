// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/service.h"

#include <sys/stat.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <cctype>
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

using Hosts = std::map<std::string, std::string>;

// The file's hosts, and where it has none, those that the node said; then what others said.
Spec WithHosts(const Spec& spec, const Hosts& said, const Hosts& learnt) {
  Spec merged = spec;
  for (const std::string& name : NodeNames(spec)) {
    for (const Hosts* hosts : {&said, &learnt}) {
      const auto host = hosts->find(name);
      if (host != hosts->end() && !host->second.empty()) merged.hosts.emplace(*host);
    }
  }
  return merged;
}

// Whether the text has the name, not only as a part of a longer one.
bool Mentions(const std::string& text, const std::string& name) {
  const auto goes_on = [&](size_t at) {
    return at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '-');
  };
  for (size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    if (!goes_on(at + name.size()) && (at == 0 || !goes_on(at - 1))) return true;
  }
  return false;
}

// The other nodes that the answer has by their names.
std::vector<std::string> NamesIn(const Answer& answer, const Spec& spec) {
  std::vector<std::string> names;
  for (const std::string& name : NodeNames(spec)) {
    if (name == answer.identifier || spec.hosts.contains(name)) continue;
    const bool mentioned =
        std::any_of(answer.setup.files.begin(), answer.setup.files.end(),
                    [&](const NodeFile& file) { return Mentions(file.content, name); });
    if (mentioned) names.push_back(name);
  }
  return names;
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
  if (stat(options_.spec_file.c_str(), &info) != 0) return ErrnoStatus(errno, options_.spec_file);
  const Stamp stamp{info.st_dev, info.st_ino, info.st_size,
                    info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  if (stamp == stamp_) return spec_status_;
  stamp_ = stamp;
  absl::StatusOr<Spec> spec = ReadSpecFile(options_.spec_file);
  spec_status_ = spec.status();
  if (spec.ok()) {
    spec_ = *std::move(spec);
    Log(absl::StrCat(options_.spec_file, ": ", NodeCount(spec_), " nodes"));
    if (spec_.start) spec_status_ = Learn(*spec_.start, options_.spec_file);
  }
  if (!spec_status_.ok()) Log(MessageOf(spec_status_));
  // What is wrong is the file, not the request.
  if (!spec_status_.ok()) spec_status_ = Internal(MessageOf(spec_status_));
  return spec_status_;
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
    object["waiting_for"] = json::value_from(book_.WaitingFor(spec_));
  }
  return Json(json::serialize(object));
}

HttpResponse Service::Register(const std::string& role, const std::string& body) {
  const absl::StatusOr<Registration> registration = ParseRegistration(body);
  if (!registration.ok()) return Refusal(registration.status());
  // Whoever says where it finds some cannot resolve names; where others find them, it does, too.
  const bool says_hosts = !registration->hosts.empty();
  const Spec spec = WithHosts(spec_, registration->hosts, says_hosts ? hosts_ : Hosts());
  absl::StatusOr<Answer> answer = AnswerFor(spec, role, registration->identifier);
  if (!answer.ok()) return Refusal(answer.status());
  if (says_hosts) answer->by_name = NamesIn(*answer, spec);
  for (const std::string& name : NodeNames(spec_)) {
    if (const auto host = registration->hosts.find(name); host != registration->hosts.end()) {
      hosts_[name] = host->second;
    }
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

HttpResponse Service::Health() const {
  json::object object = {{"status", "ok"},
                         {"run", spec_.cluster.run_id},
                         {"nodes", json::value_from(NodeNames(spec_))}};
  const auto start = book_.start();
  object["start"] = start ? json::value(*start) : json::value(nullptr);
  object["waiting_for"] = json::value_from(book_.WaitingFor(spec_));
  return Json(json::serialize(object));
}

// As Prometheus's http_sd_configs wants it. A server that was started anew without its state knows
// no address until a node comes back: an error then, upon which Prometheus keeps the targets that
// it has.
HttpResponse Service::Targets() const {
  json::array targets;
  const std::vector<std::string> names = NodeNames(spec_);
  const Placement placement = PlacementOf(spec_, 0);
  for (NodeIndex node = 0; node < NodeCount(spec_); ++node) {
    const std::string& name = names[static_cast<size_t>(node)];
    const auto address = addresses_.find(name);
    if (address == addresses_.end()) continue;
    const NodeAddress& own = placement.addresses[static_cast<size_t>(node)];
    const auto api = own.ports.find("api");
    if (api == own.ports.end()) continue;
    const base::Endpoint endpoint = base::Endpoint::Tcp(address->second, api->second);
    json::object labels = {{"node", name},
                           {"role", placement.RoleOf(spec_.cluster.topology, node)},
                           {"index", std::to_string(node)},
                           {"instance", name}};
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
  const std::vector<std::string> names = NodeNames(spec_);
  if (!identifier.empty() && std::find(names.begin(), names.end(), identifier) == names.end()) {
    return reply(Sentence(404, absl::StrCat("there is no node \"", identifier.substr(0, 60),
                                            "\"; there are ", absl::StrJoin(names, ", "))));
  }
  const bool known = book_.start().has_value();
  if (!identifier.empty()) book_.Asked(spec_, identifier, NowMilliseconds());
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
  if (const absl::Status begun = book_.Begin(spec_, NowMilliseconds()); !begun.ok())
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
  const bool is_post = path == "/validator" || path == "/executor";
  if (!is_post && path != "/start" && path != "/health" && path != "/targets") {
    return reply(Sentence(404,
                          "there are POST /validator, POST /executor, GET /start, POST /start, GET "
                          "/targets and GET /health"));
  }
  if (path == "/start" && request.method == "POST") return reply(BeginChain());
  if (request.method != (is_post ? "POST" : "GET")) {
    return reply(Sentence(405, is_post ? "it takes POST only" : "it takes GET only"));
  }
  if (is_post) return reply(Register(path.substr(1), request.body));
  if (path == "/health") return reply(Health());
  if (path == "/targets") return reply(Targets());
  Start(request.target, reply);
}

}  // namespace gtestnet::cfgsync
