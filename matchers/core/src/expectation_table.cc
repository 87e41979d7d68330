// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation_table.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/expectation_grammar.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {

using matching::ErrorAt;
using matching::Expression;

template <class Make>
void ExpectationTable::Put(std::vector<Entry<Make>>& entries, std::string form, std::string help,
                           Make make) {
  std::string name = form.substr(0, form.find('('));
  std::erase_if(entries, [&](const Entry<Make>& entry) { return entry.name == name; });
  entries.push_back({std::move(name), {std::move(form), std::move(help)}, std::move(make)});
}

void ExpectationTable::Add(std::string form, std::string help, MakeExpectation make) {
  Put(runs_, std::move(form), std::move(help), std::move(make));
}

void ExpectationTable::AddNodeMatcher(std::string form, MakeNodeMatcher make) {
  Put(nodes_, std::move(form), "", std::move(make));
}

void ExpectationTable::AddSnapshotMatcher(std::string form, MakeSnapshotMatcher make) {
  Put(snapshots_, std::move(form), "", std::move(make));
}

absl::StatusOr<RunExpectation> ExpectationTable::Parse(std::string_view text) const {
  absl::StatusOr<Expression> parsed = matching::ParseExpression(text);
  if (!parsed.ok()) return parsed.status();
  if (parsed->kind != Expression::Kind::kCall) {
    return ErrorAt(parsed->column, "expected the name of an expectation");
  }
  std::vector<std::string> known;
  for (const Entry<MakeExpectation>& entry : runs_) {
    known.push_back(entry.name);
    if (entry.name != parsed->text) continue;
    absl::Status error;
    ExpectationArguments arguments(*parsed, *this, error);
    RunExpectation expectation = entry.make(arguments);
    arguments.End();
    if (!error.ok()) return error;
    return expectation;
  }
  const std::string nearest = matching::Nearest(parsed->text, known);
  return ErrorAt(
      parsed->column,
      absl::StrCat(parsed->text.substr(0, 64), " is no expectation",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

std::vector<ExpectationForm> ExpectationTable::Forms() const {
  std::vector<ExpectationForm> all;
  for (const auto& entry : runs_) all.push_back(entry.form);
  std::string nodes;
  for (const auto& entry : nodes_) absl::StrAppend(&nodes, entry.form.form, ", ");
  std::string snapshots;
  for (const auto& entry : snapshots_) absl::StrAppend(&snapshots, entry.form.form, ", ");
  all.push_back(
      {"number, blocks, depth, fraction:", "3, Eq(3), Ne, Ge, Gt, Le, Lt, AllOf, AnyOf, Not"});
  all.push_back({"snapshot:", absl::StrCat(snapshots, "AllOf, AnyOf, Not")});
  all.push_back({"node:", absl::StrCat(nodes, "AllOf, AnyOf, Not")});
  all.push_back({"duration:", "\"10s\", \"250ms\", Blocks(20), Slots(20), Epochs(1)"});
  return all;
}

std::ostream& operator<<(std::ostream& os, const ExpectationForm& form) {
  return os << form.form << "  " << form.help;
}

}  // namespace gtestnet
