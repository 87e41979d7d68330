// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_

#include "gtestnet/chain/record.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

// Of a record for which ChainOf is null.
inline Finding NoChain(const RunRecord& record) {
  return NothingToJudge(
      chain::HasUnreadChain(record)
          ? "the record's chain was not read: call gtestnet::chain::RegisterRecord() "
            "before the record is"
          : "the record has no chain");
}

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_
