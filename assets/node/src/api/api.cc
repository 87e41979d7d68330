// SPDX-License-Identifier: Apache-2.0
#include "api/api.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/json.h"
#include "api/response.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kMaxBlocks = 1000;
constexpr std::size_t kMaxBlocksBytes = 64 * 1024 * 1024;

HttpResponse Stream(StreamHub& hub) {
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.stream = [&hub](const std::shared_ptr<HttpStream>& stream) { hub.Add(stream); };
  return response;
}

HttpResponse BadQuery(std::string_view what) {
  return Text(400, absl::StrCat("Failed to deserialize query string: ", std::string(what)));
}

std::optional<std::string_view> QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Number(std::optional<std::string_view> text) {
  if (!text.has_value()) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

}  // namespace

const Api::Route Api::kRoutes[] = {
    {"GET", "/cryptarchia/info", &Api::Info},
    {"GET", "/cryptarchia/headers", &Api::Headers},
    {"GET", "/cryptarchia/lib-stream", &Api::LibStream, /*validators_only=*/true},
    {"GET", "/cryptarchia/blocks", &Api::Blocks},
    {"GET", "/cryptarchia/blocks/stream", &Api::BlockStream},
    {"POST", "/storage/block", &Api::StorageBlock},
    {"POST", "/mempool/add/tx", &Api::AddTransaction},
    {"GET", "/mantle/metrics", &Api::MempoolMetrics},
    {"POST", "/mantle/status", &Api::TransactionStatus},
    {"GET", "/network/info", &Api::NetworkInfo},
    {"GET", "/metrics", &Api::Metrics},
};

HttpResponse Api::Handle(const HttpRequest& request) {
  const auto route = std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& each) {
    return request.path == each.path &&
           (!each.validators_only || sources_.role == Role::kValidator);
  });
  if (route == std::end(kRoutes)) return sources_.more ? sources_.more(request) : Text(404, "");
  if (request.method != route->method) {
    HttpResponse response = Text(405, "");
    response.allow = route->method == std::string_view("GET") ? "GET,HEAD" : route->method;
    return response;
  }
  if (request.method == "POST" && !IsJson(request.content_type)) return NotJson();
  return (this->*route->handler)(request);
}

HttpResponse Api::Info(const HttpRequest&) { return Json(InfoJson(sources_.engine->Info())); }

HttpResponse Api::Headers(const HttpRequest& request) {
  std::optional<HeaderId> ends[2];
  const char* const names[2] = {"from", "to"};
  for (int i = 0; i < 2; ++i) {
    const auto text = QueryValue(request.query, names[i]);
    if (!text.has_value()) continue;
    ends[i] = Hash::FromHex(*text);
    if (!ends[i].has_value()) return BadQuery(absl::StrCat(names[i], ": must be 64 hex digits"));
  }
  return Json(HashesJson(sources_.engine->Headers(ends[0], ends[1])));
}

HttpResponse Api::LibStream(const HttpRequest&) { return Stream(lib_); }
HttpResponse Api::BlockStream(const HttpRequest&) { return Stream(blocks_); }

HttpResponse Api::Blocks(const HttpRequest& request) {
  const auto from = Number(QueryValue(request.query, "slot_from"));
  const auto to = Number(QueryValue(request.query, "slot_to"));
  if (!from.has_value()) return BadQuery("slot_from: must be a slot number");
  if (!to.has_value()) return BadQuery("slot_to: must be a slot number");
  std::string body = "[";
  for (const HeaderId& id : sources_.engine->ImmutableBlocks(*from, *to, kMaxBlocks)) {
    const BlockPtr block = sources_.engine->FindBlock(id);
    if (block == nullptr) continue;
    if (body.size() > 1) body += ',';
    body += ApiBlockJson(*block);
    if (body.size() > kMaxBlocksBytes) break;
  }
  return Json(body + "]");
}

HttpResponse Api::StorageBlock(const HttpRequest& request) {
  const absl::StatusOr<HeaderId> id = ParseHash(request.body);
  if (!id.ok()) return BadBody(id.status());
  const BlockPtr block = sources_.engine->FindBlock(*id);
  return Json(block == nullptr ? "null" : BlockJson(*block));
}

HttpResponse Api::AddTransaction(const HttpRequest& request) {
  absl::StatusOr<SignedMantleTx> tx = ParseSignedTx(request.body);
  if (!tx.ok()) return BadBody(tx.status());
  const absl::Status status = sources_.submit(*std::move(tx));
  if (status.ok()) return Json("null");
  if (absl::IsInvalidArgument(status)) {
    return BadBody(absl::FailedPreconditionError(status.message()));
  }
  return Text(500, std::string(status.message()));
}

HttpResponse Api::MempoolMetrics(const HttpRequest&) {
  return Json(absl::StrCat("{\"pending_items\":", sources_.engine->pending_count(),
                           ",\"last_item_timestamp\":", sources_.engine->last_pending_time(), "}"));
}

HttpResponse Api::TransactionStatus(const HttpRequest& request) {
  const absl::StatusOr<std::vector<Hash>> hashes = ParseHashes(request.body);
  if (!hashes.ok()) return BadBody(hashes.status());
  std::vector<TxStatus> statuses;
  statuses.reserve(hashes->size());
  for (const TxHash& hash : *hashes) statuses.push_back(sources_.engine->StatusOf(hash));
  return Json(StatusesJson(statuses));
}

HttpResponse Api::NetworkInfo(const HttpRequest&) {
  const NetworkCounts counts = sources_.network();
  const Address address = sources_.network_address();
  const bool v6 = address.host.find(':') != std::string::npos;
  return Json(absl::StrCat("{\"listen_addresses\":[\"/", v6 ? "ip6/" : "ip4/", address.host,
                           "/tcp/", address.port, "\"],\"n_peers\":", counts.connected,
                           ",\"n_connections\":", counts.connected,
                           ",\"n_pending_connections\":", counts.pending, "}"));
}

HttpResponse Api::Metrics(const HttpRequest&) {
  HttpResponse response = Text(200, sources_.metrics());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

void Api::OnBlock(const BlockApplied& applied) {
  if (blocks_.empty()) return;
  blocks_.Publish(StreamedBlockJson(*applied.block, applied.height, sources_.engine->Info()) +
                  "\n");
}

void Api::OnFinalised(const Finalised& finalised) {
  if (!lib_.empty()) lib_.Publish(LibJson(finalised) + "\n");
}

}  // namespace gtestnet::node
