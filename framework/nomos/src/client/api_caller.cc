// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/client/api_caller.h"

#include <utility>

#include "core/src/base/hash.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kQuoted = 300;
constexpr char kApi[] = "api";

base::Endpoint ApiAt(const NodeAddress& address) {
  const auto port = address.ports.find(kApi);
  return base::Endpoint::Tcp(address.host,
                             port == address.ports.end() ? uint16_t{0} : port->second);
}

absl::StatusCode CodeOf(const base::HttpResponse& response) {
  switch (response.status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 404:
    case 405:
      return absl::StatusCode::kNotFound;
    case 408:
    case 429:
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return response.body == "Item already in mempool" ? absl::StatusCode::kAlreadyExists
                                                        : absl::StatusCode::kInternal;
  }
}

}  // namespace

base::HttpRequest Get(std::string target) {
  base::HttpRequest request;
  request.target = std::move(target);
  return request;
}

base::HttpRequest Post(std::string target, std::string body) {
  base::HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

absl::Status CheckId(std::string_view what, std::string_view id) {
  if (base::ParseHash(id)) return absl::OkStatus();
  return InvalidArgument(absl::StrCat(ToAbsl(what), " \"", ToAbsl(id.substr(0, 80)),
                                      "\" is not 64 hexadecimal digits"));
}

ApiCaller::ApiCaller(const NodeInfo& node)
    : node_(node), http_(std::make_shared<const base::HttpClient>(ApiAt(node.CurrentAddress()))) {}

std::shared_ptr<const base::HttpClient> ApiCaller::Http() const {
  const std::lock_guard lock(mutex_);
  if (node_.whereabouts) {
    base::Endpoint now = ApiAt(node_.whereabouts->Get());
    const base::Endpoint& known = http_->endpoint();
    if (now.port != known.port || now.host != known.host) {
      http_ = std::make_shared<const base::HttpClient>(std::move(now));
    }
  }
  return http_;
}

absl::StatusOr<std::string> ApiCaller::Ask(const base::HttpRequest& request,
                                           std::chrono::milliseconds timeout) const {
  const std::shared_ptr<const base::HttpClient> http = Http();
  if (http->endpoint().port == 0) {
    return Unavailable(absl::StrCat(node_.name, ": ", request.method, " ", request.target,
                                    ": where the node can be reached is not known just now"));
  }
  absl::StatusOr<base::HttpResponse> response = http->Request(request, timeout);
  if (!response.ok()) return Annotate(response.status(), node_.name);
  if (response->status == 200) return std::move(response->body);
  return MakeStatus(
      CodeOf(*response),
      absl::StrCat(node_.name, ": ", http->endpoint().ToString(), ": ", request.method, " ",
                   request.target, ": HTTP ", response->status, response->body.empty() ? "" : ": ",
                   response->body.substr(0, kQuoted)));
}

}  // namespace gtestnet::nomos
