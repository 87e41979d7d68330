// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/server.h"

int main(int argc, char** argv) {
  return gtestnet::cfgsync::ServerMain(argc, argv, gtestnet::cfgsync::ReadPlanFile);
}
