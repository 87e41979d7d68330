// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_ACT_ON_NOTE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_ACT_ON_NOTE_H_

#include "absl/status/status.h"
#include "core/src/cluster/notes.h"

namespace gtestnet {

// Removes what the backend that a note names has of its run, and then the note if it is this
// user's. Of another user's note only the run's id is believed: it is looked for in the engine or
// cluster that this user has. kFailedPrecondition: that run lives; kUnavailable and others: it
// could not be removed, and the note stays.
absl::Status ActOn(const Note& note);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_ACT_ON_NOTE_H_
