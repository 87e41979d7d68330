// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_CFGSYNC_YAML_TREE_H_
#define GTESTNET_SRC_CFGSYNC_YAML_TREE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "src/scenario/json_tree.h"

namespace gtestnet::cfgsync {

// YAML as the same tree that JSON is read into. Bare words are null, true, false, numbers as in
// JSON, and else texts. kInvalidArgument, beginning with line and column, for text that is not
// YAML, names a member twice, is too long, too deep or (by aliases) too large.
absl::StatusOr<JsonTree> ParseYamlTree(std::string_view text);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_SRC_CFGSYNC_YAML_TREE_H_
