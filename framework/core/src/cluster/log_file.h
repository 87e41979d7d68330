// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_LOG_FILE_H_
#define GTESTNET_CORE_SRC_CLUSTER_LOG_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "gtestnet/deployer.h"

namespace gtestnet {

inline constexpr char kLogEnd[] = "end";

// BackendCluster::ReadLog of a log that is a file to which nodes append. `begin` is where it
// begins, as what is before is of another run; of a node that `ended` the last line need not be
// whole. A file that is not there is empty, one that became shorter was begun anew.
absl::StatusOr<LogPart> ReadLogFile(const std::string& path, const std::string& cursor,
                                    uint64_t begin, bool ended);
// Its size; 0 if it is not there.
uint64_t SizeOfFile(const std::string& path);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_LOG_FILE_H_
