// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/protocol_time.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"

namespace gtestnet {
namespace {

// Three decades: far from any overflow of what adds to it, in nanoseconds too.
constexpr double kLongestMs = 1e12;

std::chrono::milliseconds RoundedUp(double ms) {
  // The tolerance absorbs what a division leaves behind: nine blocks of 200 ms ÷ 0.9 are 2 s.
  const double whole = std::ceil(ms - 1e-6);
  return std::chrono::milliseconds(
      static_cast<int64_t>(std::clamp(whole, -kLongestMs, kLongestMs)));
}

std::string Counted(int64_t n, const char* one) {
  return absl::StrCat(n, " ", one, n == 1 ? "" : "s");
}

}  // namespace

std::chrono::milliseconds Timespan::At(const Pace& pace) const {
  const auto count = static_cast<double>(count_);
  const auto slot = static_cast<double>(pace.slot.count());
  switch (unit_) {
    case Unit::kReal:
      break;
    case Unit::kBlocks:
      return RoundedUp(count * slot / pace.active_slot_coefficient);
    case Unit::kSlots:
      return RoundedUp(count * slot);
    case Unit::kEpochs:
      return RoundedUp(count * slot * static_cast<double>(pace.slots_per_epoch));
  }
  return std::chrono::milliseconds(count_);
}

std::string Timespan::ToString() const {
  switch (unit_) {
    case Unit::kReal:
      break;
    case Unit::kBlocks:
      return Counted(count_, "block");
    case Unit::kSlots:
      return Counted(count_, "slot");
    case Unit::kEpochs:
      return Counted(count_, "epoch");
  }
  if (std::abs(count_) < 1000 && count_ != 0) return absl::StrCat(count_, " ms");
  return absl::StrCat(static_cast<double>(count_) / 1000, " s");
}

std::ostream& operator<<(std::ostream& os, Timespan span) { return os << span.ToString(); }

std::string InSeconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace gtestnet
