// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/node_control.h"

#include "src/base/status.h"

namespace gtestnet {

absl::Status NodeControl::Restart(NodeIndex node) {
  GTESTNET_RETURN_IF_ERROR(Stop(node));
  return Start(node);
}

}  // namespace gtestnet
