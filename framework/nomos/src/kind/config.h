// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_CONFIG_H_
#define GTESTNET_NOMOS_SRC_KIND_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::nomos {

// Where the genesis is, beside the config: the same for all nodes.
inline constexpr char kGenesisFile[] = "genesis.yaml";

// The bundled node's config file (assets/node/README.md) for one node: the same bytes for the same
// arguments. `node` may be one that was added; kInvalidArgument when the placement knows no address
// or role of it.
absl::StatusOr<std::string> MakeConfig(const ClusterSpec& spec, const Placement& placement,
                                       NodeIndex node);
// Its genesis file.
std::string MakeGenesis(const ClusterSpec& spec);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_CONFIG_H_
