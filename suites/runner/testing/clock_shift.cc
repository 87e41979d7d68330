// SPDX-License-Identifier: Apache-2.0
// Preloaded into programs of a test, it sets the wall clock that they see, and only they: ahead by
// so many milliseconds as the file says that CLOCK_SHIFT_FILE names, which may change at any time.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

long ShiftMs() {
  static const char* const path = std::getenv("CLOCK_SHIFT_FILE");
  if (path == nullptr) return 0;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[24] = {};
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  return size > 0 ? std::strtol(text, nullptr, 10) : 0;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  if (clock != CLOCK_REALTIME) return 0;
  constexpr long kSecond = 1'000'000'000;
  const long shift = ShiftMs();
  time->tv_sec += shift / 1000;
  time->tv_nsec += shift % 1000 * 1'000'000;
  if (time->tv_nsec < 0 || time->tv_nsec >= kSecond) {
    const long carry = time->tv_nsec < 0 ? -1 : 1;
    time->tv_sec += carry;
    time->tv_nsec -= carry * kSecond;
  }
  return 0;
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != nullptr) *into = now.tv_sec;
  return now.tv_sec;
}
