// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_SERVER_H_
#define GTESTNET_CORE_SRC_CFGSYNC_SERVER_H_

#include "core/src/cfgsync/service.h"

namespace gtestnet::cfgsync {

// The main function of a cfgsync server whose plans are read so:
// cfgsync-server PLAN [--state=FILE] [--host=ADDRESS] [--port=N] [--check]
int ServerMain(int argc, char** argv, ReadPlanFunction read);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_SERVER_H_
