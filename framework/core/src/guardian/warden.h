// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_WARDEN_H_
#define GTESTNET_CORE_SRC_GUARDIAN_WARDEN_H_

#include <sys/types.h>

#include "core/src/guardian/protocol.h"

namespace gtestnet::guardian {

// The parent of a run's processes, between them and the guardian: when it dies, they die. It is the
// init of a PID namespace where the kernel allows one; else a subreaper, which ends its descendants
// when the guardian goes away.
struct Warden {
  pid_t pid = 0;
  int socket = -1;  // takes kSpawn and kSignal; gives kReply and kExit
  Confinement confinement = Confinement::kSubreaper;
};

// Called by the guardian, which has one thread. A pid of 0: it could not be started, see errno.
Warden StartWarden(Confinement wanted);

}  // namespace gtestnet::guardian

#endif  // GTESTNET_CORE_SRC_GUARDIAN_WARDEN_H_
