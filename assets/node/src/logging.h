// SPDX-License-Identifier: Apache-2.0
//
// The log of one node: a line per event that matters, with its time, level and topic.
//
//   logger->Log(LogLevel::kInfo, "network", "connected to validator-1");
//
// Topics are consensus, network, mempool, storage, api and node. Each line is written out at once,
// so that the last lines of a node that was killed are there. Not for use from several threads.
#ifndef GTESTNET_NODE_LOGGING_H_
#define GTESTNET_NODE_LOGGING_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "config.h"

namespace gtestnet::node {

class Logger {
 public:
  // Makes the directory if there is one to be made, and adds to a file that is there.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Logger>> Open(const NodeConfig& config);

  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  [[nodiscard]] bool Enabled(LogLevel level, std::string_view topic) const;
  void Log(LogLevel level, std::string_view topic, std::string_view text);
  void Flush();

 private:
  struct Impl;
  explicit Logger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_LOGGING_H_
