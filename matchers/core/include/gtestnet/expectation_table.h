// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_EXPECTATION_TABLE_H_
#define GTESTNET_EXPECTATION_TABLE_H_

#include <gmock/gmock.h>

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/expectation.h"
#include "gtestnet/expectation_arguments.h"
#include "gtestnet/record.h"

namespace gtestnet {

// One thing that can be written, for a help page.
struct ExpectationForm {
  std::string form = {};  // "IncludesTransactions(fraction)"
  std::string help = {};  // one line
};

// What can be written as the text of an expectation. Each library of matchers adds its own, and so
// can a team for theirs:
//
//   ExpectationTable table;
//   AddExpectations(table);  // those of any kind of node
//   table.Add("LeadsAlone", "no two members lead in one term",
//             [](ExpectationArguments&) { return ExpectationFromText(LeadsAlone()); });
//   absl::StatusOr<RunExpectation> e = table.Parse("LeadsAlone");
//
// Once it is made, any thread may use it.
class ExpectationTable {
 public:
  using MakeExpectation = std::function<RunExpectation(ExpectationArguments&)>;
  using NodeMatcher = testing::Matcher<const NodeSample&>;
  using MakeNodeMatcher = std::function<NodeMatcher(ExpectationArguments&)>;
  using SnapshotMatcher = testing::Matcher<const Snapshot&>;
  using MakeSnapshotMatcher = std::function<SnapshotMatcher(ExpectationArguments&)>;

  // Of a run; of a node, as in AllNodes(node); of a snapshot, as in Eventually(snapshot, …). A form
  // begins with the name; of two with one name the later one stands.
  void Add(std::string form, std::string help, MakeExpectation make);
  void AddNodeMatcher(std::string form, MakeNodeMatcher make);
  void AddSnapshotMatcher(std::string form, MakeSnapshotMatcher make);

  // kInvalidArgument names the column, what was expected there and, for a name, the nearest one.
  absl::StatusOr<RunExpectation> Parse(std::string_view text) const;
  // Those of a run first, in the order in which they were added, then what goes inside them.
  std::vector<ExpectationForm> Forms() const;

 private:
  friend class ExpectationArguments;
  template <class Make>
  struct Entry {
    std::string name;
    ExpectationForm form;
    Make make;
  };
  template <class Make>
  static void Put(std::vector<Entry<Make>>& entries, std::string form, std::string help, Make make);

  std::vector<Entry<MakeExpectation>> runs_;
  std::vector<Entry<MakeNodeMatcher>> nodes_;
  std::vector<Entry<MakeSnapshotMatcher>> snapshots_;
};

// Those over nodes, samples, operations, metrics and time, which every kind of node has.
void AddExpectations(ExpectationTable& table);

std::ostream& operator<<(std::ostream& os, const ExpectationForm& form);

}  // namespace gtestnet

#endif  // GTESTNET_EXPECTATION_TABLE_H_
