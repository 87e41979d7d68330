// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/act_on_note.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/status.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/deployer/compose/compose_leftovers.h"
#include "core/src/deployer/k8s/k8s_leftovers.h"

namespace gtestnet {
namespace {

absl::Status CheckItIsOver(const Note& note, const std::vector<BackendTrace>& traces) {
  const bool lives = std::any_of(traces.begin(), traces.end(), [&](const BackendTrace& trace) {
    return trace.run_id == note.run_id && (trace.lives || trace.preserved);
  });
  if (!lives) return absl::OkStatus();
  return FailedPrecondition("run " + note.run_id + " is under way");
}

absl::Status ActOnCompose(const Note& note) {
  GTESTNET_ASSIGN_OR_RETURN(
      const docker::EngineHost host,
      note.own ? docker::ParseEngineHost(note.host, "the run") : docker::FindEngineHost());
  if (host.text != note.host) return Unavailable("another engine than " + note.host);
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<BackendTrace> traces, compose::FindTracesAt(host));
  GTESTNET_RETURN_IF_ERROR(CheckItIsOver(note, traces));
  return compose::RemoveTraceAt(host, note.run_id);
}

absl::Status ActOnK8s(const Note& note) {
  k8s::Tools tools;
  if (note.own) {
    // As it was for the run.
    if (note.kubeconfig.empty()) {
      unsetenv("KUBECONFIG");
    } else {
      setenv("KUBECONFIG", note.kubeconfig.c_str(), 1);
    }
    const std::string kubectl = FindInPath("kubectl");
    tools.kubectl = kubectl.empty() ? note.kubectl : kubectl;
    tools.context = note.context;
  } else {
    GTESTNET_ASSIGN_OR_RETURN(tools, k8s::FindTools());
    if (tools.context != note.context) return Unavailable("another context than " + note.context);
  }
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<BackendTrace> traces,
                            k8s::FindTracesAt(tools, note.name_space));
  GTESTNET_RETURN_IF_ERROR(CheckItIsOver(note, traces));
  return k8s::RemoveTraceAt(tools, note.name_space, note.run_id);
}

// The run is over: its own sweep left the note.
absl::Status ActOnSweeps(const Note& note) {
  if (!note.own) return Unavailable("a note of another user, whose commands are not run");
  return RunSweeps(note.run_id, note.sweeps, {});
}

}  // namespace

absl::Status ActOn(const Note& note) {
  const absl::Status removed = note.deployer == "compose" ? ActOnCompose(note)
                               : note.deployer == "k8s"   ? ActOnK8s(note)
                               : !note.sweeps.empty()
                                   ? ActOnSweeps(note)
                                   : InvalidArgument(note.file + " names no deployer");
  if (removed.ok() && note.own) RemoveNote(note.run_id);
  return removed;
}

}  // namespace gtestnet
