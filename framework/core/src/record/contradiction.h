// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_CONTRADICTION_H_
#define GTESTNET_CORE_SRC_RECORD_CONTRADICTION_H_

#include <optional>
#include <string>
#include <vector>

#include "gtestnet/record.h"

namespace gtestnet {

// What cannot be in this record, in one sentence that begins with the place, "events[3].kind: …";
// else "". That a node tells what cannot be is no contradiction of the record, but a matter of
// expectations.
std::string Contradiction(const RunRecord& record);
// The same of its sections: "chain.blocks[3].height: 7, but the parent's is 5".
std::string SectionContradiction(const RunRecord& record);

// Whether each of so many nodes is up when all of these has happened; nothing for one that no event
// names.
std::vector<std::optional<bool>> UpAfter(const std::vector<NodeEvent>& events, size_t nodes);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RECORD_CONTRADICTION_H_
