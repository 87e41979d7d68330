// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/transactions.h"

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"

namespace gtestnet::matching {

std::string Submission(const RunRecord& record, const chain::TransactionRecord& t) {
  return absl::StrCat(Short(t.hash), ", submitted to ",
                      record.nodes[static_cast<size_t>(t.node)].name, " at ",
                      InSeconds(t.submitted_at));
}

Finding NoneSubmitted(const Of& of) {
  return NothingToJudge(absl::StrCat("no transaction", of.Words(), " was submitted"));
}

}  // namespace gtestnet::matching
