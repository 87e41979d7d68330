// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LEFTOVERS_H_
#define GTESTNET_LEFTOVERS_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace gtestnet {

// What an earlier run left on this machine, its Docker Engine or the Kubernetes cluster of the
// current context: it was preserved, or its guardian was killed.
struct Leftover {
  std::string run_id = {};
  std::string deployer = "local";
  std::string test = {};       // the test that it belongs to; empty if that is not known
  bool preserved = false;      // kept on purpose
  std::string directory = {};  // empty if there is none
  std::vector<int> processes = {};
  // In the backend's words: "containers a, b; 1 network", "namespace gtestnet-3f…".
  std::vector<std::string> things = {};

  // "run 3f… of ConsensusTest.X (preserved): 5 processes, directory /tmp/gtestnet.3f…"
  std::string ToString() const;
};

// All that this user may see. Never a run of which the test program still lives.
std::vector<Leftover> FindLeftovers();
// Ends the processes and removes the things and the directory; kInternal names what is
// still there.
absl::Status RemoveLeftover(const Leftover& leftover);

std::ostream& operator<<(std::ostream& os, const Leftover& leftover);

}  // namespace gtestnet

#endif  // GTESTNET_LEFTOVERS_H_
