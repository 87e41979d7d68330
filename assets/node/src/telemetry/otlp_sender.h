// SPDX-License-Identifier: Apache-2.0
//
// Brings bodies to one URL by HTTP POST, on a thread of its own.
#ifndef GTESTNET_NODE_TELEMETRY_OTLP_SENDER_H_
#define GTESTNET_NODE_TELEMETRY_OTLP_SENDER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "telemetry/otlp_url.h"

namespace gtestnet::node {

struct OtlpBatch {
  std::string body;
  std::uint64_t items = 0;
};

struct OtlpSenderOptions {
  OtlpUrl url = {};
  // Called on the sender's thread, whenever it is idle: what to send next, or nothing.
  std::function<std::optional<OtlpBatch>()> next = {};
  // Called on the sender's thread when the collector fails for the first time, and for the first
  // time again after it had answered.
  std::function<void(const std::string& problem)> on_problem = {};
  // A batch that may be sent again later is kept; else it is dropped, as the next one is newer.
  bool keeps = true;
  std::chrono::milliseconds period{250};       // between two looks whether there is something
  std::chrono::milliseconds timeout{5000};     // of one request
  std::chrono::milliseconds first_pause{250};  // after a failure, doubling up to …
  std::chrono::milliseconds last_pause{5000};
  std::chrono::milliseconds farewell{250};  // how long the end waits for what is still to be sent
};

struct OtlpCounts {
  std::uint64_t sent = 0;      // items that the collector took
  std::uint64_t dropped = 0;   // items that it did not, or never got
  std::uint64_t failures = 0;  // requests
};

// As OTLP/HTTP has it: 200 is taken (but for what partialSuccess rejects), 429, 502, 503 and 504
// and lost connections are tried again later, anything else is not.
class OtlpSender {
 public:
  explicit OtlpSender(OtlpSenderOptions options);
  ~OtlpSender() { Stop(); }
  OtlpSender(const OtlpSender&) = delete;
  OtlpSender& operator=(const OtlpSender&) = delete;

  [[nodiscard]] OtlpCounts counts() const;
  // Whether its thread waits for a name server; then the thread outlives this object.
  [[nodiscard]] bool resolving() const;
  // Sends what there is, if that goes fast, and ends. Neither function is called afterwards.
  void Stop();

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_OTLP_SENDER_H_
