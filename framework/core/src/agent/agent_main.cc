// SPDX-License-Identifier: Apache-2.0
// pod-agent [OPTION…] -- COMMAND…: the first process of a node's pod (assets/helm/README.md).
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/agent/control.h"
#include "core/src/agent/process.h"
#include "core/src/agent/supervisor.h"
#include "core/src/base/http_server.h"
#include "core/src/base/status.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet::agent {
namespace {

constexpr int kBadUse = 2;
constexpr int kCannotRun = 1;
constexpr char kTokenVariable[] = "POD_AGENT_TOKEN";
constexpr size_t kShortestToken = 8;
constexpr char kUsage[] =
    "usage: pod-agent [OPTION…] -- COMMAND…\n"
    "Runs COMMAND as its child, and starts, stops, kills, pauses and resumes it at the request of\n"
    "who knows the token in the variable POD_AGENT_TOKEN. An exit that was not asked for is the\n"
    "agent's own exit.\n"
    "  --name=NAME       of the node, for what is said of it\n"
    "  --host=ADDRESS    where to listen; default 0.0.0.0\n"
    "  --port=N          default 4500; 0: a free one, which it says\n"
    "  --grace-ms=N      from SIGTERM to SIGKILL; default 5000\n"
    "  --start-if=FILE   waits to be asked for the first start unless FILE is there\n";

struct Arguments {
  std::string name = "the node";
  std::string host = "0.0.0.0";
  int port = 4500;
  int grace_ms = 5000;
  std::string start_if;
  std::vector<std::string> command;
};

int Say(int status, const std::string& sentence) {
  std::cerr << "pod-agent: " << sentence << std::endl;
  return status;
}

absl::Status ReadNumber(const std::string& argument, std::string_view text, int most, int* into) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), *into);
  if (error == std::errc() && rest == text.data() + text.size() && *into >= 0 && *into <= most) {
    return absl::OkStatus();
  }
  return InvalidArgument(absl::StrCat(argument, " must have a number from 0 to ", most));
}

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string option = argument.substr(0, equals);
    const std::string value = equals == argument.npos ? "" : argument.substr(equals + 1);
    if (equals == argument.npos || value.empty()) {
      return InvalidArgument(
          absl::StrCat("\"", argument.substr(0, 100), "\" is no option\n", kUsage));
    }
    if (option == "--name") {
      arguments.name = value;
    } else if (option == "--host") {
      arguments.host = value;
    } else if (option == "--start-if") {
      arguments.start_if = value;
    } else if (option == "--port") {
      GTESTNET_RETURN_IF_ERROR(ReadNumber(argument, value, 65535, &arguments.port));
    } else if (option == "--grace-ms") {
      GTESTNET_RETURN_IF_ERROR(ReadNumber(argument, value, 600'000, &arguments.grace_ms));
    } else {
      return InvalidArgument(absl::StrCat("there is no option ", option, "\n", kUsage));
    }
  }
  for (++i; i < argc; ++i) arguments.command.emplace_back(argv[i]);
  if (arguments.command.empty()) {
    return InvalidArgument(absl::StrCat("no command is given\n", kUsage));
  }
  return arguments;
}

// The child does not get it.
absl::StatusOr<std::string> TakeToken() {
  const char* value = std::getenv(kTokenVariable);
  std::string token = value == nullptr ? "" : value;
  unsetenv(kTokenVariable);
  if (token.size() >= kShortestToken && token.find_first_of(" \t\r\n") == token.npos) return token;
  return InvalidArgument(absl::StrCat(kTokenVariable, " must be a token of at least ",
                                      kShortestToken, " characters, without spaces"));
}

std::string NewInstance() {
  uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) number = 0;
  return absl::StrCat(absl::Hex(number, absl::kZeroPad8));
}

// Waits for signals in the thread that calls, and has all else done by the server's.
class Agent {
 public:
  Agent(Arguments arguments, const std::string& token)
      : arguments_(std::move(arguments)),
        supervisor_(MakeOptions()),
        control_(&supervisor_, arguments_.name, token,
                 [this](pid_t pid) { return look_.Look(pid, table_); }) {}

  // What the agent is to exit with.
  int Run(const sigset_t& signals) {
    auto server = base::HttpServer::Listen(
        {.host = arguments_.host, .port = static_cast<uint16_t>(arguments_.port)});
    if (!server.ok()) return Say(kCannotRun, MessageOf(server.status()));
    server_ = *std::move(server);
    Say(0, absl::StrCat("listens at ", arguments_.host, ":", server_->port()));
    const absl::Status serves = server_->Serve(
        [this](const base::HttpRequest& request, const base::HttpServer::Reply& reply) {
          control_.Handle(request, reply);
        });
    if (!serves.ok()) return Say(kCannotRun, MessageOf(serves));
    server_->After({}, [this] { FirstStart(); });
    while (!ended_) {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0) continue;
      if (signal == SIGCHLD) server_->After({}, [this] { Collect(); });
      if (signal == SIGTERM || signal == SIGINT) {
        server_->After({}, [this] { supervisor_.Terminate(); });
      }
    }
    server_->Stop();
    server_.reset();
    return exit_status_;
  }

 private:
  SupervisorOptions MakeOptions() {
    SupervisorOptions options;
    options.name = arguments_.name;
    options.instance = NewInstance();
    options.grace = std::chrono::milliseconds(arguments_.grace_ms);
    options.spawn = [this] { return Spawn(arguments_.command); };
    options.signal = [](pid_t pid, int signal) { kill(pid, signal); };
    options.signal_all = [](pid_t pid, int signal) { kill(-pid, signal); };
    options.after = [this](auto delay, auto task) { server_->After(delay, std::move(task)); };
    options.leave = [this](int status) { End(status); };
    options.log = [](const std::string& line) { Say(0, line); };
    return options;
  }

  void FirstStart() {
    if (!arguments_.start_if.empty() && access(arguments_.start_if.c_str(), F_OK) != 0) {
      Say(0, absl::StrCat(arguments_.name, " is started when it is asked for"));
      return;
    }
    supervisor_.Start([this](const absl::Status& started) {
      if (!started.ok()) End(Say(kCannotRun, MessageOf(started)));
    });
  }

  void Collect() {
    CollectChildren([this](pid_t pid) { return pid == supervisor_.report().pid; },
                    [this](const ChildEvent& event) {
                      switch (event.code) {
                        case CLD_STOPPED:
                          return supervisor_.OnStopped(event.pid);
                        case CLD_CONTINUED:
                          return supervisor_.OnContinued(event.pid);
                        default:
                          return supervisor_.OnExit(event.pid, event.status);
                      }
                    });
  }

  // Wakes Run.
  void End(int status) {
    exit_status_ = status;
    ended_ = true;
    kill(getpid(), SIGUSR1);
  }

  const Arguments arguments_;
  ProcessTable table_;
  ProcessLook look_;
  Supervisor supervisor_;
  Control control_;
  std::unique_ptr<base::HttpServer> server_;
  std::atomic<bool> ended_ = false;
  int exit_status_ = 0;
};

int Main(int argc, char** argv) {
  // For sigwait, in every thread; the first process of a container would else not get them at all.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // As a first process it inherits orphans anyway.
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  absl::StatusOr<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments.ok()) return Say(kBadUse, MessageOf(arguments.status()));
  const absl::StatusOr<std::string> token = TakeToken();
  if (!token.ok()) return Say(kBadUse, MessageOf(token.status()));
  return Agent(*std::move(arguments), *token).Run(signals);
}

}  // namespace
}  // namespace gtestnet::agent

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  return gtestnet::agent::Main(argc, argv);
}
