// SPDX-License-Identifier: Apache-2.0
// What holds of etcd, whatever is done to its members.
#ifndef ETCD_MATCHERS_H_
#define ETCD_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtestnet/record.h>

#include <map>
#include <string>

namespace etcd {

// Matches a RunRecord in which no term has two leaders, whoever says so, and in which some has one.
// What a member says counts when it goes on saying so for a while: it learns of a leader a moment
// before it takes over that one's term.
MATCHER(HasOneLeaderATerm, negation ? "has a term with two leaders" : "has one leader a term") {
  struct Said {
    std::string leader;
    gtestnet::NodeIndex node = 0;
  };
  std::map<double, Said> terms;
  struct Claim {
    double term = 0;
    std::string leader;
    gtestnet::RunTime since{0};
  };
  constexpr gtestnet::RunTime kAWhile{300};
  std::map<gtestnet::NodeIndex, Claim> last;
  bool some = false;
  for (const gtestnet::NodeSample& sample : arg.samples) {
    const std::string& leader = sample.words.Get("leader");
    if (!sample.reachable || sample.status == "no leader") continue;
    const double term = sample.numbers.Get("term");
    Claim& claim = last[sample.node];
    const bool again = claim.term == term && claim.leader == leader;
    if (!again) claim = {term, leader, sample.at};
    some = some || again;
    if (sample.at - claim.since < kAWhile) continue;
    const auto [known, is_new] = terms.try_emplace(term, Said{leader, sample.node});
    if (is_new || known->second.leader == leader) continue;
    const auto name = [&](gtestnet::NodeIndex node) {
      return arg.nodes[static_cast<size_t>(node)].name;
    };
    *result_listener << "in which term " << term << " has the leader " << known->second.leader
                     << ", says " << name(known->second.node) << ", and the leader " << leader
                     << ", says " << name(sample.node) << " at " << sample.at.count() << " ms";
    return false;
  }
  if (!some) *result_listener << "in which nobody was seen to lead";
  return some;
}

}  // namespace etcd

#endif  // ETCD_MATCHERS_H_
