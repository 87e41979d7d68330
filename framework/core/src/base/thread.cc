// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/thread.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "core/src/base/machine_limits.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

constexpr int kAnyNumber = std::numeric_limits<int>::max();

// Of threads that may still be made.
std::atomic<int>& Left() {
  static std::atomic<int> left = kAnyNumber;
  return left;
}

void TakeOne() {
  if (Left() == kAnyNumber || Left()-- > 0) return;
  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

absl::Status NotMade(const char* why) {
  const std::string limit = Exhausted(ReadLimits());
  return MakeStatus(absl::StatusCode::kResourceExhausted,
                    std::string("a thread could not be made: ") + why +
                        (limit.empty() ? std::string() : ": " + limit));
}

void RunAll(const Thread::Run& run, const Thread::OnFailure& on_failure,
            const std::stop_token& stop) {
  std::string thrown;
  try {
    return run(stop);
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "of unknown type";
  }
  const std::string limit = Exhausted(ReadLimits());
  const absl::Status status =
      MakeStatus(absl::StatusCode::kResourceExhausted,
                 "a thread ended by an exception, " + thrown + (limit.empty() ? "" : ": " + limit));
  if (on_failure) return on_failure(status);
  std::fprintf(stderr, "gtestnet: error: %s\n", MessageOf(status).c_str());
  std::abort();
}

}  // namespace

Thread::Thread(Run run, OnFailure on_failure) {
  try {
    TakeOne();
    thread_ = std::jthread([run = std::move(run), on_failure = std::move(on_failure)](
                               std::stop_token stop) { RunAll(run, on_failure, stop); });
  } catch (const std::exception& e) {
    status_ = NotMade(e.what());
  }
}

namespace testing_support {

ScopedThreadLimit::ScopedThreadLimit(int most) { Left() = most; }
ScopedThreadLimit::~ScopedThreadLimit() { Left() = kAnyNumber; }

}  // namespace testing_support
}  // namespace gtestnet
