// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_PROGRAM_H_
#define GTESTNET_CORE_SRC_BASE_PROGRAM_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gtestnet {

// The absolute path of a program that comes with the library. `variable`, if it is given and set in
// the environment, names the program and nothing else is tried. Else, in this order: beside the
// running program, in the installed package that the program was built with, where this build puts
// it, where it is installed, in PATH.
//
// kNotFound says in one sentence where was looked and what to do; kFailedPrecondition for a
// variable that names something that cannot be run.
absl::StatusOr<std::string> FindHelperProgram(std::string_view name,
                                              std::string_view variable = {});

// The absolute path of a file that comes with the library, by its path in the folder assets: in
// the installation that the running program belongs to, else in the sources of this build, else
// where it is installed. kNotFound says where was looked.
absl::StatusOr<std::string> FindAsset(std::string_view path);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_PROGRAM_H_
