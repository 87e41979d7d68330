// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_BLOB_RETRIEVAL_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_BLOB_RETRIEVAL_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/da_client.h"
#include "gtestnet/record.h"

namespace gtestnet {
class RunContext;
}

namespace gtestnet::nomos {

// POST /da/reconstruct of a node.
using AskForBlob = std::function<absl::StatusOr<std::optional<Reconstruction>>(
    const NodeInfo& node, const std::string& blob)>;

// Asks a node for each blob that was dispersed since `since`, and writes down what came back: nodes
// in turn, and not the one that dispersed it if there is another. Blobs that nobody could be asked
// for before the time was out say so.
void RetrieveBlobs(const std::vector<NodeInfo>& nodes, RunTime since,
                   const std::function<bool()>& out_of_time, const AskForBlob& ask,
                   std::vector<chain::BlobRecord>& blobs);

// The same of a run's nodes that are up, by HTTP.
void RetrieveBlobs(RunContext& context, std::vector<chain::BlobRecord>& blobs);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_BLOB_RETRIEVAL_H_
