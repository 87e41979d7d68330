// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_START_BOOK_H_
#define GTESTNET_CORE_SRC_CFGSYNC_START_BOOK_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/src/cfgsync/plan.h"

namespace gtestnet::cfgsync {

// When the chain starts, and who has to be there first. It is fixed once: when the last node that
// is not late has asked, or when someone says what it was fixed to before.
class StartBook {
 public:
  std::optional<int64_t> start() const { return start_; }
  // `who` says that the chain starts, or has started, then. kFailedPrecondition, naming both, when
  // it is known otherwise.
  absl::Status Learn(int64_t start, const std::string& who);
  // A node that has its config asks for the start; fixes it if this was the last one, unless the
  // plan holds it.
  void Asked(const Plan& plan, const std::string& node, int64_t now);
  // Fixes it, unless it is fixed. kFailedPrecondition: not every node has asked.
  absl::Status Begin(const Plan& plan, int64_t now);
  // Those whose question is still missing.
  std::vector<std::string> WaitingFor(const Plan& plan) const;

 private:
  std::optional<int64_t> start_;
  std::string source_;
  std::set<std::string> asked_;
};

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_START_BOOK_H_
