// SPDX-License-Identifier: Apache-2.0
#include "chain/src/contradictions.h"

namespace gtestnet::chain {

void Contradictions::Differ(NodeIndex node, std::string_view what, std::string told,
                            std::string against, RunTime at, Rule rule) {
  Entry& entry = entries_[{node, std::string(what)}];
  ContradictionRecord& row = entry.row;
  if (rule.lasting > RunTime(0) && row.looks > 0 && at - row.until > kLongestGap) row.looks = 0;
  if (row.looks == 0) row = {node, std::move(told), std::move(against), at, at, 0};
  row.until = at;
  ++row.looks;
  if (entry.is_noted) {
    entry.noted.until = at;
    ++entry.noted.looks;
  } else if (row.looks >= rule.looks && row.until - row.since >= rule.lasting) {
    entry.noted = row;
    entry.is_noted = true;
  }
}

void Contradictions::Agree(NodeIndex node, std::string_view what) {
  const auto entry = entries_.find(std::pair(node, std::string(what)));
  if (entry != entries_.end()) entry->second.row.looks = 0;
}

void Contradictions::Forget(NodeIndex node) {
  for (auto& [key, entry] : entries_) {
    if (key.first == node) entry.row.looks = 0;
  }
}

bool Contradictions::IsPending(NodeIndex node) const {
  for (const auto& [key, entry] : entries_) {
    if (key.first == node && entry.row.looks > 0 && !entry.is_noted) return true;
  }
  return false;
}

std::vector<ContradictionRecord> Contradictions::Noted() const {
  std::vector<ContradictionRecord> noted;
  for (const auto& [key, entry] : entries_) {
    if (entry.is_noted) noted.push_back(entry.noted);
  }
  return noted;
}

}  // namespace gtestnet::chain
