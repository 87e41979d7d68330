// SPDX-License-Identifier: Apache-2.0
#include "src/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include "gtestnet/variables.h"

namespace gtestnet {

bool IsLogLevel(const std::string& level) {
  for (const char* known : {"trace", "debug", "info", "warn", "error", "off"}) {
    if (level == known) return true;
  }
  return false;
}

std::shared_ptr<spdlog::logger> MakeLogger(const std::string& name) {
  // All loggers share the sink, so that their lines do not mix.
  static const auto* const sink =
      new std::shared_ptr<spdlog::sinks::stderr_sink_mt>(new spdlog::sinks::stderr_sink_mt);
  auto logger = std::make_shared<spdlog::logger>(name, *sink);
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%n] %v");
  const std::string tracing = VariableValue("NOMOS_TESTS_TRACING").value_or("");
  const std::string level = VariableValue("GTESTNET_LOG")
                                .value_or(tracing == "true" || tracing == "1" ? "debug" : "warn");
  logger->set_level(IsLogLevel(level) ? spdlog::level::from_str(level) : spdlog::level::warn);
  return logger;
}

}  // namespace gtestnet
