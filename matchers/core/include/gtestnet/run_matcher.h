// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RUN_MATCHER_H_
#define GTESTNET_RUN_MATCHER_H_

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "gtestnet/record.h"

namespace gtestnet {

using RunMatcher = testing::Matcher<const RunRecord&>;

// Whose transactions, blobs or operations are judged: those of one workload, by its name; whose
// logs: those of one node. Left out: of all.
//
//   ExpectAtTearDown(IncludesTransactions(Ge(0.9), Of("transactions")));
class Of {
 public:
  Of() = default;
  explicit Of(std::string workload) : workload_(std::move(workload)) {}

  const std::string& name() const { return workload_; }
  bool TakesName(const std::string& workload) const {
    return workload_.empty() || workload == workload_;
  }
  template <class Record>
  bool Takes(const Record& record) const {
    return TakesName(record.workload);
  }
  // " of \"transactions\"", or nothing; while a record is judged that has no such workload, with
  // the nearest that it has.
  std::string Words() const;

 private:
  std::string workload_;
};

}  // namespace gtestnet

#endif  // GTESTNET_RUN_MATCHER_H_
