// SPDX-License-Identifier: Apache-2.0
//
// The routes of the HTTP API: from a request to the response, over the engine's queries.
#ifndef GTESTNET_NODE_API_API_H_
#define GTESTNET_NODE_API_API_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "api/http_server.h"
#include "config.h"
#include "core/engine.h"
#include "peers/network.h"

namespace gtestnet::node {

// Where answers come from. All of it outlives the API.
struct ApiSources {
  Role role = Role::kValidator;
  const Engine* engine = nullptr;
  std::function<absl::Status(SignedMantleTx)> submit;
  std::function<NetworkCounts()> network;
  std::function<Address()> network_address;
  std::function<std::string()> metrics;
  // Answers what is no route of this API; none: 404.
  HttpHandler more = {};
};

class Api {
 public:
  explicit Api(ApiSources sources) : sources_(std::move(sources)) {}

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

  // Lines for those that follow the streams.
  void OnBlock(const BlockApplied& applied);
  void OnFinalised(const Finalised& finalised);

 private:
  using Handler = HttpResponse (Api::*)(const HttpRequest&);
  struct Route {
    const char* method;
    const char* path;
    Handler handler;
    bool validators_only = false;
  };
  static const Route kRoutes[];

  HttpResponse Info(const HttpRequest& request);
  HttpResponse Headers(const HttpRequest& request);
  HttpResponse LibStream(const HttpRequest& request);
  HttpResponse Blocks(const HttpRequest& request);
  HttpResponse BlockStream(const HttpRequest& request);
  HttpResponse StorageBlock(const HttpRequest& request);
  HttpResponse AddTransaction(const HttpRequest& request);
  HttpResponse MempoolMetrics(const HttpRequest& request);
  HttpResponse TransactionStatus(const HttpRequest& request);
  HttpResponse NetworkInfo(const HttpRequest& request);
  HttpResponse Metrics(const HttpRequest& request);

  ApiSources sources_;
  StreamHub blocks_;
  StreamHub lib_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_API_H_
