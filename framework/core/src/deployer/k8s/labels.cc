// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/labels.h"

#include "absl/strings/ascii.h"

namespace gtestnet::k8s {

std::string NamespaceOf(const std::string& run_id) {
  return "gtestnet-" + absl::AsciiStrToLower(run_id);
}

}  // namespace gtestnet::k8s
