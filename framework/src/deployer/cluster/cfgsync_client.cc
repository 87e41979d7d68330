// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/cluster/cfgsync_client.h"

#include <boost/json.hpp>
#include <string>

#include "gtestnet/clock.h"
#include "src/base/http.h"
#include "src/base/status.h"
#include "src/base/wait.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{10000};
constexpr milliseconds kMargin{2000};
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

absl::StatusOr<std::chrono::system_clock::time_point> AskStart(const base::Endpoint& cfgsync,
                                                               milliseconds timeout) {
  const base::HttpClient client(cfgsync);
  const Clock::TimePoint deadline = RealClock().Now() + timeout;
  absl::Status last = Unavailable("was not asked");
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - RealClock().Now());
    if (left <= milliseconds(0)) break;
    const milliseconds wait = std::min(left, kLongestWait);
    base::HttpRequest request;
    request.target = "/start?wait_ms=" + std::to_string(wait.count());
    const absl::StatusOr<base::HttpResponse> response = client.Request(request, wait + kMargin);
    if (response.ok() && response->status == 200) {
      GTESTNET_ASSIGN_OR_RETURN(const int64_t start, ParseStart(response->body));
      if (start > 0) return std::chrono::system_clock::time_point(milliseconds(start));
      last = Unavailable("not every node has asked for it: " + response->body.substr(0, 200));
      continue;  // it has waited
    }
    last = response.ok() ? Unavailable("HTTP " + std::to_string(response->status) + " " +
                                       response->body.substr(0, 200))
                         : response.status();
    RealClock().SleepFor(kRetry);
  }
  return DeadlineExceeded("the chain's start is not fixed in " + FormatDuration(timeout) +
                          "; last: " + MessageOf(last));
}

absl::StatusOr<std::chrono::system_clock::time_point> BeginChain(const base::Endpoint& cfgsync,
                                                                 milliseconds timeout) {
  int64_t start = 0;
  const absl::Status begun = WaitFor(
      "the chain's start",
      [&]() -> absl::Status {
        // To say it twice is to say it once.
        const absl::StatusOr<base::HttpResponse> response = base::HttpClient(cfgsync).Request(
            {.method = "POST", .target = "/start", .idempotent = true}, kMargin);
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
