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

void StartBook::Asked(const Spec& spec, const std::string& node, int64_t now) {
  if (start_) return;
  asked_.insert(node);
  if (!spec.hold_start) static_cast<void>(Begin(spec, now));
}

absl::Status StartBook::Begin(const Spec& spec, int64_t now) {
  if (start_) return absl::OkStatus();
  const std::vector<std::string> missing = WaitingFor(spec);
  if (!missing.empty()) {
    return FailedPrecondition("not every node has asked for the start: missing are " +
                              absl::StrJoin(missing, ", "));
  }
  start_ = now + spec.start_delay.count();
  source_ = "cfgsync";
  return absl::OkStatus();
}

std::vector<std::string> StartBook::WaitingFor(const Spec& spec) const {
  std::vector<std::string> missing;
  if (start_) return missing;
  const TopologySpec& topology = spec.cluster.topology;
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    const std::string name = topology.NodeName(node);
    if (!topology.IsLate(node) && asked_.count(name) == 0) missing.push_back(name);
  }
  return missing;
}

}  // namespace gtestnet::cfgsync
