// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/node_control.h"

#include "core/src/base/status.h"

namespace gtestnet {

absl::Status NodeControl::Restart(NodeIndex node) {
  GTESTNET_RETURN_IF_ERROR(Stop(node));
  return Start(node);
}

absl::Status NodeControl::DeletePod(NodeIndex) {
  return MakeStatus(absl::StatusCode::kUnimplemented,
                    "only on k8s are there pods to delete; a test that does so asks for "
                    "Capability::kPodControl, and is skipped elsewhere");
}

}  // namespace gtestnet
