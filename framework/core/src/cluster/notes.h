// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_NOTES_H_
#define GTESTNET_CORE_SRC_CLUSTER_NOTES_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/label_sweep.h"

namespace gtestnet {

// A run is over, and its backend may still have things of it, as it did not answer. The note is
// there from the first try in vain until somebody has removed what is left: the run's own sweep, a
// later run of anybody, or `gtestnet clean`.
struct Note {
  std::string run_id = {};
  std::string deployer = {};  // "compose", "k8s", or one of somebody's own
  std::string host = {};      // of compose: the engine's
  // Of k8s: the program, the kubeconfig (files, separated by ':'), the context and the namespace.
  std::string kubectl = {};
  std::string kubeconfig = {};
  std::string context = {};
  std::string name_space = {};
  std::vector<LabelSweep> sweeps = {};  // of a deployer of somebody's own
  std::string why = {};                 // what was said when it did not answer

  std::string file = {};  // where it was read
  bool own = false;       // written by this user: only then its places may be used

  // "the Docker Engine at unix:///var/run/docker.sock", "namespace gtestnet-3f… of context kind".
  std::string Where() const;
};

// For how long a sweep waits for a backend that does not answer: while its run waits for it, and by
// itself after that.
inline constexpr std::chrono::seconds kSweepPatience{10};
inline constexpr std::chrono::seconds kSweepLinger{300};

// "what it has there is removed when that answers again within 5 min, …": for error messages.
std::string WhatBecomesOfIt(const std::string& run_id);

// A directory of notes for each user, gtestnet-notes.<uid>, in /var/tmp, which outlives a restart
// of the machine; in the temporary directory where there is no /var/tmp.
std::string NotesDirectory();
absl::Status WriteNote(const Note& note);
// Of all users, as far as they may be read.
std::vector<Note> ReadNotes();
// Whether there is any note at all; quick.
bool AnyNotes();
// The own note of a run, if there is one; those of other users are theirs to remove.
void RemoveNote(const std::string& run_id);

// Where there are notes, has gtestnet-sweep act upon them, in a process that this one does not wait
// for; in one program at most once in `again`.
void TakeUpNotes(std::chrono::milliseconds again = std::chrono::minutes(1));

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_NOTES_H_
