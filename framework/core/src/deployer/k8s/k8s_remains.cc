// SPDX-License-Identifier: Apache-2.0
// K8sCluster: how it ends, and what it leaves in the cluster.
#include "core/src/base/status.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {

absl::Status K8sCluster::Keep() {
  StopFollowing();
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status K8sCluster::Remove() {
  StopFollowing();
  if (!guardian_) return absl::OkStatus();
  // Straight here, as it is quicker; the guardian looks again, and waits for the namespace.
  static_cast<void>(EndPods(target_));
  const absl::Status ended = guardian_->End();
  // It says what is left, and why; the guardian knows only that its sweep failed.
  GTESTNET_RETURN_IF_ERROR(CheckNothingIsLeft());
  return ended;
}

absl::Status K8sCluster::CheckNothingIsLeft() const {
  GTESTNET_RETURN_IF_ERROR(NothingIsLeft(target_.run_id, LeftOnThisMachine(target_.run_id)));
  const absl::Status gone = AwaitGone(target_, Scaled(std::chrono::milliseconds(5000)));
  if (gone.ok() || absl::IsDeadlineExceeded(gone)) return gone;
  return MakeStatus(gone.code(), "run " + target_.run_id + ": what is left is not known: " +
                                     MessageOf(gone) + WhatBecomesOfIt(target_.run_id));
}

}  // namespace gtestnet::k8s
