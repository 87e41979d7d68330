// SPDX-License-Identifier: Apache-2.0
#include "logging.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/sinks/basic_file_sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace gtestnet::node {
namespace {

// One line each, whatever a peer or a client put into a text.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

struct Logger::Impl {
  LogConfig config;
  std::unique_ptr<spdlog::logger> logger;
};

Logger::Logger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Logger::~Logger() = default;

absl::StatusOr<std::unique_ptr<Logger>> Logger::Open(const NodeConfig& config) {
  auto impl = std::make_unique<Impl>();
  impl->config = config.log;
  try {
    spdlog::sink_ptr sink;
    if (config.log.directory.empty()) {
      sink = std::make_shared<spdlog::sinks::stdout_sink_st>();
    } else {
      std::filesystem::create_directories(config.log.directory);
      const std::filesystem::path file =
          std::filesystem::path(config.log.directory) /
          absl::StrCat(std::string(ProgramName(config.role)), "-", config.index);
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(file.string());
    }
    impl->logger = std::make_unique<spdlog::logger>(config.identifier, std::move(sink));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("cannot write the log in ", config.log.directory, ": ", error.what()));
  }
  impl->logger->set_level(spdlog::level::trace);  // Enabled() decides
  impl->logger->flush_on(spdlog::level::trace);
  impl->logger->set_error_handler([](const std::string&) {});  // a full disk does not end a node
  impl->logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v", spdlog::pattern_time_type::utc);
  return std::unique_ptr<Logger>(new Logger(std::move(impl)));
}

bool Logger::Enabled(LogLevel level, std::string_view topic) const {
  const LogFilter& filter = impl_->config.filter;
  if (!filter.empty()) {
    if (const auto own = filter.find(topic); own != filter.end()) return level >= own->second;
  }
  return level >= impl_->config.level;
}

void Logger::Log(LogLevel level, std::string_view topic, std::string_view text) {
  if (!Enabled(level, topic)) return;
  impl_->logger->log(ToSpdlog(level), "{:<9} {}", topic, OneLine(text));
}

void Logger::Flush() { impl_->logger->flush(); }

}  // namespace gtestnet::node
