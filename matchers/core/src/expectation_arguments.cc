// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation_arguments.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/expectation_table.h"
#include "gtestnet/variables.h"
#include "matchers/core/src/expectation_grammar.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {

using matching::ErrorAt;
using matching::Expression;
using Kind = Expression::Kind;

int64_t ExpectationArguments::Count() {
  const Expression& e = Next("a whole number");
  if (e.kind != Kind::kNumber || !e.is_whole) Fail(e, "expected a whole number");
  if (e.number < 0) Fail(e, "it must not be negative");
  return static_cast<int64_t>(e.number);
}

double ExpectationArguments::Number() {
  const Expression& e = Next("a number");
  if (e.kind != Kind::kNumber) Fail(e, "expected a number");
  return e.number;
}

std::string ExpectationArguments::String() {
  const Expression& e = Next("a string in quotes");
  if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
  return e.text;
}

Timespan ExpectationArguments::Duration() {
  return DurationOf(Next("a duration like \"10s\" or Blocks(20)"));
}

Timespan ExpectationArguments::DurationIn(const char* name) {
  const std::string what = absl::StrCat(name, "(…) with a duration");
  const Expression& e = Next(what);
  if (e.kind != Kind::kCall || e.text != name || e.arguments.size() != 1) {
    Fail(e, absl::StrCat("expected ", what));
    return {};
  }
  return DurationOf(e.arguments[0]);
}

double ExpectationArguments::NumberIn(const char* name) {
  const std::string what = absl::StrCat(name, "(…) with a number");
  const Expression& e = Next(what);
  const bool fits = e.kind == Kind::kCall && e.text == name && e.arguments.size() == 1 &&
                    e.arguments[0].kind == Kind::kNumber;
  if (!fits) Fail(e, absl::StrCat("expected ", what));
  return fits ? e.arguments[0].number : 0;
}

testing::Matcher<double> ExpectationArguments::NumberMatcherOrIn(const char* name, bool& in) {
  const Expression& e = Next("a matcher of a number like Ge(1)");
  in = e.kind == Kind::kCall && e.text == name;
  if (in && e.arguments.size() != 1) Fail(e, absl::StrCat(name, " needs one number"));
  return in && e.arguments.size() == 1 ? NumberMatcherOf<double>(e.arguments[0])
                                       : NumberMatcherOf<double>(e);
}

bool ExpectationArguments::more() const { return next_ < call_.arguments.size(); }

bool ExpectationArguments::NextIs(const char* name) const {
  return more() && call_.arguments[next_].kind == Kind::kCall &&
         call_.arguments[next_].text == name;
}

bool ExpectationArguments::TakeIf(const char* name) {
  if (!NextIs(name) || !call_.arguments[next_].arguments.empty()) return false;
  ++next_;
  return true;
}

std::string ExpectationArguments::StringIn(const char* name) {
  const std::string what = absl::StrCat(name, "(\"…\")");
  const Expression& e = Next(what);
  if (e.kind == Kind::kCall && e.text == name && e.arguments.size() == 1 &&
      e.arguments[0].kind == Kind::kString) {
    return e.arguments[0].text;
  }
  Fail(e, absl::StrCat("expected ", what));
  return "";
}

Of ExpectationArguments::OfWorkload() {
  if (!NextIs("Of")) return Of();
  const Expression& e = call_.arguments[next_++];
  if (e.arguments.size() != 1 || e.arguments[0].kind != Kind::kString) {
    Fail(e, "expected Of(\"…\") with the name of a workload");
    return Of();
  }
  return Of(e.arguments[0].text);
}

testing::Matcher<const std::string&> ExpectationArguments::StringMatcher() {
  const Expression& e = Next("a string in quotes");
  if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
  return testing::Eq(e.text);
}

void ExpectationArguments::End() {
  if (more()) Fail(call_.arguments[next_], absl::StrCat(call_.text, " takes no more arguments"));
}

void ExpectationArguments::Fail(const Expression& at, const std::string& what) {
  if (error_.ok()) error_ = ErrorAt(at.column, what);
}

const Expression& ExpectationArguments::Next(std::string_view what) {
  if (more()) return call_.arguments[next_++];
  Fail(call_, absl::StrCat(call_.text, " needs ", matching::View(what)));
  return call_;
}

Timespan ExpectationArguments::DurationOf(const Expression& e) {
  if (e.kind == Kind::kString) {
    absl::StatusOr<std::chrono::milliseconds> ms = ParseDuration(e.text);
    if (ms.ok()) return *ms;
  } else if (e.kind == Kind::kCall && e.arguments.size() == 1 && e.arguments[0].is_whole &&
             e.arguments[0].number >= 0) {
    const auto n = static_cast<int64_t>(e.arguments[0].number);
    if (e.text == "Blocks") return Blocks(n);
    if (e.text == "Slots") return Slots(n);
    if (e.text == "Epochs") return Epochs(n);
  }
  Fail(e, "expected a duration like \"10s\", Blocks(20), Slots(20) or Epochs(1)");
  return {};
}

void ExpectationArguments::Unknown(const Expression& e, const std::vector<std::string>& known,
                                   const char* what) {
  if (e.kind != Kind::kCall) return Fail(e, absl::StrCat("expected ", what));
  const std::string nearest = matching::Nearest(e.text, known);
  std::string all;
  for (const std::string& name : known) absl::StrAppend(&all, all.empty() ? "" : ", ", name);
  Fail(e, absl::StrCat(e.text.substr(0, 64), " is no ", what,
                       nearest.empty() ? absl::StrCat("; there are ", all)
                                       : absl::StrCat("; did you mean ", nearest, "?")));
}

