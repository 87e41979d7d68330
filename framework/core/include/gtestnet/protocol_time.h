// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_PROTOCOL_TIME_H_
#define GTESTNET_PROTOCOL_TIME_H_

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace gtestnet {

// The pace of a chain: what turns protocol time into real time. A kind of node without slots
// leaves the default, in which a block, a slot and an epoch are each one second.
struct Pace {
  std::chrono::milliseconds slot{1000};
  // Chance that a slot has a block when every leader is up, in (0, 1].
  double active_slot_coefficient = 1.0;
  int64_t slots_per_epoch = 1;

  // slot ÷ active_slot_coefficient, the mean time between two slots that have a block.
  std::chrono::duration<double, std::milli> block_interval() const {
    return std::chrono::duration<double, std::milli>(slot) / active_slot_coefficient;
  }
  friend bool operator==(const Pace&, const Pace&) = default;
};

// n mean block intervals: n × slot ÷ active slot coefficient. A length of time, which never waits
// for a block.
struct Blocks {
  constexpr explicit Blocks(int64_t n) : count(n) {}
  int64_t count;
};

// n slots.
struct Slots {
  constexpr explicit Slots(int64_t n) : count(n) {}
  int64_t count;
};

// n epochs.
struct Epochs {
  constexpr explicit Epochs(int64_t n) : count(n) {}
  int64_t count;
};

// A length of time, in seconds or in protocol time:
//
//   RunFor(90s);   RunFor(Blocks(40));   RunFor(Epochs(2));
class Timespan {
 public:
  constexpr Timespan() = default;
  template <class Rep, class Period>
  constexpr Timespan(std::chrono::duration<Rep, Period> d)  // NOLINT: implicit
      : unit_(Unit::kReal),
        count_(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) {}
  constexpr Timespan(Blocks n) : unit_(Unit::kBlocks), count_(n.count) {}  // NOLINT: implicit
  constexpr Timespan(Slots n) : unit_(Unit::kSlots), count_(n.count) {}    // NOLINT: implicit
  constexpr Timespan(Epochs n) : unit_(Unit::kEpochs), count_(n.count) {}  // NOLINT: implicit

  // Rounded up to a whole millisecond.
  std::chrono::milliseconds At(const Pace& pace) const;
  // "90 s", "40 blocks", "1 epoch".
  std::string ToString() const;

  constexpr bool IsZero() const { return count_ == 0; }
  constexpr bool IsNegative() const { return count_ < 0; }
  friend constexpr bool operator==(Timespan, Timespan) = default;

 private:
  enum class Unit { kReal, kBlocks, kSlots, kEpochs };
  Unit unit_ = Unit::kReal;
  int64_t count_ = 0;
};

std::ostream& operator<<(std::ostream& os, Timespan span);

// A time, or a length of time, in messages: "12.345 s", so that those in one text line up with
// those in a log.
std::string InSeconds(std::chrono::milliseconds time);

}  // namespace gtestnet

#endif  // GTESTNET_PROTOCOL_TIME_H_
