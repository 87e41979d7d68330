// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTIONS_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTIONS_H_

#include <string>

#include "gtestnet/chain/record.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/judging.h"

namespace gtestnet::matching {

// A transaction that is not wrong on purpose.
inline bool IsMeantToBeValid(const chain::TransactionRecord& t) { return t.flaw.empty(); }
// "t4, submitted to validator-0 at 0.200 s".
std::string Submission(const RunRecord& record, const chain::TransactionRecord& t);
// "no transaction was submitted".
Finding NoneSubmitted(const Of& of);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTIONS_H_
