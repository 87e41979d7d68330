// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_STANDARD_DESCRIPTORS_H_
#define GTESTNET_STANDARD_DESCRIPTORS_H_

#include <fcntl.h>
#include <unistd.h>

namespace gtestnet {

// Opens those of the standard input, output and error that are closed, as a daemon's may be, on
// /dev/null. Else the next file or connection gets the number, and what is printed goes into it.
//
// The first act of each program of gtestnet, and of RunTests; the library does it before it opens
// anything of a run. A main() that opens files before that calls it itself.
inline void OpenStandardDescriptors() {
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    if (fcntl(standard, F_GETFD) >= 0) continue;
    // The lowest number that is free.
    const int opened = open("/dev/null", O_RDWR);
    if (opened > STDERR_FILENO) close(opened);
  }
}

}  // namespace gtestnet

#endif  // GTESTNET_STANDARD_DESCRIPTORS_H_
