// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_IMAGE_H_
#define GTESTNET_IMAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet {

// An image that nodes run in.
struct ImageSpec {
  std::string tag = {};  // "etcd:local"
  // What builds it on this machine, with DOCKER_HOST set, where the Docker Engine has none: a
  // command. Empty: nothing does.
  std::vector<std::string> build = {};
  // Exits with 0 where the image is as new as what it is made of, and is built anew otherwise: a
  // command. Empty: it is enough that there is one.
  std::vector<std::string> check = {};
  // What to do where there is none and none can be built, in a few words.
  std::string remedy = {};
  // When Kubernetes pulls it: "Always", "IfNotPresent", "Never".
  std::string pull_policy = "IfNotPresent";
};

// One that is built of Debian packages when it is missing: the program of the first one and the
// libraries that it loads, from scratch. `arguments` are those of build_package_image.sh
// (assets/stack/README.md), packages at least:
//
//   PackageImage("etcd:local", {"etcd-server"})
ImageSpec PackageImage(std::string tag, const std::vector<std::string>& arguments);

// The command that runs a script of assets/stack/scripts, with the directory of the static programs
// (--binaries) for the one that needs it. kNotFound says where was looked.
absl::StatusOr<std::vector<std::string>> StackScript(std::string_view name);

}  // namespace gtestnet

#endif  // GTESTNET_IMAGE_H_
