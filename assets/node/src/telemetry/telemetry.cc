// SPDX-License-Identifier: Apache-2.0
#include "telemetry/telemetry.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "boost/asio/post.hpp"
#include "core/crypto.h"
#include "telemetry/otlp_json.h"

namespace gtestnet::node {
namespace {

constexpr std::chrono::milliseconds kMetricsPeriod{1000};

OtlpResource ResourceOf(const NodeConfig& config) {
  return {std::string(ProgramName(config.role)), config.identifier,
          std::string(ToString(config.role)), config.index};
}

}  // namespace

// The newest metrics, until they are sent.
class Telemetry::MetricSlot {
 public:
  struct Taken {
    std::vector<Metric> metrics;
    Millis at = 0;
  };
  void Put(std::vector<Metric> metrics, Millis at) {
    const std::lock_guard lock(mutex_);
    newest_ = {std::move(metrics), at};
  }
  Taken Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(newest_, {});
  }

 private:
  std::mutex mutex_;
  Taken newest_;
};

std::unique_ptr<Telemetry> Telemetry::Start(boost::asio::io_context& context,
                                            const NodeConfig& config, TelemetryHooks hooks) {
  if (!config.otlp.traces && !config.otlp.metrics) return nullptr;
  return std::unique_ptr<Telemetry>(new Telemetry(context, config, std::move(hooks)));
}

Telemetry::Telemetry(boost::asio::io_context& context, const NodeConfig& config,
                     TelemetryHooks hooks)
    : context_(context), hooks_(std::move(hooks)), tick_(context) {
  if (config.otlp.traces) StartTraces(config);
  if (config.otlp.metrics) StartMetrics(config);
}

Telemetry::~Telemetry() { Stop(); }

void Telemetry::StartTraces(const NodeConfig& config) {
  SpanOptions options;
  options.identifier = config.identifier;
  options.slot_duration_ms = config.consensus.slot_duration_ms;
  for (const Hash& seed : config.leader_seeds) {
    options.leader_keys.push_back(KeyPair::FromSeed(seed).public_key());
  }
  tracker_ = std::make_unique<SpanTracker>(std::move(options));
  spans_ = std::make_shared<SpanQueue>(SpanQueue::Limits());
  OtlpSenderOptions sender;
  sender.url = *config.otlp.traces;
  sender.next = [queue = spans_, resource = ResourceOf(config)]() -> std::optional<OtlpBatch> {
    const std::vector<Span> spans = queue->Take();
    if (spans.empty()) return std::nullopt;
    return OtlpBatch{TracesJson(resource, spans), spans.size()};
  };
  sender.on_problem = Reporter();
  span_sender_ = std::make_unique<OtlpSender>(std::move(sender));
}

void Telemetry::StartMetrics(const NodeConfig& config) {
  slot_ = std::make_shared<MetricSlot>();
  OtlpSenderOptions sender;
  sender.url = *config.otlp.metrics;
  sender.next = [slot = slot_, resource = ResourceOf(config),
                 since = hooks_.now()]() -> std::optional<OtlpBatch> {
    const MetricSlot::Taken taken = slot->Take();
    if (taken.metrics.empty()) return std::nullopt;
    return OtlpBatch{MetricsJson(resource, taken.metrics, since, taken.at), taken.metrics.size()};
  };
  sender.on_problem = Reporter();
  sender.keeps = false;
  metric_sender_ = std::make_unique<OtlpSender>(std::move(sender));
  Tick();
}

std::function<void(const std::string&)> Telemetry::Reporter() {
  return [this, &context = context_, alive = std::weak_ptr(alive_)](const std::string& problem) {
    boost::asio::post(context, [this, alive, problem] {
      if (!alive.expired()) hooks_.problem(problem);
    });
  };
}

void Telemetry::Tick() {
  tick_.expires_after(kMetricsPeriod);
  tick_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired()) return;
    slot_->Put(hooks_.metrics(), hooks_.now());
    Tick();
  });
}

void Telemetry::Handled(const Event& event, const Actions& actions, const EngineMetrics& metrics,
                        Millis now) {
  if (tracker_ == nullptr) return;
  tracker_->Handled(event, actions, metrics, now);
  spans_->Add(tracker_->Take());
}

void Telemetry::Submitted(const Actions& actions, Millis now) {
  if (tracker_ == nullptr) return;
  tracker_->Submitted(actions, now);
  spans_->Add(tracker_->Take());
}

std::vector<Metric> Telemetry::OwnMetrics() const {
  constexpr MetricKind kCounter = MetricKind::kCounter;
  std::vector<Metric> metrics;
  if (span_sender_ != nullptr) {
    const OtlpCounts counts = span_sender_->counts();
    metrics.push_back(
        {"otlp_spans_sent_total", kCounter, "Spans that the collector took.", counts.sent});
    metrics.push_back({"otlp_spans_dropped_total", kCounter,
                       "Spans for which there was no room, or that the collector did not take.",
                       counts.dropped + spans_->dropped()});
    metrics.push_back({"otlp_spans_failures_total", kCounter,
                       "Requests with spans that the collector did not answer well.",
                       counts.failures});
  }
  if (metric_sender_ != nullptr) {
    const OtlpCounts counts = metric_sender_->counts();
    metrics.push_back(
        {"otlp_metrics_sent_total", kCounter, "Values that the collector took.", counts.sent});
    metrics.push_back({"otlp_metrics_failures_total", kCounter,
                       "Requests with metrics that the collector did not answer well.",
                       counts.failures});
  }
  return metrics;
}

bool Telemetry::resolving() const {
  return (span_sender_ != nullptr && span_sender_->resolving()) ||
         (metric_sender_ != nullptr && metric_sender_->resolving());
}

void Telemetry::Stop() {
  tick_.cancel();
  if (span_sender_ != nullptr) span_sender_->Stop();
  if (metric_sender_ != nullptr) metric_sender_->Stop();
}

}  // namespace gtestnet::node
