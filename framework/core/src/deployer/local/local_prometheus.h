// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_PROMETHEUS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_PROMETHEUS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// The program prometheus in PATH. kNotFound says what to do.
absl::StatusOr<std::string> FindPrometheus();

// A run's Prometheus, as a process under the run's guardian. All its files are in one directory of
// the run's.
class LocalPrometheus {
 public:
  struct Options {
    std::string run_id = {};
    std::string directory = {};  // is made; the run's directory is there
    // An address that no other run has; the port there is 9090 unless that is taken. With
    // TEST_FRAMEWORK_PROMETHEUS_PORT it is that one of 127.0.0.1 instead, or an error.
    std::string host = {};
    int process = 0;  // number of its process at the guardian
    MetricsRoute route = {};
  };

  // Chooses its address and writes its files.
  static absl::StatusOr<std::unique_ptr<LocalPrometheus>> Prepare(Options options);
  // It is not ready yet.
  absl::Status Start(Guardian& guardian, std::map<std::string, std::string> environment);
  // The error says what was last seen, and the end of its log.
  absl::Status AwaitReady(std::chrono::milliseconds timeout) const;
  // These are scraped from now on.
  absl::Status Target(const std::vector<NodeInfo>& nodes);
  // Whether that process is this one, which ended.
  bool NoteExit(int process, int status);

  // "http://127.7.1.255:9090"; kUnavailable when it ended.
  absl::StatusOr<std::string> endpoint() const;
  const std::string& log() const { return log_; }

 private:
  LocalPrometheus(Options options, std::string program);
  absl::Status ChooseAddress();
  std::string Url() const { return "http://" + host_ + ":" + std::to_string(port_); }

  const Options options_;
  const std::string program_;
  const std::string log_;
  std::string host_;
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::string ended_;  // how, once it has
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_LOCAL_LOCAL_PROMETHEUS_H_
