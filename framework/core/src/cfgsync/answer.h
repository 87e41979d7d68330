// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_
#define GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/cfgsync/spec.h"

namespace gtestnet::cfgsync {

// What a container needs to become its node.
struct Answer {
  std::string identifier;
  std::string role;
  std::string directory;
  std::string start_file;
  // NodeSetup's, but the program by its base name.
  NodeSetup setup;
  // Other nodes that the setup has by their names, though the one who asked said where it finds
  // some: a name alone may be of no use to it.
  std::vector<std::string> by_name = {};
};

// A pure function of the two. kNotFound for a node that is not there, with those that are;
// kInvalidArgument for another role than the node's.
absl::StatusOr<Answer> AnswerFor(const Spec& spec, std::string_view role,
                                 std::string_view identifier);

std::string ToJson(const Answer& answer);
absl::StatusOr<Answer> ParseAnswer(std::string_view json);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_ANSWER_H_
