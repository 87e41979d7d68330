// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/kube_api.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kBegin{10000};
constexpr size_t kQuoted = 300;
constexpr char kSocket[] = "kube.sock";
// Not its whole path, which may be longer than the address of a socket: commands run in the run's
// directory.
constexpr char kSocketFlag[] = "--unix-socket=kube.sock";

absl::StatusCode CodeOf(int status) {
  switch (status) {
    case 400:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAlreadyExists;
    case 502:  // the proxy's own, when the API does not answer it
    case 503:
      return absl::StatusCode::kUnavailable;
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kInternal;
  }
}

// The message of a Status object, else the text itself.
std::string WhatItSaid(const std::string& body) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  if (!error && value.is_object()) {
    const json::value* message = value.get_object().if_contains("message");
    if (message != nullptr && message->is_string()) return std::string(message->get_string());
  }
  return body.substr(0, kQuoted);
}

}  // namespace

KubeApi::KubeApi(const Tools& tools, HelperCommands& helpers, std::string socket)
    : tools_(tools),
      helpers_(helpers),
      socket_(std::move(socket)),
      client_(base::Endpoint::Unix(socket_)) {}

KubeApi::~KubeApi() {
  const std::lock_guard lock(mutex_);
  if (proxy_ >= 0) helpers_.End(proxy_);
}

absl::StatusOr<std::unique_ptr<KubeApi>> KubeApi::Open(const Tools& tools, HelperCommands& helpers,
                                                       const std::string& directory,
                                                       milliseconds timeout) {
  std::unique_ptr<KubeApi> api(new KubeApi(tools, helpers, directory + "/" + kSocket));
  GTESTNET_RETURN_IF_ERROR(api->EnsureProxy());
  const absl::Status answers = WaitFor(
      "the Kubernetes API", [&] { return api->GetText("its version", "/version").status(); },
      {.timeout = timeout});
  if (!answers.ok()) return answers;
  return api;
}

absl::Status KubeApi::EnsureProxy() const {
  const std::lock_guard lock(mutex_);
  if (ended_ && !*ended_) return absl::OkStatus();
  // One that was killed leaves its socket, and the next cannot have the name then.
  std::error_code ignored;
  std::filesystem::remove(socket_, ignored);
  auto ended = std::make_shared<std::atomic<bool>>(false);
  GTESTNET_ASSIGN_OR_RETURN(
      proxy_, helpers_.Begin("kubectl proxy", KubectlCommand(tools_, {"proxy", kSocketFlag}),
                             [ended](int) { *ended = true; }));
  ended_ = ended;
  const absl::Status listens = WaitFor("kubectl proxy: its socket",
                                       [&]() -> absl::Status {
                                         std::error_code error;
                                         if (std::filesystem::exists(socket_, error))
                                           return absl::OkStatus();
                                         return Unavailable("not there yet");
                                       },
                                       {.timeout = Scaled(kBegin)});
  if (listens.ok()) return listens;
  return MakeStatus(listens.code(),
                    MessageOf(listens) + "; its output:\n" + LastLines(helpers_.LogOf(proxy_)));
}

absl::StatusOr<base::Endpoint> KubeApi::Reach() const {
  GTESTNET_RETURN_IF_ERROR(EnsureProxy());
  return client_.endpoint();
}

absl::StatusOr<std::string> KubeApi::Ask(std::string_view what,
                                         const base::HttpRequest& request) const {
  const std::string place = "the Kubernetes API, " + std::string(what);
  GTESTNET_RETURN_IF_ERROR(Annotate(EnsureProxy(), place));
  absl::StatusOr<base::HttpResponse> response = client_.Request(request, Scaled(kAnswer));
  if (!response.ok()) return Annotate(response.status(), place);
  if (response->status >= 200 && response->status < 300) return std::move(response->body);
  return MakeStatus(CodeOf(response->status), place + ": HTTP " + std::to_string(response->status) +
                                                  ", " + WhatItSaid(response->body));
}

absl::StatusOr<std::string> KubeApi::GetText(std::string_view what,
                                             const std::string& target) const {
  return Ask(what, {.target = target});
}

absl::StatusOr<json::value> KubeApi::Get(std::string_view what, const std::string& target) const {
  GTESTNET_ASSIGN_OR_RETURN(const std::string text, GetText(what, target));
  json::error_code error;
  json::value value = json::parse(text, error);
  if (!error) return value;
  return Internal("the Kubernetes API, " + std::string(what) +
                  ": an answer that makes no sense: " + text.substr(0, kQuoted));
}

absl::Status KubeApi::Create(std::string_view what, const std::string& target,
                             const json::value& object) const {
  return Ask(what, {.method = "POST",
                    .target = target,
                    .body = json::serialize(object),
                    .idempotent = false})
      .status();
}

absl::Status KubeApi::Delete(std::string_view what, const std::string& target, bool at_once) const {
  base::HttpRequest request{.method = "DELETE", .target = target};
  if (at_once) request.body = R"({"gracePeriodSeconds":0})";
  const absl::Status status = Ask(what, request).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace gtestnet::k8s
