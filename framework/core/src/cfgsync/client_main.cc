// SPDX-License-Identifier: Apache-2.0
// cfgsync-client: what a node's container runs first. Gets the node's config, and becomes the node;
// a child of it stays until the chain's start is known. The container's first process stays above
// it (first_process.h).
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/first_process.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/cfgsync/client.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet::cfgsync {
namespace {

constexpr int kBadUse = 2;
constexpr int kCannotRun = 1;

constexpr char kUsage[] =
    "cfgsync-client takes no arguments, but from the environment:\n"
    "  CFG_SERVER_ADDR      the server; default http://cfgsync:4400\n"
    "  CFG_HOST_KIND        validator or executor\n"
    "  CFG_HOST_IDENTIFIER  the node's name, such as validator-0\n"
    "  CFG_HOST_IP          optional, for the server's log\n"
    "  CFG_HOSTS            optional: services, where Kubernetes injects the addresses of "
    "Services\n"
    "  CFG_UNKNOWN_NODE     optional: wait, for a server that is yet to be told of this node\n"
    "  CFG_TIMEOUT_SECS     how long to wait for the server; default 60\n";

int Say(int status, const std::string& sentence) {
  std::cerr << "cfgsync-client: " << sentence << std::endl;
  return status;
}

std::string Variable(const char* name, const std::string& otherwise = {}) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

absl::StatusOr<ClientOptions> OptionsFromEnvironment() {
  ClientOptions options;
  absl::StatusOr<base::Endpoint> server =
      ParseServerAddress(Variable("CFG_SERVER_ADDR", "http://cfgsync:4400"));
  if (!server.ok()) return Annotate(server.status(), "CFG_SERVER_ADDR");
  options.server = *std::move(server);
  options.role = Variable("CFG_HOST_KIND");
  if (options.role != "validator" && options.role != "executor") {
    return InvalidArgument("CFG_HOST_KIND must be validator or executor");
  }
  options.identifier = Variable("CFG_HOST_IDENTIFIER");
  if (options.identifier.empty() ||
      options.identifier.find_first_of(" ?&=#%\r\n") != std::string::npos) {
    return InvalidArgument("CFG_HOST_IDENTIFIER must be the node's name, such as validator-0");
  }
  options.ip = Variable("CFG_HOST_IP");
  const std::string hosts = Variable("CFG_HOSTS");
  if (!hosts.empty() && hosts != "services") {
    return InvalidArgument("CFG_HOSTS must be services, or not set");
  }
  if (!hosts.empty()) options.hosts = HostsOfServices(environ);
  const std::string unknown = Variable("CFG_UNKNOWN_NODE");
  if (!unknown.empty() && unknown != "wait") {
    return InvalidArgument("CFG_UNKNOWN_NODE must be wait, or not set");
  }
  options.unknown_waits = !unknown.empty();
  const std::string seconds = Variable("CFG_TIMEOUT_SECS", "60");
  if (seconds.size() > 5 || seconds.find_first_not_of("0123456789") != std::string::npos) {
    return InvalidArgument("CFG_TIMEOUT_SECS must be a number of seconds");
  }
  options.timeout = std::chrono::seconds(std::stoi(seconds));
  options.log = [](const std::string& line) { Say(0, line); };
  return options;
}

// As a shell would say it.
void EndOn(int signal) { _exit(128 + signal); }

// In a child, so that the node itself can be this process.
absl::Status FetchStartInChild(const ClientOptions& options, const std::string& start_file) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return ErrnoStatus(errno, "fork");
  if (child > 0) return absl::OkStatus();
  std::signal(SIGTERM, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  const absl::Status fetched = FetchStart(options, start_file);
  if (!fetched.ok()) Say(0, MessageOf(fetched));
  _exit(fetched.ok() ? 0 : kCannotRun);
}

int Become(const Answer& answer) {
  absl::StatusOr<std::string> program = FindHelperProgram(answer.setup.program);
  if (!program.ok()) return Say(kCannotRun, MessageOf(program.status()));
  for (const auto& [name, value] : answer.setup.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<std::string> arguments = {*program};
  arguments.insert(arguments.end(), answer.setup.arguments.begin(), answer.setup.arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  // A SIGTERM that comes now is for the node, which lets it through when it can take it.
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, nullptr);
  execv(program->c_str(), pointers.data());
  return Say(kCannotRun, absl::StrCat(*program, ": ", std::strerror(errno)));
}

int Main(int argc, char**) {
  if (argc > 1) {
    std::cerr << kUsage;
    return kBadUse;
  }
  std::signal(SIGTERM, EndOn);
  std::signal(SIGPIPE, SIG_IGN);
  // What the node inherits: it waits for no child, and the kernel is to forget them.
  std::signal(SIGCHLD, SIG_IGN);
  const absl::StatusOr<ClientOptions> options = OptionsFromEnvironment();
  if (!options.ok()) return Say(kBadUse, MessageOf(options.status()));
  const absl::StatusOr<Answer> answer = Register(*options);
  if (!answer.ok()) return Say(kCannotRun, MessageOf(answer.status()));
  if (absl::Status written = WriteFiles(*answer); !written.ok()) {
    return Say(kCannotRun, MessageOf(written));
  }
  const absl::StatusOr<std::optional<int64_t>> start = ReadStartFile(answer->start_file);
  if (!start.ok()) return Say(kCannotRun, MessageOf(start.status()));
  if (!*start) {
    const absl::Status child = FetchStartInChild(*options, answer->start_file);
    if (!child.ok()) return Say(kCannotRun, MessageOf(child));
  }
  return Become(*answer);
}

}  // namespace
}  // namespace gtestnet::cfgsync

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  gtestnet::base::LeaveFirstProcess();
  return gtestnet::cfgsync::Main(argc, argv);
}
