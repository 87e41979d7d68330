// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_JUDGING_H_
#define GTESTNET_MATCHERS_CORE_SRC_JUDGING_H_

#include <functional>
#include <string>

#include "gtestnet/run_matcher.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

// A matcher of a RunRecord out of what it finds and how it describes itself.
RunMatcher Judging(std::function<Finding(const RunRecord&)> judge, std::string description,
                   std::string negation);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_JUDGING_H_
