// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/server.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/src/base/http_server.h"
#include "core/src/base/status.h"
#include "core/src/cfgsync/service.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet::cfgsync {
namespace {

constexpr int kBadUse = 2;
constexpr int kCannotRun = 1;
constexpr char kUsage[] =
    "usage: cfgsync-server PLAN [--state=FILE] [--host=ADDRESS] [--port=N] [--check]";

struct Arguments {
  std::string plan;
  std::string state;
  std::string host = "0.0.0.0";
  std::optional<uint16_t> port;
  bool check = false;
};

int Say(int status, const std::string& sentence) {
  std::cerr << "cfgsync-server: " << sentence << std::endl;
  return status;
}

std::optional<uint16_t> ParsePort(const std::string& text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != text.npos) {
    return std::nullopt;
  }
  const int number = std::stoi(text);
  if (number > 65535) return std::nullopt;
  return static_cast<uint16_t>(number);
}

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  const auto value = [](const std::string& argument) {
    return argument.substr(argument.find('=') + 1);
  };
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--state=", 0) == 0) {
      arguments.state = value(argument);
    } else if (argument.rfind("--host=", 0) == 0) {
      arguments.host = value(argument);
    } else if (argument.rfind("--port=", 0) == 0) {
      arguments.port = ParsePort(value(argument));
      if (!arguments.port) return InvalidArgument(argument + " is no port; " + kUsage);
    } else if (argument == "--check") {
      arguments.check = true;
    } else if (argument.rfind('-', 0) == 0) {
      return InvalidArgument("unknown option " + argument + "; " + kUsage);
    } else if (!arguments.plan.empty()) {
      return InvalidArgument("a second file, " + argument + "; " + kUsage);
    } else {
      arguments.plan = argument;
    }
  }
  if (arguments.plan.empty()) return InvalidArgument(std::string("no file is given; ") + kUsage);
  return arguments;
}

}  // namespace

int ServerMain(int argc, char** argv, ReadPlanFunction read) {
  OpenStandardDescriptors();
  // For sigwait, in every thread. As a container's first process it would else ignore them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const absl::StatusOr<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments.ok()) return Say(kBadUse, MessageOf(arguments.status()));
  std::unique_ptr<base::HttpServer> server;
  Service service({.plan_file = arguments->plan,
                   .read = std::move(read),
                   .state_file = arguments->state,
                   .after = [&](auto delay, auto task) { server->After(delay, std::move(task)); },
                   .log = [](const std::string& line) { std::cout << line << std::endl; }});
  if (absl::Status loaded = service.Load(); !loaded.ok()) return Say(kBadUse, MessageOf(loaded));
  if (arguments->check) return 0;
  auto listening = base::HttpServer::Listen(
      {.host = arguments->host, .port = arguments->port.value_or(service.plan().port)});
  if (!listening.ok()) return Say(kCannotRun, MessageOf(listening.status()));
  server = *std::move(listening);
  std::cout << "listens at " << arguments->host << ":" << server->port() << std::endl;
  const absl::Status serves =
      server->Serve([&](const base::HttpRequest& request, const base::HttpServer::Reply& reply) {
        service.Handle(request, reply);
      });
  if (!serves.ok()) return Say(kCannotRun, MessageOf(serves));
  int signal = 0;
  sigwait(&ends, &signal);
  server->Stop();
  server.reset();
  return 0;
}

}  // namespace gtestnet::cfgsync
