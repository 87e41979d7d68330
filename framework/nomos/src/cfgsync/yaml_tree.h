// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CFGSYNC_YAML_TREE_H_
#define GTESTNET_NOMOS_SRC_CFGSYNC_YAML_TREE_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/src/base/json_tree.h"

namespace gtestnet::nomos {

// The library takes 250 bytes of memory for one of text.
inline constexpr size_t kMostYamlBytes = 256 * 1024;

// YAML as the same tree that JSON is read into. Bare words are null, true, false, numbers as in
// JSON, and else texts. kInvalidArgument, beginning with line and column, for text that is not
// YAML, names a member twice, has a NUL in a text, is too long, too deep or (by aliases) too large.
absl::StatusOr<JsonTree> ParseYamlTree(std::string_view text);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CFGSYNC_YAML_TREE_H_
