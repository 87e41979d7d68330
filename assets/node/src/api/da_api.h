// SPDX-License-Identifier: Apache-2.0
//
// The routes of data availability.
#ifndef GTESTNET_NODE_API_DA_API_H_
#define GTESTNET_NODE_API_DA_API_H_

#include <functional>

#include "api/http_server.h"
#include "config.h"
#include "core/engine.h"
#include "da/da_service.h"

namespace gtestnet::node {

class DaApi {
 public:
  // `service` and `engine` must outlive it.
  DaApi(Role role, DaService* service, const Engine* engine)
      : role_(role), service_(service), engine_(engine) {}

  // 404 for what is no route of these.
  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  using Handler = HttpResponse (DaApi::*)(const HttpRequest&);
  struct Route {
    const char* method;
    const char* path;
    Handler handler;
    bool has_body = true;
    bool executors_only = false;
  };
  static const Route kRoutes[];

  HttpResponse Disperse(const HttpRequest& request);
  HttpResponse AddShare(const HttpRequest& request);
  HttpResponse Commitments(const HttpRequest& request);
  HttpResponse StoredCommitments(const HttpRequest& request);
  HttpResponse GetShare(const HttpRequest& request);
  HttpResponse SamplingShares(const HttpRequest& request);
  HttpResponse Reconstruct(const HttpRequest& request);
  HttpResponse BlockPeer(const HttpRequest& request);
  HttpResponse UnblockPeer(const HttpRequest& request);
  HttpResponse BlacklistedPeers(const HttpRequest& request);
  HttpResponse BalancerStats(const HttpRequest& request);
  HttpResponse MonitorStats(const HttpRequest& request);
  HttpResponse Membership(const HttpRequest& request);
  HttpResponse HistoricSampling(const HttpRequest& request);

  Role role_;
  DaService* service_;
  const Engine* engine_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_DA_API_H_
