// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/prometheus_ready.h"

#include <string>

#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kAnswer{2000};

}  // namespace

absl::Status AwaitPrometheus(const std::function<absl::StatusOr<base::Endpoint>()>& where,
                             std::chrono::milliseconds timeout) {
  return WaitFor("prometheus: not ready",
                 [&]() -> absl::Status {
                   GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint endpoint, where());
                   GTESTNET_ASSIGN_OR_RETURN(
                       const base::HttpResponse answer,
                       base::HttpClient(endpoint).Request({.target = "/-/ready"}, kAnswer));
                   if (answer.status == 200) return absl::OkStatus();
                   return Unavailable("HTTP " + std::to_string(answer.status));
                 },
                 {.timeout = timeout});
}

}  // namespace gtestnet
