// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_CONTRADICTIONS_H_
#define GTESTNET_CHAIN_SRC_CONTRADICTIONS_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// When a difference between two answers is no race.
struct LookRule {
  int looks = 3;       // in a row, that show it
  RunTime lasting{0};  // over how long a time at least
};

// Tells what nodes say and cannot be so from answers between which something happened, by looking
// again: a contradiction is noted when so many looks in a row showed it, and over so long a time.
// Reads no clock. For one thread at a time.
class Contradictions {
 public:
  using Rule = LookRule;
  // Of what no time can change, and one look is enough.
  static constexpr Rule kFact{1, RunTime(0)};
  // Of a rule with a time: looks that are further apart are not in a row.
  static constexpr RunTime kLongestGap{3000};

  // A look at `what` of that node. Words as in ContradictionRecord.
  void Differ(NodeIndex node, std::string_view what, std::string told, std::string against,
              RunTime at, Rule rule = {});
  void Agree(NodeIndex node, std::string_view what);
  // The node is another one than before: what was seen of it and not yet noted is forgotten.
  void Forget(NodeIndex node);

  // Whether another look at the node is due soon.
  bool IsPending(NodeIndex node) const;
  // In order of nodes and of the names of what was looked at.
  std::vector<ContradictionRecord> Noted() const;

 private:
  struct Entry {
    ContradictionRecord row;  // looks in a row; none if `row.looks` is 0
    ContradictionRecord noted;
    bool is_noted = false;
  };
  std::map<std::pair<NodeIndex, std::string>, Entry, std::less<>> entries_;
};

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SRC_CONTRADICTIONS_H_
