// SPDX-License-Identifier: Apache-2.0
// gtestnet-fake-node --listen=HOST:PORT --peers=N --start-file=PATH [--WHAT[=VALUE]…]
//
// Who connects gets one line, "peers=2 tip=genesis height=0", and the connection is closed. Its
// height grows by one each 50 ms from the time in the start file. What it can be told to do wrong
// is the list in main().
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "gtestnet/standard_descriptors.h"

namespace {

volatile std::sig_atomic_t g_terminated = 0;

class FakeNode {
 public:
  explicit FakeNode(std::map<std::string, std::string> arguments)
      : arguments_(std::move(arguments)) {}

  int Run() {
    if (Has("exit-on-start")) return Number("exit-on-start");
    if (Has("abort-on-start")) {
      std::fprintf(stderr, "fake-node: told to abort\n");
      std::abort();
    }
    if (Has("flood")) Flood(Number("flood"));
    if (Has("daemon") && fork() == 0) Daemonise();
    if (Has("start-delay")) usleep(static_cast<useconds_t>(Number("start-delay")) * 1000);
    if (Has("hang-on-start")) Linger();
    if (Has("restart-after")) return Supervise();
    if (Has("freeze")) FreezeAgainAndAgain(Number("freeze"));
    return ListenAndServe();
  }

 private:
  int ListenAndServe() {
    if (!Listen()) return 1;
    std::printf("fake-node: listens at %s\n", arguments_["listen"].c_str());
    return Serve();
  }

  // What serves is a child, which ends by itself and is started again.
  int Supervise() {
    arguments_["exit-after"] = arguments_["restart-after"];
    while (g_terminated == 0) {
      const pid_t child = fork();
      if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(ListenAndServe());
      }
      int status = 0;
      while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        if (g_terminated != 0) kill(child, SIGTERM);
      }
    }
    return 0;
  }

  // A helper stops this process for so long, and lets it go on for as long.
  void FreezeAgainAndAgain(int for_ms) {
    const pid_t self = getpid();
    if (fork() != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGTERM, SIG_DFL);
    for (bool stopped = false; getppid() == self; stopped = !stopped) {
      usleep(static_cast<useconds_t>(for_ms) * 1000);
      kill(self, stopped ? SIGCONT : SIGSTOP);
    }
    _exit(0);
  }

  bool Has(const std::string& name) const { return arguments_.contains(name); }
  int Number(const std::string& name) { return std::atoi(arguments_[name].c_str()); }

  [[noreturn]] void Linger() {
    for (;;) pause();
  }
  [[noreturn]] void Daemonise() {
    setsid();
    if (fork() != 0) _exit(0);
    Linger();
  }
  void Flood(int bytes) {
    const std::string line(99, 'x');
    for (; bytes > 0; bytes -= 100) std::printf("%s\n", line.c_str());
  }

  bool Listen() {
    const std::string where = arguments_["listen"];
    const size_t colon = where.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::atoi(where.c_str() + colon + 1)));
    inet_pton(AF_INET, where.substr(0, colon).c_str(), &address.sin_addr);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 64) != 0) {
      std::fprintf(stderr, "fake-node: %s: %s\n", where.c_str(), std::strerror(errno));
      return false;
    }
    return true;
  }

  static int64_t NowMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t Height() {
    if (start_ == 0) std::ifstream(arguments_["start-file"]) >> start_;
    if (Has("forgets") && start_ != 0) start_ = std::max(start_, begun_);
    return start_ == 0 ? 0 : std::max<int64_t>(0, (NowMs() - start_) / 50);
  }

  std::string Answer() {
    if (Has("garbage")) return std::string("\x00\xff{", 3);
    const std::string tip = Has("tip") ? arguments_["tip"] : "genesis";
    return "peers=" + arguments_["peers"] + " tip=" + tip + " height=" + std::to_string(Height()) +
           "\n";
  }

  int Serve() {
    begun_ = NowMs();
    while (g_terminated == 0) {
      pollfd event{listener_, POLLIN, 0};
      const bool asked = poll(&event, 1, 5) > 0;
      if (Has("exit-after") && NowMs() - begun_ >= Number("exit-after")) {
        std::printf("fake-node: told to exit\n");
        return 7;
      }
      if (!asked) continue;
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0 || Has("never-ready")) continue;
      const std::string answer = Answer();
      static_cast<void>(send(peer, answer.data(), answer.size(), MSG_NOSIGNAL));
      close(peer);
    }
    std::printf("fake-node: terminated\n");
    return Has("stop-status") ? Number("stop-status") : 0;
  }

  std::map<std::string, std::string> arguments_;
  int listener_ = -1;
  int64_t start_ = 0;
  int64_t begun_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  const std::string known[] = {"listen",  "peers",          "start-file",     "exit-on-start",
                               "tip",     "flood",          "abort-on-start", "start-delay",
                               "garbage", "hang-on-start",  "never-ready",    "exit-after",
                               "daemon",  "ignore-sigterm", "restart-after",  "freeze",
                               "forgets", "stop-status"};
  std::map<std::string, std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const size_t equals = std::min(word.find('='), word.size());
    const std::string name = word.substr(0, 2) == "--" ? word.substr(2, equals - 2) : "";
    bool found = false;
    for (const std::string& one : known) found = found || one == name;
    if (!found) {
      std::fprintf(stderr, "fake-node: unknown argument \"%s\"\n", word.c_str());
      return 2;
    }
    arguments[name] = word.substr(std::min(equals + 1, word.size()));
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  // A call that it interrupts is not begun again.
  struct sigaction action {};
  action.sa_handler =
      arguments.contains("ignore-sigterm") ? SIG_IGN : [](int) { g_terminated = 1; };
  sigaction(SIGTERM, &action, nullptr);
  return FakeNode(std::move(arguments)).Run();
}
