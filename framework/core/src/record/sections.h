// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_SECTIONS_H_
#define GTESTNET_CORE_SRC_RECORD_SECTIONS_H_

#include <string>
#include <vector>

#include "core/src/record/json_pieces.h"
#include "gtestnet/record.h"

namespace gtestnet::internal {

// Reads the sections of a record out of those of its fields that are not its own. What is wrong,
// with its place, or "".
std::string ReadSections(const std::vector<JsonMember>& fields, RunRecord& record);

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_SECTIONS_H_
