// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_LEDGER_H_
#define GTESTNET_CORE_SRC_CLUSTER_LEDGER_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/label_sweep.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What a run's directory says of itself (ledger.json), for those who find it later.
struct Ledger {
  std::string run_id;
  std::string test;
  std::string topology;
  pid_t guardian = 0;
  uint64_t guardian_start = 0;  // tells its pid from another process that has it later
  bool preserved = false;
  // Of a deployer of somebody's own; empty: one of ours, which needs no words of it.
  std::string deployer = {};
  std::vector<LabelSweep> sweeps = {};
  bool own = false;  // written by this user: only then its commands may be run
};

// "/tmp/gtestnet.<run id>"; the temporary directory is TMPDIR, else /tmp.
std::string RunDirectory(const std::string& run_id);
// Whole or not at all: the file is renamed into place.
absl::Status WriteFileAtomically(const std::string& path, const std::string& content);
absl::Status WriteLedger(const std::string& directory, const Ledger& ledger);
// Of a run and the guardian of that pid.
Ledger LedgerOf(const ClusterSpec& spec, pid_t guardian, bool preserved);
// kInvalidArgument for a file that is no ledger.
absl::StatusOr<Ledger> ReadLedger(const std::string& directory);
// Whether the guardian that the ledger names is there.
bool GuardianLives(const Ledger& ledger);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_LEDGER_H_
