// SPDX-License-Identifier: Apache-2.0
// cfgsync-client: what a node's container runs first. Gets the node's files, and becomes the node;
// a process beside it stays until the chain's start is known. The container's first process stays
// above it (first_process.h). cfgsync-client --health=URL asks whether the node is well.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/first_process.h"
#include "core/src/base/http.h"
#include "core/src/base/program.h"
#include "core/src/base/socket.h"
#include "core/src/base/status.h"
#include "core/src/cfgsync/client.h"
#include "core/src/cfgsync/plan.h"
#include "gtestnet/clock.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet::cfgsync {
namespace {

constexpr int kBadUse = 2;
constexpr int kCannotRun = 1;

constexpr std::chrono::milliseconds kHealth{2000};
constexpr char kUsage[] =
    "cfgsync-client becomes a node, and takes from the environment:\n"
    "  CFG_SERVER_ADDR      the server; default http://cfgsync:4400, or where Kubernetes injects "
    "that "
    "the Service cfgsync is\n"
    "  CFG_HOST_KIND        the node's role, such as member\n"
    "  CFG_HOST_IDENTIFIER  the node's name, such as member-0; default: the host's\n"
    "  CFG_DIRECTORY        the node's own directory; default /var/lib/gtestnet\n"
    "  CFG_HOST_IP          the node's address, for Prometheus; default: this machine's first\n"
    "  CFG_HOSTS            optional: services, where Kubernetes injects the addresses of "
    "Services\n"
    "  CFG_UNKNOWN_NODE     optional: wait, for a server that is yet to be told of this node\n"
    "  CFG_TIMEOUT_SECS     how long to wait for the server; default 60\n"
    "cfgsync-client --health=http://127.0.0.1:8080/health: status 0 if that is answered with 200.\n"
    "cfgsync-client --health=tcp://127.0.0.1:8080: status 0 if connections are taken there.\n";

int Say(int status, const std::string& sentence) {
  std::cerr << "cfgsync-client: " << sentence << std::endl;
  return status;
}

std::string Variable(const char* name, const std::string& otherwise = {}) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

// That may stand in a URL.
bool IsName(const std::string& text) {
  return !text.empty() && text.find_first_of(" /?&=#%\r\n") == std::string::npos;
}

// In Kubernetes the variable is injected, and a name may not resolve.
std::string DefaultServer() {
  const std::string host = Variable("CFGSYNC_SERVICE_HOST", "cfgsync");
  return "http://" + base::Endpoint::Tcp(host, kPort).ToString();
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// The first one of this machine that others may reach; "" if there is none.
std::string OwnAddress() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return {};
  std::string address;
  for (const ifaddrs* one = all; one != nullptr && address.empty(); one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    if ((one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text,
              sizeof text);
    address = text;
  }
  freeifaddrs(all);
  return address;
}

absl::StatusOr<ClientOptions> OptionsFromEnvironment() {
  ClientOptions options;
  absl::StatusOr<base::Endpoint> server =
      ParseServerAddress(Variable("CFG_SERVER_ADDR", DefaultServer()));
  if (!server.ok()) return Annotate(server.status(), "CFG_SERVER_ADDR");
  options.server = *std::move(server);
  options.role = Variable("CFG_HOST_KIND");
  if (!IsName(options.role)) {
    return InvalidArgument("CFG_HOST_KIND must be the node's role, such as member");
  }
  options.identifier = Variable("CFG_HOST_IDENTIFIER", HostName());
  if (!IsName(options.identifier)) {
    return InvalidArgument("CFG_HOST_IDENTIFIER must be the node's name, such as member-0");
  }
  options.directory = Variable("CFG_DIRECTORY", options.directory);
  options.ip = Variable("CFG_HOST_IP", OwnAddress());
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

// Ends this process when the other one ends.
void EndWith(int pidfd) {
  std::thread([pidfd] {
    pollfd end{.fd = pidfd, .events = POLLIN, .revents = 0};
    while (poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

// In a grandchild, so that the node itself can be this process, and has no child that it does not
// know of.
absl::Status FetchStartBeside(const ClientOptions& options, const std::string& start_file) {
  const int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (self < 0) return ErrnoStatus(errno, "pidfd_open");
  const pid_t child = fork();
  if (child < 0) return ErrnoStatus(errno, "fork");
  if (child > 0) {
    close(self);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return absl::OkStatus();
  }
  if (fork() != 0) _exit(0);
  std::signal(SIGTERM, SIG_DFL);
  EndWith(self);
  const absl::Status fetched = FetchStart(options, start_file);
  if (!fetched.ok()) Say(0, MessageOf(fetched));
  _exit(fetched.ok() ? 0 : kCannotRun);
}

int Become(const Answer& answer) {
  std::string program = answer.setup.program;
  if (program.find('/') == std::string::npos) {
    absl::StatusOr<std::string> found = FindHelperProgram(program);
    if (!found.ok()) return Say(kCannotRun, MessageOf(found.status()));
    program = *std::move(found);
  }
  for (const auto& [name, value] : answer.setup.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<std::string> arguments = {program};
  arguments.insert(arguments.end(), answer.setup.arguments.begin(), answer.setup.arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  // As a program of whomever expects to find them.
  for (const int signal : {SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
  execv(program.c_str(), pointers.data());
  return Say(kCannotRun, absl::StrCat(program, ": ", std::strerror(errno)));
}

int Health(std::string_view url) {
  constexpr std::string_view kTcp = "tcp://";
  constexpr std::string_view kHttp = "http://";
  const bool is_tcp = url.starts_with(kTcp);
  std::string_view rest = url.substr(0, url.find("://") + 3) == (is_tcp ? kTcp : kHttp)
                              ? url.substr((is_tcp ? kTcp : kHttp).size())
                              : std::string_view();
  const size_t slash = std::min(rest.find('/'), rest.size());
  const absl::StatusOr<base::Endpoint> endpoint =
      ParseServerAddress("http://" + std::string(rest.substr(0, slash)));
  if (!endpoint.ok()) return Say(kBadUse, MessageOf(endpoint.status()));
  if (is_tcp) {
    const auto socket = base::Socket::Connect(*endpoint, {.deadline = RealClock().Now() + kHealth});
    return socket.ok() ? 0 : Say(kCannotRun, MessageOf(socket.status()));
  }
  const std::string path(rest.substr(slash));
  const absl::StatusOr<base::HttpResponse> response =
      base::HttpClient(*endpoint).Request({.target = path.empty() ? "/" : path}, kHealth);
  if (!response.ok()) return Say(kCannotRun, MessageOf(response.status()));
  if (response->status == 200) return 0;
  return Say(kCannotRun,
             absl::StrCat("HTTP ", response->status, " ", response->body.substr(0, 200)));
}

int Main(const std::vector<std::string>& arguments) {
  constexpr std::string_view kHealthOption = "--health=";
  if (arguments.size() == 1 && arguments[0].starts_with(kHealthOption)) {
    return Health(std::string_view(arguments[0]).substr(kHealthOption.size()));
  }
  if (!arguments.empty()) {
    std::cerr << kUsage;
    return kBadUse;
  }
  std::signal(SIGTERM, EndOn);
  std::signal(SIGPIPE, SIG_IGN);
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
    const absl::Status child = FetchStartBeside(*options, answer->start_file);
    if (!child.ok()) return Say(kCannotRun, MessageOf(child));
  }
  return Become(*answer);
}

}  // namespace
}  // namespace gtestnet::cfgsync

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  gtestnet::base::LeaveFirstProcess();
  return gtestnet::cfgsync::Main({argv + 1, argv + argc});
}
