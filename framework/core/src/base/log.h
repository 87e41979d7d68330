// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_LOG_H_
#define GTESTNET_CORE_SRC_BASE_LOG_H_

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace gtestnet {

// A logger of the library's own, to standard error, at the level that GTESTNET_LOG names (default:
// warnings). Not in spdlog's registry: a program's own loggers and ours never meet.
std::shared_ptr<spdlog::logger> MakeLogger(const std::string& name);

// Whether `level` is a word that GTESTNET_LOG takes.
bool IsLogLevel(const std::string& level);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_LOG_H_