// AllOf, AnyOf and Not, which go around matchers of anything.
template <class T>
bool ExpectationArguments::Combination(
    const Expression& e, const std::function<testing::Matcher<T>(const Expression&)>& one,
    testing::Matcher<T>& to) {
  if (e.kind != Kind::kCall || (e.text != "AllOf" && e.text != "AnyOf" && e.text != "Not")) {
    return false;
  }
  if (e.arguments.empty() || (e.text == "Not" && e.arguments.size() != 1)) {
    Fail(e, absl::StrCat(e.text, " needs ", e.text == "Not" ? "one matcher" : "matchers"));
    to = testing::A<T>();
    return true;
  }
  std::vector<testing::Matcher<T>> parts;
  for (const Expression& argument : e.arguments) parts.push_back(one(argument));
  if (e.text == "Not") {
    to = testing::Not(parts[0]);
  } else if (e.text == "AllOf") {
    to = testing::AllOfArray(parts);
  } else {
    to = testing::AnyOfArray(parts);
  }
  return true;
}

template <class T>
T ExpectationArguments::ComparedWith(const Expression& e) {
  if constexpr (std::is_same_v<T, RunTime>) {
    absl::StatusOr<RunTime> time = absl::InvalidArgumentError("");
    if (e.kind == Kind::kString) time = ParseDuration(e.text);
    if (!time.ok()) Fail(e, "expected a duration in quotes like \"200ms\"");
    return time.value_or(RunTime(0));
  } else {
    if (e.kind != Kind::kNumber || (std::is_integral_v<T> && !e.is_whole)) {
      Fail(e, std::is_integral_v<T> ? "expected a whole number" : "expected a number");
    }
    return static_cast<T>(e.number);
  }
}

template <class T>
testing::Matcher<T> ExpectationArguments::NumberMatcherOf(const Expression& e) {
  testing::Matcher<T> combined = testing::A<T>();
  if (Combination<T>(
          e, [this](const Expression& x) { return NumberMatcherOf<T>(x); }, combined)) {
    return combined;
  }
  const Expression* number = &e;
  if (e.kind == Kind::kCall) {
    const std::vector<std::string> known = {"Eq", "Ne",    "Ge",    "Gt", "Le",
                                            "Lt", "AllOf", "AnyOf", "Not"};
    if (std::find(known.begin(), known.end(), e.text) == known.end()) {
      Unknown(e, known, "matcher of a number");
      return combined;
    }
    if (e.arguments.size() != 1) {
      Fail(e, absl::StrCat(e.text, " needs one number"));
      return combined;
    }
    number = &e.arguments[0];
  }
  const T value = ComparedWith<T>(*number);
  if (e.text == "Ne") return testing::Ne(value);
  if (e.text == "Ge") return testing::Ge(value);
  if (e.text == "Gt") return testing::Gt(value);
  if (e.text == "Le") return testing::Le(value);
  if (e.text == "Lt") return testing::Lt(value);
  return testing::Eq(value);
}

// The one of `entries` that the expression names.
template <class T, class Entries>
testing::Matcher<T> ExpectationArguments::Named(const Entries& entries, const Expression& e,
                                                const char* what) {
  std::vector<std::string> known = {"AllOf", "AnyOf", "Not"};
  for (const auto& entry : entries) {
    known.push_back(entry.name);
    if (e.kind != Kind::kCall || e.text != entry.name) continue;
    ExpectationArguments inner(e, table_, error_);
    testing::Matcher<T> made = entry.make(inner);
    inner.End();
    return made;
  }
  Unknown(e, known, what);
  return testing::A<T>();
}

testing::Matcher<const NodeSample&> ExpectationArguments::NodeMatcherOf(const Expression& e) {
  testing::Matcher<const NodeSample&> combined = testing::A<const NodeSample&>();
  if (Combination<const NodeSample&>(
          e, [this](const Expression& x) { return NodeMatcherOf(x); }, combined)) {
    return combined;
  }
  return Named<const NodeSample&>(table_.nodes_, e, "matcher of a node");
}

testing::Matcher<const Snapshot&> ExpectationArguments::SnapshotMatcherOf(const Expression& e) {
  testing::Matcher<const Snapshot&> combined = testing::A<const Snapshot&>();
  if (Combination<const Snapshot&>(
          e, [this](const Expression& x) { return SnapshotMatcherOf(x); }, combined)) {
    return combined;
  }
  return Named<const Snapshot&>(table_.snapshots_, e, "matcher of a snapshot");
}

testing::Matcher<const NodeSample&> ExpectationArguments::NodeMatcher() {
  return NodeMatcherOf(Next("a matcher of a node like HasHeight(Ge(5))"));
}

testing::Matcher<const Snapshot&> ExpectationArguments::SnapshotMatcher() {
  return SnapshotMatcherOf(Next("a matcher of a snapshot like AllNodes(HasHeight(Ge(5)))"));
}

template <class T>
testing::Matcher<T> ExpectationArguments::NumberMatcher() {
  return NumberMatcherOf<T>(Next("a matcher of a number like Ge(1)"));
}
template testing::Matcher<int64_t> ExpectationArguments::NumberMatcher<int64_t>();
template testing::Matcher<double> ExpectationArguments::NumberMatcher<double>();

testing::Matcher<RunTime> ExpectationArguments::TimeMatcher() {
  return NumberMatcherOf<RunTime>(Next("a matcher of a duration like Le(\"200ms\")"));
}

}  // namespace gtestnet
