// SPDX-License-Identifier: Apache-2.0
// For the telemetry's tests: a collector that keeps what it is sent.
#ifndef GTESTNET_NODE_TESTING_COLLECTOR_H_
#define GTESTNET_NODE_TESTING_COLLECTOR_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/http_server.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "telemetry/otlp_url.h"

namespace gtestnet::node {

class Collector {
 public:
  struct Received {
    std::string path;
    std::string content_type;
    std::string body;
  };

  // Port 0: one that is free. `silent`: takes connections and never answers.
  explicit Collector(std::uint16_t port = 0, bool silent = false);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  [[nodiscard]] Address address() const { return address_; }
  [[nodiscard]] OtlpUrl Url(const std::string& target) const {
    return {address_.host, address_.port, target};
  }
  // What the next requests are answered with.
  void Answer(unsigned status, std::string body = "{}");
  [[nodiscard]] std::vector<Received> received() const;

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      context_.get_executor()};
  std::unique_ptr<HttpServer> server_;
  Address address_;
  mutable std::mutex mutex_;
  unsigned status_ = 200;
  std::string answer_ = "{}";
  std::vector<Received> received_;
  std::thread thread_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_COLLECTOR_H_
