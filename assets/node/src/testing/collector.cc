// SPDX-License-Identifier: Apache-2.0
#include "testing/collector.h"

#include "boost/asio/post.hpp"

namespace gtestnet::node {

Collector::Collector(std::uint16_t port, bool silent) {
  HttpOptions options;
  options.listen = {"127.0.0.1", port};
  options.silent = silent;
  server_ = HttpServer::Listen(context_, std::move(options), [this](const HttpRequest& request) {
              const std::lock_guard lock(mutex_);
              received_.push_back({std::string(request.path), std::string(request.content_type),
                                   std::string(request.body)});
              HttpResponse response;
              response.status = status_;
              response.body = answer_;
              return response;
            }).value();
  address_ = server_->address();
  thread_ = std::thread([this] { context_.run(); });
}

Collector::~Collector() {
  boost::asio::post(context_, [this] { server_->Stop(); });
  guard_.reset();
  thread_.join();
}

void Collector::Answer(unsigned status, std::string body) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  answer_ = std::move(body);
}

std::vector<Collector::Received> Collector::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

}  // namespace gtestnet::node
