// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_CFGSYNC_ANSWER_H_
#define GTESTNET_SRC_CFGSYNC_ANSWER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "src/cfgsync/spec.h"

namespace gtestnet::cfgsync {

// What a container needs to become its node.
struct Answer {
  std::string identifier;
  std::string role;
  std::string directory;
  std::string start_file;
  // NodeSetup's, but the program by its base name.
  NodeSetup setup;
};

// A pure function of the two. kNotFound for a node that is not there, with those that are;
// kInvalidArgument for another role than the node's.
absl::StatusOr<Answer> AnswerFor(const Spec& spec, std::string_view role,
                                 std::string_view identifier);

std::string ToJson(const Answer& answer);
absl::StatusOr<Answer> ParseAnswer(std::string_view json);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_SRC_CFGSYNC_ANSWER_H_
