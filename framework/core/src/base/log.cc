// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/log.h"

#include <spdlog/sinks/base_sink.h>

#include <cstdio>
#include <mutex>
#include <string>

#include "gtestnet/printable.h"
#include "gtestnet/variables.h"

namespace gtestnet {

namespace {

// Standard error, on which what came from elsewhere is printable.
class Sink : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string text = Printable({line.data(), line.size()});
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }
};

}  // namespace

bool IsLogLevel(const std::string& level) {
  for (const char* known : {"trace", "debug", "info", "warn", "error", "off"}) {
    if (level == known) return true;
  }
  return false;
}

std::shared_ptr<spdlog::logger> MakeLogger(const std::string& name) {
  // All loggers share the sink, so that their lines do not mix.
  static const auto* const sink = new std::shared_ptr<Sink>(new Sink);
  auto logger = std::make_shared<spdlog::logger>(name, *sink);
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%n] %v");
  const std::string level = VariableValue("GTESTNET_LOG").value_or("warn");
  logger->set_level(IsLogLevel(level) ? spdlog::level::from_str(level) : spdlog::level::warn);
  return logger;
}

}  // namespace gtestnet
