// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <vector>

#include "gtestnet/leftovers.h"
#include "runner/commands.h"
#include "runner/report.h"

namespace gtestnet::command {

int Clean(const std::string& run_id) {
  std::vector<Leftover> found = FindLeftovers();
  if (!run_id.empty()) {
    std::erase_if(found, [&](const Leftover& leftover) { return leftover.run_id != run_id; });
    if (found.empty()) {
      return Refuse(absl::NotFoundError("nothing is left of run " + run_id +
                                        ", or its test program still lives"));
    }
  }
  int status = kPassed;
  for (const Leftover& leftover : found) {
    if (absl::Status s = RemoveLeftover(leftover); !s.ok()) {
      std::cerr << "gtestnet: " << s.message() << '\n';
      status = kFailed;
    } else {
      std::cout << "Removed " << leftover << '\n';
    }
  }
  if (found.empty()) std::cout << "Nothing is left of any run.\n";
  return status;
}

}  // namespace gtestnet::command
