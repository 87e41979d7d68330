// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/http_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "gtestnet/printable.h"

namespace gtestnet {
namespace {

// RFC 9110, 5.6.2.
bool IsToken(std::string_view name) {
  constexpr std::string_view kAlso = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](unsigned char c) {
    return absl::ascii_isalnum(c) || kAlso.find(static_cast<char>(c)) != kAlso.npos;
  });
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(
      text, [](unsigned char c) { return absl::ascii_iscntrl(c) != 0 && c != '\t'; });
}

// A path or a host: nothing that would end it on the request's lines.
bool IsOneWord(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

absl::Status CheckHeader(const std::string& name, const std::string& value) {
  constexpr std::array<const char*, 4> kOwn = {"Host", "Content-Length", "Transfer-Encoding",
                                               "Connection"};
  if (!IsToken(name)) return InvalidArgument("\"" + name + "\" is no name of a header");
  if (std::ranges::any_of(kOwn,
                          [&](const char* own) { return absl::EqualsIgnoreCase(own, name); })) {
    return InvalidArgument("the header " + name + " is the client's own");
  }
  if (HasControl(value)) return InvalidArgument("the header " + name + " has a line's end in it");
  return absl::OkStatus();
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const HttpAnswer& answer) {
  constexpr size_t kMostBytes = 200;
  os << "HTTP " << answer.status << ", " << answer.body.size() << " bytes";
  if (answer.body.empty()) return os;
  return os << ": \"" << Printable(std::string_view(answer.body).substr(0, kMostBytes)) << "\""
            << (answer.body.size() > kMostBytes ? "…" : "");
}

class HttpClient::Impl {
 public:
  Impl(std::string host, uint16_t port, HttpClientOptions options)
      : options_(std::move(options)),
        client_(base::Endpoint::Tcp(std::move(host), port),
                {.body_bytes = options_.most_body_bytes}) {}

  absl::StatusOr<HttpAnswer> Request(base::HttpRequest request,
                                     const HttpRequestOptions& options) const {
    const std::string server = client_.endpoint().ToString();
    const std::string what = absl::StrCat(request.method, " http://", server, request.target, ": ");
    absl::Status status = Complete(request, options);
    if (!status.ok()) return MakeStatus(status.code(), what + MessageOf(status));
    absl::StatusOr<base::HttpResponse> response =
        client_.Request(request, options.deadline, options.stop);
    if (response.ok()) {
      return HttpAnswer{response->status, std::move(response->headers), std::move(response->body)};
    }
    const std::string said = MessageOf(response.status());
    const std::string known = absl::StrCat(server, ": ", request.method, " ", request.target, ": ");
    return MakeStatus(response.status().code(), absl::StrCat(what, absl::StripPrefix(said, known)));
  }

 private:
  // Sees to what the caller gave, and adds the headers.
  absl::Status Complete(base::HttpRequest& request, const HttpRequestOptions& options) const {
    const base::Endpoint& server = client_.endpoint();
    if (server.host.empty() || !IsOneWord(server.host)) {
      return InvalidArgument("\"" + server.host + "\" is no host");
    }
    if (server.port == 0) return InvalidArgument("there is no port 0");
    if (!request.target.starts_with('/') || !IsOneWord(request.target)) {
      return InvalidArgument("a path begins with \"/\" and has no spaces or line's ends");
    }
    for (const auto* headers : {&options_.headers, &options.headers}) {
      for (const auto& [name, value] : *headers) {
        GTESTNET_RETURN_IF_ERROR(CheckHeader(name, value));
        if (absl::EqualsIgnoreCase(name, "Content-Type")) {
          request.content_type = value;
          continue;
        }
        std::erase_if(request.headers, [&name = name](const auto& one) {
          return absl::EqualsIgnoreCase(one.first, name);
        });
        request.headers[name] = value;
      }
    }
    return absl::OkStatus();
  }

  const HttpClientOptions options_;
  const base::HttpClient client_;
};

HttpClient::HttpClient(std::string host, uint16_t port, HttpClientOptions options)
    : impl_(std::make_unique<const Impl>(std::move(host), port, std::move(options))) {}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

absl::StatusOr<HttpAnswer> HttpClient::Get(std::string_view path,
                                           const HttpRequestOptions& options) const {
  return impl_->Request({.method = "GET", .target = std::string(path)}, options);
}

absl::StatusOr<HttpAnswer> HttpClient::Post(std::string_view path, std::string body,
                                            const HttpRequestOptions& options) const {
  return impl_->Request(
      {.method = "POST", .target = std::string(path), .body = std::move(body), .idempotent = false},
      options);
}

}  // namespace gtestnet
