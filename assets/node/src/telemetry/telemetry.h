// SPDX-License-Identifier: Apache-2.0
//
// What a node tells collectors of OpenTelemetry: its spans and its metrics, over OTLP/HTTP in JSON.
// The protocol never waits for it: what does not fit into a bounded queue is dropped and counted.
#ifndef GTESTNET_NODE_TELEMETRY_TELEMETRY_H_
#define GTESTNET_NODE_TELEMETRY_TELEMETRY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "config.h"
#include "core/engine.h"
#include "metrics.h"
#include "telemetry/otlp_sender.h"
#include "telemetry/span_queue.h"
#include "telemetry/span_tracker.h"

namespace gtestnet::node {

struct TelemetryHooks {
  std::function<Millis()> now;
  std::function<std::vector<Metric>()> metrics;
  // A collector does not take what it is sent. From the context's loop.
  std::function<void(const std::string& problem)> problem;
};

class Telemetry {
 public:
  // Null where nothing is to be sent. On the context's thread, like everything here.
  [[nodiscard]] static std::unique_ptr<Telemetry> Start(boost::asio::io_context& context,
                                                        const NodeConfig& config,
                                                        TelemetryHooks hooks);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  [[nodiscard]] bool traces() const { return tracker_ != nullptr; }
  // See SpanTracker; only where there are traces.
  void Handled(const Event& event, const Actions& actions, const EngineMetrics& metrics,
               Millis now);
  void Submitted(const Actions& actions, Millis now);

  // Of itself: what was sent and dropped.
  [[nodiscard]] std::vector<Metric> OwnMetrics() const;
  // Whether a thread may be waiting for a name server.
  [[nodiscard]] bool resolving() const;
  // Sends what there is, if that goes fast.
  void Stop();

 private:
  class MetricSlot;
  Telemetry(boost::asio::io_context& context, const NodeConfig& config, TelemetryHooks hooks);
  void StartTraces(const NodeConfig& config);
  void StartMetrics(const NodeConfig& config);
  void Tick();
  // For the senders' threads.
  std::function<void(const std::string&)> Reporter();

  boost::asio::io_context& context_;
  TelemetryHooks hooks_;
  boost::asio::steady_timer tick_;
  std::unique_ptr<SpanTracker> tracker_;
  std::shared_ptr<SpanQueue> spans_;
  std::shared_ptr<MetricSlot> slot_;
  std::unique_ptr<OtlpSender> span_sender_;
  std::unique_ptr<OtlpSender> metric_sender_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_TELEMETRY_H_
