// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_EXPECTATIONS_H_
#define GTESTNET_CHAIN_EXPECTATIONS_H_

#include "gtestnet/expectation_table.h"

namespace gtestnet::chain {

// Those over blocks, transactions and what nodes tell of their chains.
void AddExpectations(ExpectationTable& table);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_EXPECTATIONS_H_
