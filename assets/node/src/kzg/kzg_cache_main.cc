// SPDX-License-Identifier: Apache-2.0
//
// gtestnet-kzg-cache PARAMETERS CACHE: writes the tables that nodes map. The build runs it.
#include <cstdio>
#include <string>

#include "kzg/kzg_setup.h"
#include "standard_descriptors.h"

int main(int argc, char** argv) {
  gtestnet::node::OpenStandardDescriptors();
  using gtestnet::node::ReadKzgParameters;
  if (argc != 3) {
    std::fprintf(stderr, "usage: gtestnet-kzg-cache PARAMETERS CACHE\n");
    return 2;
  }
  const auto parameters = ReadKzgParameters(argv[1]);
  absl::Status status = parameters.status();
  if (status.ok()) status = gtestnet::node::WriteKzgCache(*parameters, argv[2]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "gtestnet-kzg-cache: %s\n", std::string(status.message()).c_str());
  return 1;
}
