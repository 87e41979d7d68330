// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/cfgsync_client.h"

#include <boost/json.hpp>
#include <string>

#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/clock.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{2000};
constexpr milliseconds kRetry{20};

// Milliseconds; 0 when it is not known yet.
absl::StatusOr<int64_t> ParseStart(const std::string& body) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  const boost::json::value* start =
      !error && value.is_object() ? value.get_object().if_contains("start") : nullptr;
  if (start == nullptr) return Internal("an answer that makes no sense: " + body.substr(0, 200));
  if (start->is_null()) return 0;
  const auto number = start->to_number<int64_t>(error);
  if (error) return Internal("an answer that makes no sense: " + body.substr(0, 200));
  return number;
}

}  // namespace

absl::StatusOr<std::chrono::system_clock::time_point> BeginChain(const base::Endpoint& cfgsync,
                                                                 milliseconds timeout) {
  int64_t start = 0;
  const absl::Status begun = WaitFor(
      "the chain's start",
      [&]() -> absl::Status {
        // To say it twice is to say it once.
        const absl::StatusOr<base::HttpResponse> response = base::HttpClient(cfgsync).Request(
            {.method = "POST", .target = "/start", .idempotent = true}, kAnswer);
        if (!response.ok()) return response.status();
        if (response->status != 200) {
          return Unavailable("HTTP " + std::to_string(response->status) + " " +
                             response->body.substr(0, 200));
        }
        GTESTNET_ASSIGN_OR_RETURN(start, ParseStart(response->body));
        return start > 0 ? absl::OkStatus() : Internal("cfgsync says none");
      },
      {.timeout = timeout, .poll_interval = kRetry});
  if (!begun.ok()) return begun;
  return std::chrono::system_clock::time_point(milliseconds(start));
}

}  // namespace gtestnet
