// SPDX-License-Identifier: Apache-2.0
#include "api/da_api.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "api/da_json.h"
#include "api/response.h"
#include "thread_time.h"

namespace gtestnet::node {
namespace {

// A response that comes when the service replies. `ask` is given what to call then; `tell` makes
// the body of a reply that is OK.
template <class Ask, class Tell>
HttpResponse Later(Ask ask, Tell tell, std::string failure = "") {
  HttpResponse response;
  response.later = [ask = std::move(ask), tell = std::move(tell),
                    failure = std::move(failure)](std::function<void(HttpResponse)> reply) mutable {
    ask([tell, failure, reply = std::move(reply)](const DaReply& answer) {
      if (answer.status.ok()) return reply(Json(tell(answer.value)));
      if (absl::IsNotFound(answer.status)) return reply(Json("null"));
      reply(Text(500, absl::StrCat(failure, answer.status.message())));
    });
  };
  return response;
}

}  // namespace

const DaApi::Route DaApi::kRoutes[] = {
    {"POST", "/disperse-data", &DaApi::Disperse, true, /*executors_only=*/true},
    {"POST", "/da/add-share", &DaApi::AddShare},
    {"POST", "/da/get-commitments", &DaApi::Commitments},
    {"GET", "/da/get-storage-commitments", &DaApi::StoredCommitments},
    {"GET", "/da/get-share", &DaApi::GetShare},
    {"GET", "/da/sampling/shares", &DaApi::SamplingShares},
    {"POST", "/da/reconstruct", &DaApi::Reconstruct},
    {"POST", "/da/block-peer", &DaApi::BlockPeer},
    {"POST", "/da/unblock-peer", &DaApi::UnblockPeer},
    {"GET", "/da/blacklisted-peers", &DaApi::BlacklistedPeers, /*has_body=*/false},
    {"GET", "/da/balancer-stats", &DaApi::BalancerStats, /*has_body=*/false},
    {"GET", "/da/monitor-stats", &DaApi::MonitorStats, /*has_body=*/false},
    {"POST", "/test/da/membership", &DaApi::Membership},
    {"POST", "/test/da/historic-sampling", &DaApi::HistoricSampling},
};

HttpResponse DaApi::Handle(const HttpRequest& request) {
  const auto route = std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& each) {
    return request.path == each.path && (!each.executors_only || role_ == Role::kExecutor);
  });
  if (route == std::end(kRoutes)) return Text(404, "");
  if (request.method != route->method) {
    HttpResponse response = Text(405, "");
    response.allow = route->method == std::string_view("GET") ? "GET,HEAD" : route->method;
    return response;
  }
  if (route->has_body && !IsJson(request.content_type)) return NotJson();
  const std::chrono::nanoseconds begin = ThreadTime();
  HttpResponse response = (this->*route->handler)(request);
  service_->CountWork(ThreadTime() - begin);
  return response;
}

HttpResponse DaApi::Disperse(const HttpRequest& request) {
  absl::StatusOr<DisperseBody> body = ParseDisperse(request.body);
  if (!body.ok()) return BadBody(body.status());
  return Later(
      [service = service_, held = *std::move(body)](DaService::Reply reply) mutable {
        service->Disperse(held.channel, held.parent, std::move(held.data), std::move(reply));
      },
      [](const auto& value) { return BlobIdJson(std::get<BlobId>(value)); },
      "Failed to disperse data: ");
}

HttpResponse DaApi::AddShare(const HttpRequest& request) {
  const absl::StatusOr<NewShare> body = ParseNewShare(request.body);
  if (!body.ok()) return BadBody(body.status());
  return Later(
      [service = service_, held = *body](DaService::Reply reply) {
        service->Add(held.commitment, held.share, std::move(reply));
      },
      [](const auto&) { return std::string("null"); });
}

HttpResponse DaApi::Commitments(const HttpRequest& request) {
  const absl::StatusOr<BlobId> blob = ParseBlobId(request.body);
  if (!blob.ok()) return BadBody(blob.status());
  return Later([service = service_, id = *blob](
                   DaService::Reply reply) { service->FindCommitmentOf(id, std::move(reply)); },
               [](const auto& value) { return CommitmentJson(std::get<Commitment>(value)); });
}

