// SPDX-License-Identifier: Apache-2.0
//
// nomos-node and nomos-executor: the same program, compiled with one role each.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/signal_set.hpp"
#include "config.h"
#include "logging.h"
#include "misbehaviour.h"
#include "node.h"
#include "standard_descriptors.h"

namespace gtestnet::node {
namespace {

constexpr Role kRole = GTESTNET_NODE_EXECUTOR ? Role::kExecutor : Role::kValidator;

// Exit statuses; the node's README lists them.
constexpr int kBadUse = 2;
constexpr int kExitOnStart = 3;
constexpr int kAddressInUse = 4;
constexpr int kBadStorage = 5;
constexpr int kCannotRun = 1;

int Say(int status, const std::string& sentence) {
  std::cerr << ProgramName(kRole) << ": " << sentence << std::endl;
  return status;
}

std::string Usage() {
  return absl::StrCat("usage: ", std::string(ProgramName(kRole)),
                      " CONFIG.yaml [--misbehave=WHAT[,WHAT...]] [--check-config]");
}

struct Arguments {
  std::string config;
  MisbehaviourRequest misbehaviour;
  bool check_config = false;
  bool help = false;
};

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  constexpr std::string_view kMisbehave = "--misbehave=";
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      arguments.help = true;
    } else if (argument == "--check-config") {
      arguments.check_config = true;
    } else if (argument.substr(0, kMisbehave.size()) == kMisbehave) {
      absl::StatusOr<MisbehaviourRequest> request =
          ParseMisbehaviour(argument.substr(kMisbehave.size()));
      if (!request.ok()) return request.status();
      arguments.misbehaviour = *request;
    } else if (argument.substr(0, 1) == "-") {
      return absl::InvalidArgumentError(absl::StrCat("unknown option ", argv[i], "; ", Usage()));
    } else if (!arguments.config.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("a second config, ", argv[i], "; ", Usage()));
    } else {
      arguments.config = argument;
    }
  }
  if (arguments.config.empty() && !arguments.help) {
    return absl::InvalidArgumentError(absl::StrCat("no config is given; ", Usage()));
  }
  return arguments;
}

int StatusFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
      return kAddressInUse;
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kFailedPrecondition:
      return kBadStorage;
    case absl::StatusCode::kInvalidArgument:
      return kBadUse;
    default:
      return kCannotRun;
  }
}

// "; ulimit -v is 1024": a limit that may be the reason, or nothing.
std::string LimitOf(__rlimit_resource resource, const char* name) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
  return absl::StrCat("; ", name, " is ", limit.rlim_cur);
}

int Run(const NodeConfig& config, const MisbehaviourRequest& misbehaviour) {
  absl::StatusOr<std::unique_ptr<Logger>> logger = Logger::Open(config);
  if (!logger.ok()) return Say(kCannotRun, std::string(logger.status().message()));

  if (misbehaviour.forget) {
    for (const char* part : {"", "-wal", "-shm"}) {
      std::remove((config.storage_path + part).c_str());
    }
  }
  boost::asio::io_context context(1);
  int exit_status = 0;
  absl::StatusOr<std::unique_ptr<Node>> node =
      Node::Start(context, config, misbehaviour, logger->get(), [&](const absl::Status& status) {
        exit_status = Say(StatusFor(status), std::string(status.message()));
        context.stop();
      });
  if (!node.ok()) return Say(StatusFor(node.status()), std::string(node.status().message()));

  boost::asio::signal_set signals(context);
  signals.add(SIGINT);
  if (misbehaviour.ignore_sigterm) {
    std::signal(SIGTERM, SIG_IGN);
  } else {
    signals.add(SIGTERM);
  }
  signals.async_wait([&](boost::system::error_code error, int signal) {
    if (error) return;
    (*logger)->Log(LogLevel::kInfo, "node",
                   absl::StrCat("ends on ", signal == SIGINT ? "SIGINT" : "SIGTERM"));
    exit_status = misbehaviour.stop_status;
    context.stop();
  });
  // Whoever started the program may have blocked it until here, so that none is lost: the first
  // process of a container gets no signal that it has no handler for.
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &term, nullptr);
  context.run();

  const bool resolving = (*node)->resolving();
  node->reset();  // closes the database
  (*logger)->Flush();
  // A name server that does not answer must not hold the end up.
  if (resolving) std::_Exit(exit_status);
  return exit_status;
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments.ok()) return Say(kBadUse, std::string(arguments.status().message()));
  if (arguments->help) {
    std::cout << Usage() << std::endl;
    return 0;
  }
  if (arguments->misbehaviour.exit_on_start) {
    return Say(kExitOnStart, "exits on start, as asked");
  }
  const absl::StatusOr<NodeConfig> config = LoadConfig(arguments->config, kRole);
  if (!config.ok()) return Say(kBadUse, std::string(config.status().message()));
  if (arguments->check_config) return 0;
  if (std::getenv("POL_PROOF_DEV_MODE") == nullptr ||
      std::string_view(std::getenv("POL_PROOF_DEV_MODE")) != "true") {
    return Say(
        kBadUse,
        "its proofs of leadership are development proofs: POL_PROOF_DEV_MODE=true must be in "
        "its environment");
  }
  // What cannot be had is thrown.
  try {
    return Run(*config, arguments->misbehaviour);
  } catch (const std::bad_alloc&) {
    return Say(kCannotRun, "no more memory is to be had" + LimitOf(RLIMIT_AS, "ulimit -v"));
  } catch (const std::system_error& e) {
    return Say(kCannotRun, absl::StrCat("what it needs is not to be had: ", e.what()) +
                               LimitOf(RLIMIT_NPROC, "ulimit -u"));
  }
}

}  // namespace
}  // namespace gtestnet::node

int main(int argc, char** argv) try {
  gtestnet::node::OpenStandardDescriptors();
  return gtestnet::node::Main(argc, argv);
} catch (const std::exception& failure) {
  // For want of memory, most likely: what the node was doing is half done, so it goes no further.
  return gtestnet::node::Say(gtestnet::node::kCannotRun,
                             std::string("cannot go on: ") + failure.what());
}
