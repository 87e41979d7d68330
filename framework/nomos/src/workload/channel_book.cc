// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/channel_book.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gtestnet::nomos {

void ChannelBook::Add(std::string channel, std::string message, std::string transaction,
                      Clock::TimePoint now) {
  Channel& entry = channels_[std::move(channel)];
  entry.last = std::move(message);
  entry.under_way.push_back({std::move(transaction), now});
}

std::optional<ChannelBook::Place> ChannelBook::Take() {
  auto best = channels_.end();
  for (auto it = channels_.begin(); it != channels_.end(); ++it) {
    const Channel& channel = it->second;
    if (!channel.open || channel.taken) continue;
    const auto rank = [](const Channel& c) { return std::tuple(c.under_way.size(), c.used); };
    if (best == channels_.end() || rank(channel) < rank(best->second)) best = it;
  }
  if (best == channels_.end()) return std::nullopt;
  best->second.taken = true;
  best->second.used = ++taken_;
  return Place{best->first, best->second.last};
}

void ChannelBook::Extend(const std::string& channel, std::string message, std::string transaction,
                         Clock::TimePoint now) {
  const auto it = channels_.find(channel);
  if (it == channels_.end()) return;
  it->second.taken = false;
  it->second.last = std::move(message);
  it->second.under_way.push_back({std::move(transaction), now});
}

void ChannelBook::Keep(const std::string& channel) {
  const auto it = channels_.find(channel);
  if (it != channels_.end()) it->second.taken = false;
}

void ChannelBook::GiveUp(const std::string& channel) {
  given_up_ += static_cast<int64_t>(channels_.erase(channel));
}

void ChannelBook::Settle(Clock::TimePoint now,
                         const std::function<bool(const std::string&)>& is_included) {
  std::vector<std::string> lost;
  for (auto& [name, channel] : channels_) {
    std::erase_if(channel.under_way,
                  [&](const UnderWay& message) { return is_included(message.transaction); });
    // Messages are linked: whichever is in a block, the first one is, too.
    if (channel.under_way.empty()) channel.open = true;
    const bool overdue =
        std::any_of(channel.under_way.begin(), channel.under_way.end(),
                    [&](const UnderWay& message) { return now - message.since > patience_; });
    if (overdue) lost.push_back(name);
  }
  for (const std::string& channel : lost) GiveUp(channel);
}

bool ChannelBook::any_open() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const auto& entry) { return entry.second.open; });
}

}  // namespace gtestnet::nomos
