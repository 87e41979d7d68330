// SPDX-License-Identifier: Apache-2.0
//
// Answers that many routes give.
#ifndef GTESTNET_NODE_API_RESPONSE_H_
#define GTESTNET_NODE_API_RESPONSE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "api/http_server.h"

namespace gtestnet::node {

[[nodiscard]] HttpResponse Json(std::string body);
[[nodiscard]] HttpResponse Text(unsigned status, std::string body);
// What the real node says of a body that is not what a route takes: of a status from json.h.
[[nodiscard]] HttpResponse BadBody(const absl::Status& status);
[[nodiscard]] HttpResponse NotJson();  // of a body whose type is not IsJson
[[nodiscard]] bool IsJson(std::string_view content_type);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_RESPONSE_H_
