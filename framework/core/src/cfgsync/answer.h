// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_
#define GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/setup_json.h"

namespace gtestnet::cfgsync {

// What a container needs to become its node.
struct Answer {
  std::string identifier;
  std::string role;
  std::string directory;
  std::string start_file;
  NodeSetup setup = {};  // with the tokens of other nodes' hosts
  // Files whose content is not here but under GET /shared/<hash>: the hash by the path.
  std::map<std::string, std::string> shared = {};
  // The nodes whose tokens the setup has, and where others find those of them that are known.
  std::vector<std::string> nodes = {};
  std::map<std::string, std::string> hosts = {};
};

// A pure function of its arguments; `shared` is SharedOf the plan's setups. kNotFound for a node
// that is not there, with those that are; kInvalidArgument for another role than the node's.
absl::StatusOr<Answer> AnswerFor(const Plan& plan, const SharedFiles& shared, std::string_view role,
                                 std::string_view identifier);

std::string ToJson(const Answer& answer);
absl::StatusOr<Answer> ParseAnswer(std::string_view json);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_