HttpResponse DaApi::StoredCommitments(const HttpRequest& request) {
  const absl::StatusOr<BlobId> blob = ParseBlobId(request.body);
  if (!blob.ok()) return BadBody(blob.status());
  const std::optional<Commitment> commitment = service_->engine().StoredCommitment(*blob);
  return Json(commitment.has_value() ? CommitmentJson(*commitment) : "null");
}

HttpResponse DaApi::GetShare(const HttpRequest& request) {
  const absl::StatusOr<ShareBody> body = ParseShareRequest(request.body);
  if (!body.ok()) return BadBody(body.status());
  if (body->column >= kColumns) return Json("null");
  const std::optional<Share> share = service_->engine().StoredShare(body->blob, body->column);
  return Json(share.has_value() ? ShareJson(*share) : "null");
}

HttpResponse DaApi::SamplingShares(const HttpRequest& request) {
  const absl::StatusOr<SamplingBody> body = ParseSampling(request.body);
  if (!body.ok()) return BadBody(body.status());
  const std::optional<Shares> shares =
      service_->engine().StoredShares(body->blob, body->requested, body->filter, body->all);
  if (!shares.has_value()) return Text(500, "Blob index not found");
  std::string lines;
  for (const Share& share : *shares) lines += ShareJson(share) + "\n";
  return Json(std::move(lines));
}

HttpResponse DaApi::Reconstruct(const HttpRequest& request) {
  const absl::StatusOr<BlobId> blob = ParseBlobId(request.body);
  if (!blob.ok()) return BadBody(blob.status());
  return Later([service = service_,
                id = *blob](DaService::Reply reply) { service->Reconstruct(id, std::move(reply)); },
               [](const auto& value) { return ReconstructedJson(std::get<Reconstructed>(value)); });
}

HttpResponse DaApi::BlockPeer(const HttpRequest& request) {
  const absl::StatusOr<std::string> name = ParseText(request.body);
  if (!name.ok()) return BadBody(name.status());
  return Json(service_->Block(*name) ? "true" : "false");
}

HttpResponse DaApi::UnblockPeer(const HttpRequest& request) {
  const absl::StatusOr<std::string> name = ParseText(request.body);
  if (!name.ok()) return BadBody(name.status());
  return Json(service_->Unblock(*name) ? "true" : "false");
}

HttpResponse DaApi::BlacklistedPeers(const HttpRequest&) {
  return Json(NamesJson(service_->engine().Blocked()));
}

HttpResponse DaApi::BalancerStats(const HttpRequest&) {
  return Json(BalancesJson(service_->engine().Balances()));
}

HttpResponse DaApi::MonitorStats(const HttpRequest&) {
  return Json(FailuresJson(service_->engine().Failures()));
}

HttpResponse DaApi::Membership(const HttpRequest& request) {
  const absl::StatusOr<std::uint64_t> session = ParseNumber(request.body);
  if (!session.ok()) return BadBody(session.status());
  if (*session != 0) return Json("{\"assignations\":{},\"addressbook\":{}}");
  return Json(MembershipJson(service_->config().members, service_->engine().placement()));
}

HttpResponse DaApi::HistoricSampling(const HttpRequest& request) {
  const absl::StatusOr<HistoricBody> body = ParseHistoric(request.body);
  if (!body.ok()) return BadBody(body.status());
  std::vector<BlobId> blobs;
  bool known = engine_->HeightOf(body->block).has_value();
  for (const auto& [blob, session] : body->blobs) {
    known = known && session == 0;
    blobs.push_back(blob);
  }
  if (!known) return Json("false");
  return Later(
      [service = service_, held = std::move(blobs)](DaService::Reply reply) mutable {
        service->Check(std::move(held), std::move(reply));
      },
      [](const auto& value) { return std::string(std::get<bool>(value) ? "true" : "false"); });
}

}  // namespace gtestnet::node
