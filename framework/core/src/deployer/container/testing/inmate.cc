// SPDX-License-Identifier: Apache-2.0
// gtestnet-inmate WORD…: what runs in the containers of tests. It does each word in turn, then
// sleeps until SIGTERM: "out=TEXT" and "err=TEXT" print, "exit=N" ends, "ignore-sigterm" does,
// "eat" waits for SIGUSR1, then takes memory until there is none. Statically linked, as its image
// has nothing else.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gtestnet/standard_descriptors.h"

namespace {

sigset_t SignalSet(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

void Do(const char* word) {
  const auto rest = [&](const char* name) {
    const size_t length = std::strlen(name);
    return std::strncmp(word, name, length) == 0 ? word + length : nullptr;
  };
  if (const char* out = rest("out=")) {
    std::puts(out);
    std::fflush(stdout);
  } else if (const char* err = rest("err=")) {
    std::fprintf(stderr, "%s\n", err);
  } else if (const char* status = rest("exit=")) {
    std::exit(std::atoi(status));
  } else if (std::strcmp(word, "ignore-sigterm") == 0) {
    signal(SIGTERM, SIG_IGN);
  } else if (std::strcmp(word, "eat") == 0) {
    int signal_number = 0;
    sigset_t told = SignalSet(SIGUSR1);
    sigwait(&told, &signal_number);
    constexpr size_t kBite = 1024 * 1024;
    for (;;) {
      char* bite = static_cast<char*>(std::malloc(kBite));
      if (bite != nullptr) std::memset(bite, 1, kBite);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  // The first process of a container has no default for it.
  signal(SIGTERM, [](int) { _exit(0); });
  // It may come before it is waited for.
  const sigset_t told = SignalSet(SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, nullptr);
  for (int i = 1; i < argc; ++i) Do(argv[i]);
  for (;;) pause();
}
