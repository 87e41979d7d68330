// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/usage.h"

namespace gtestnet {

NodeUsage UsageOf(const ProcessUsage& usage) {
  NodeUsage told;
  told.process = usage.process;
  told.since = usage.since;
  told.frozen = usage.frozen;
  told.values["memory"] = static_cast<double>(usage.memory);
  told.values["cpu"] = static_cast<double>(usage.cpu_ms);
  if (usage.open_files) told.values["open_files"] = static_cast<double>(*usage.open_files);
  return told;
}

}  // namespace gtestnet
