// SPDX-License-Identifier: Apache-2.0
#include "runner/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace gtestnet::command {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

// What a handler of signals may use.
int ends[2] = {-1, -1};
volatile std::sig_atomic_t awaited = 0;

void Write(int descriptor, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(descriptor, text.data(), text.size());
}

}  // namespace

void Interrupt::Take(int signal) {
  if (awaited != 0) {
    awaited = 0;
    const char byte = static_cast<char>(signal);
    return Write(ends[1], {&byte, 1});
  }
  Write(STDERR_FILENO, "\nInterrupted; the run's guardian removes what was made.\n");
  std::signal(signal, SIG_DFL);
  raise(signal);
}

Interrupt::Interrupt() {
  if (pipe2(ends, O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
  struct sigaction action {};
  action.sa_handler = Take;
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

Interrupt::~Interrupt() {
  awaited = 0;
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
  for (int& end : ends) close(std::exchange(end, -1));
}

int Interrupt::Next() {
  char byte = 0;
  while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
  }
  return byte;
}

void Interrupt::Wait() {
  awaited = 1;
  Next();
}

Interrupt::Told::Told(Interrupt&, std::function<void(const std::string& signal)> tell) {
  awaited = 1;
  thread_ = std::thread([tell = std::move(tell)] {
    if (const int signal = Next(); signal != 0) tell(signal == SIGTERM ? "SIGTERM" : "SIGINT");
  });
}

Interrupt::Told::~Told() {
  awaited = 0;
  const char byte = 0;
  Write(ends[1], {&byte, 1});
  thread_.join();
}

}  // namespace gtestnet::command
