// SPDX-License-Identifier: Apache-2.0
#include "api/response.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gtestnet::node {

HttpResponse Json(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

HttpResponse Text(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

HttpResponse BadBody(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) {
    return Text(400, absl::StrCat("Failed to parse the request body as JSON: ", status.message()));
  }
  return Text(422, absl::StrCat("Failed to deserialize the JSON body into the target type: ",
                                status.message()));
}

HttpResponse NotJson() {
  return Text(415, "Expected request with `Content-Type: application/json`");
}

bool IsJson(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  const absl::string_view type(content_type.data(), content_type.size());
  return absl::EqualsIgnoreCase(type, "application/json") ||
         (absl::StartsWithIgnoreCase(type, "application/") &&
          absl::EndsWithIgnoreCase(type, "+json"));
}

}  // namespace gtestnet::node
