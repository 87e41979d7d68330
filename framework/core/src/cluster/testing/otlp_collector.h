// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_TESTING_OTLP_COLLECTOR_H_
#define GTESTNET_CORE_SRC_CLUSTER_TESTING_OTLP_COLLECTOR_H_

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet {

struct ReceivedSpan {
  std::string node;
  std::string name;
  std::string trace;
  std::string id;
  std::string parent;
  bool failed = false;
  std::map<std::string, std::string> attributes;  // "true" and "false" for flags
};

// Keeps what nodes send: spans, and which metrics there were. Listens on a free port of 127.0.0.1
// or, `everywhere`, of all addresses of this machine. Any thread may ask.
class OtlpCollector {
 public:
  explicit OtlpCollector(bool everywhere = false)
      : server_([this](auto& connection) { Serve(connection); }, {}, everywhere) {}

  // "http://127.0.0.1:40001", for both signals.
  std::string endpoint() const { return "http://" + server_.endpoint().ToString(); }
  // Those of a name, by the value of an attribute.
  std::multimap<std::string, ReceivedSpan> By(const std::string& name,
                                              const std::string& attribute) const;
  // The nodes of which there is a span, or a metric, of that name.
  std::set<std::string> NodesWithSpan(const std::string& name) const;
  std::set<std::string> NodesWithMetric(const std::string& name) const;

 private:
  void Serve(base::FakeHttpServer::Connection& connection);
  void Take(const std::string& request);

  mutable std::mutex mutex_;
  std::vector<ReceivedSpan> spans_;
  std::map<std::string, std::set<std::string>> metrics_;  // nodes, by the metric's name
  // The last member: its threads end first.
  base::FakeHttpServer server_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_TESTING_OTLP_COLLECTOR_H_
