// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CLIENT_API_CALLER_H_
#define GTESTNET_NOMOS_SRC_CLIENT_API_CALLER_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::nomos {

base::HttpRequest Get(std::string target);
base::HttpRequest Post(std::string target, std::string body);

// Ids of the user's go into targets and bodies: nothing but what an id is made of.
absl::Status CheckId(std::string_view what, std::string_view id);

// Calls the API of one node, wherever it is just now. Any thread may use it.
class ApiCaller {
 public:
  explicit ApiCaller(const NodeInfo& node);

  const NodeInfo& node() const { return node_; }
  base::Endpoint endpoint() const { return Http()->endpoint(); }

  // The body of an answer of status 200; anything else is an error that names node and request.
  absl::StatusOr<std::string> Ask(const base::HttpRequest& request,
                                  std::chrono::milliseconds timeout) const;

  // `parse` of such a body.
  template <class Parse>
  auto Ask(const base::HttpRequest& request, std::chrono::milliseconds timeout, Parse parse) const
      -> decltype(parse(std::string())) {
    absl::StatusOr<std::string> body = Ask(request, timeout);
    if (!body.ok()) return body.status();
    auto parsed = parse(*body);
    if (parsed.ok()) return parsed;
    return Annotate(parsed.status(), absl::StrCat(node_.name, ": ", endpoint().ToString(), ": ",
                                                  request.method, " ", request.target));
  }

 private:
  // With connections to where the node is now.
  std::shared_ptr<const base::HttpClient> Http() const;

  const NodeInfo node_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const base::HttpClient> http_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CLIENT_API_CALLER_H_
