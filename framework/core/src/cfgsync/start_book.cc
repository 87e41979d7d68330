// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/start_book.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"

namespace gtestnet::cfgsync {

absl::Status StartBook::Learn(int64_t start, const std::string& who) {
  if (start_ && *start_ != start) {
    return FailedPrecondition(absl::StrCat("the chain starts at ", *start_, " by ", source_,
                                           ", but at ", start, " by ", who,
                                           ": they are of different runs"));
  }
  if (!start_) source_ = who;
  start_ = start;
  return absl::OkStatus();
}

void StartBook::Asked(const Plan& plan, const std::string& node, int64_t now) {
  if (start_) return;
  asked_.insert(node);
  if (!plan.hold_start) static_cast<void>(Begin(plan, now));
}

absl::Status StartBook::Begin(const Plan& plan, int64_t now) {
  if (start_) return absl::OkStatus();
  const std::vector<std::string> missing = WaitingFor(plan);
  if (!missing.empty()) {
    return FailedPrecondition("not every node has asked for the start: missing are " +
                              absl::StrJoin(missing, ", "));
  }
  start_ = now + plan.start_delay.count();
  source_ = "cfgsync";
  return absl::OkStatus();
}

std::vector<std::string> StartBook::WaitingFor(const Plan& plan) const {
  std::vector<std::string> missing;
  if (start_) return missing;
  for (const PlannedNode& node : plan.nodes) {
    if (!node.late && !asked_.contains(node.name)) missing.push_back(node.name);
  }
  return missing;
}

}  // namespace gtestnet::cfgsync
