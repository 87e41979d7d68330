// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RERUN_H_
#define GTESTNET_RERUN_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace gtestnet {

// As one word of a POSIX shell: "/tmp/a b" becomes "'/tmp/a b'", what needs no quotes stays.
std::string ShellQuoted(std::string_view word);

// What to paste into a shell so that `command`, which is quoted already, runs again as here, in any
// directory: the seed and every one of Variables() that is set, but for those that CTest sets.
//
//   GTESTNET_SEED=7 GTESTNET_ARTIFACTS='/tmp/a b' /home/me/build/my_test --gtest_filter=…
//
// `replay` is a record whose faults are to be repeated, in place of what GTESTNET_REPLAY says here.
std::string RerunCommand(uint64_t seed, std::string_view command, std::string_view replay = {});

}  // namespace gtestnet

#endif  // GTESTNET_RERUN_H_
