// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_BENCHMARKS_TIMED_H_
#define GTESTNET_SUITES_BENCHMARKS_TIMED_H_

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet::benchmarks {

// Ends the program: without it there is nothing to measure.
template <class T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(value);
}
inline void Must(const absl::Status& status) {
  Must(status.ok() ? absl::StatusOr<int>(0) : status);
}

// In seconds.
inline double Since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}
inline double Timed(const std::function<void()>& act) {
  const auto begun = std::chrono::steady_clock::now();
  act();
  return Since(begun);
}

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace gtestnet::benchmarks

#endif  // GTESTNET_SUITES_BENCHMARKS_TIMED_H_
