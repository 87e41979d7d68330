// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_CHANNEL_BOOK_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_CHANNEL_BOOK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/clock.h"

namespace gtestnet::nomos {

// The channels of a DataAvailabilityWorkload: which are open, what the last message of each is, and
// which can take another one. Not thread-safe.
class ChannelBook {
 public:
  // Of a channel that Take gave.
  struct Place {
    std::string channel;
    std::string parent;  // id of its last message
  };

  // `patience`: how long a message may be in no block before its channel is given up.
  explicit ChannelBook(std::chrono::nanoseconds patience) : patience_(patience) {}

  // A channel whose first message was submitted.
  void Add(std::string channel, std::string message, std::string transaction, Clock::TimePoint now);
  // An open channel that no blob is being dispersed for: one whose last message is in a block, the
  // longest unused first; else one with the fewest messages under way. The caller has it until
  // Extend, Keep or GiveUp.
  std::optional<Place> Take();
  // The channel's last message is another one now.
  void Extend(const std::string& channel, std::string message, std::string transaction,
              Clock::TimePoint now);
  // Nothing was written to it.
  void Keep(const std::string& channel);
  // Nobody knows what its last message is.
  void GiveUp(const std::string& channel);
  // Looks at what is under way; `is_included` is asked of transactions. Channels that were held up
  // for too long are given up.
  void Settle(Clock::TimePoint now, const std::function<bool(const std::string&)>& is_included);

  // At least one channel's first message has been in a block.
  bool any_open() const;
  int64_t given_up() const { return given_up_; }
  int64_t size() const { return static_cast<int64_t>(channels_.size()); }

 private:
  struct UnderWay {
    std::string transaction;
    Clock::TimePoint since;
  };
  struct Channel {
    std::string last;  // id of its last message
    bool open = false;
    bool taken = false;
    int64_t used = 0;  // when it was taken last
    std::vector<UnderWay> under_way;
  };

  const std::chrono::nanoseconds patience_;
  std::map<std::string, Channel> channels_;
  int64_t taken_ = 0;
  int64_t given_up_ = 0;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_CHANNEL_BOOK_H_
