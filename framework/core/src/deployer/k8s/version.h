// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_VERSION_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_VERSION_H_

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace gtestnet::k8s {

struct Version {
  int major = 0;
  int minor = 0;
  std::string text;  // as it was read, without "v": "1.27.3-gke.100"

  friend bool operator<(const Version& a, const Version& b) {
    return a.major != b.major ? a.major < b.major : a.minor < b.minor;
  }
};

// The first thing in `text` that looks like a version: "v3.10.1+g9f88ccb".
std::optional<Version> FindVersion(std::string_view text);

// "gitVersion" of what kubectl and the API say, as JSON; of `part` of it, if that is not empty.
std::optional<Version> GitVersion(std::string_view json, std::string_view part = {});

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_VERSION_H_
