// SPDX-License-Identifier: Apache-2.0
// The cfgsync server of the bundled node's image: it reads also a topology, as people write one.
#include "core/src/cfgsync/server.h"
#include "nomos/src/cfgsync/spec.h"

int main(int argc, char** argv) {
  return gtestnet::cfgsync::ServerMain(argc, argv, gtestnet::nomos::ReadSpecOrPlanFile);
}
