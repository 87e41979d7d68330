// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/labels.h"

namespace gtestnet::compose {

std::string ProjectOf(const std::string& run_id) {
  std::string project = "gtestnet-" + run_id;
  for (char& c : project) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return project;
}

}  // namespace gtestnet::compose
