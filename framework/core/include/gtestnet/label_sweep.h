// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LABEL_SWEEP_H_
#define GTESTNET_LABEL_SWEEP_H_

#include <string>
#include <vector>

namespace gtestnet {

// The commands by which things of one run are found and removed where they live, by a label that
// only they carry. They stand on the run's ledger, so that other programs clean up by them when
// this one is gone:
//
//   LabelSweep{.list = {"docker", "ps", "-aq", "--filter", "label=gtestnet.own.run=" + run_id},
//              .remove = {"docker", "rm", "-f", "-v"}}
struct LabelSweep {
  // Prints what there is, in words that `remove` takes; nothing, with status 0, if nothing is
  // there.
  std::vector<std::string> list = {};
  // Removes what is appended to it. One that is gone meanwhile is no harm: it is listed again.
  std::vector<std::string> remove = {};

  friend bool operator==(const LabelSweep&, const LabelSweep&) = default;
};

}  // namespace gtestnet

#endif  // GTESTNET_LABEL_SWEEP_H_
