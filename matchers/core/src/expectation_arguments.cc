// SPDX-License-Identifier: Apache-2.0
#include "src/expectation_arguments.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/variables.h"
#include "src/finding.h"

namespace gtestnet::matching {

using Kind = Expression::Kind;

int64_t Arguments::Count() {
  const Expression& e = Next("a whole number");
  if (e.kind != Kind::kNumber || !e.is_whole) Fail(e, "expected a whole number");
  if (e.number < 0) Fail(e, "it must not be negative");
  return static_cast<int64_t>(e.number);
}

double Arguments::Number() {
  const Expression& e = Next("a number");
  if (e.kind != Kind::kNumber) Fail(e, "expected a number");
  return e.number;
}

std::string Arguments::String() {
  const Expression& e = Next("a string in quotes");
  if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
  return e.text;
}

Timespan Arguments::Duration() { return DurationOf(Next("a duration like \"10s\" or Blocks(20)")); }

Timespan Arguments::DurationIn(const char* name) {
  const std::string what = absl::StrCat(name, "(…) with a duration");
  const Expression& e = Next(what);
  if (e.kind != Kind::kCall || e.text != name || e.arguments.size() != 1) {
    Fail(e, absl::StrCat("expected ", what));
    return {};
  }
  return DurationOf(e.arguments[0]);
}

testing::Matcher<double> Arguments::NumberMatcherOrIn(const char* name, bool& in) {
  const Expression& e = Next("a matcher of a number like Ge(1)");
  in = e.kind == Kind::kCall && e.text == name;
  if (in && e.arguments.size() != 1) Fail(e, absl::StrCat(name, " needs one number"));
  return in && e.arguments.size() == 1 ? NumberMatcherOf<double>(e.arguments[0])
                                       : NumberMatcherOf<double>(e);
}

bool Arguments::NextIs(const char* name) const {
  return more() && call_.arguments[next_].kind == Kind::kCall &&
         call_.arguments[next_].text == name;
}

Of Arguments::OfWorkload() {
  if (!NextIs("Of")) return Of();
  const Expression& e = call_.arguments[next_++];
  if (e.arguments.size() != 1 || e.arguments[0].kind != Kind::kString) {
    Fail(e, "expected Of(\"…\") with the name of a workload");
    return Of();
  }
  return Of(e.arguments[0].text);
}

testing::Matcher<const std::string&> Arguments::StringMatcher() {
  const Expression& e = Next("a string in quotes");
  if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
  return testing::Eq(e.text);
}

void Arguments::End() {
  if (more()) Fail(call_.arguments[next_], absl::StrCat(call_.text, " takes no more arguments"));
}

void Arguments::Fail(const Expression& at, const std::string& what) {
  if (error_.ok()) error_ = ErrorAt(at.column, what);
}

const Expression& Arguments::Next(std::string_view what) {
  if (more()) return call_.arguments[next_++];
  Fail(call_, absl::StrCat(call_.text, " needs ", matching::View(what)));
  return call_;
}

Timespan Arguments::DurationOf(const Expression& e) {
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

void Arguments::Unknown(const Expression& e, const std::vector<std::string>& known,
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
bool Arguments::Combination(const Expression& e,
                            const std::function<testing::Matcher<T>(const Expression&)>& one,
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
T Arguments::ComparedWith(const Expression& e) {
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
testing::Matcher<T> Arguments::NumberMatcherOf(const Expression& e) {
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

testing::Matcher<const NodeSample&> Arguments::NodeMatcherOf(const Expression& e) {
  using M = testing::Matcher<const NodeSample&>;
  M combined = testing::A<const NodeSample&>();
  if (Combination<const NodeSample&>(
          e, [this](const Expression& x) { return NodeMatcherOf(x); }, combined)) {
    return combined;
  }
  static const std::vector<std::pair<std::string, std::function<M(Arguments&)>>> kNodes = {
      {"HasHeight", [](Arguments& a) -> M { return HasHeight(a.NumberMatcher<int64_t>()); }},
      {"HasFinalisedHeight",
       [](Arguments& a) -> M { return HasFinalisedHeight(a.NumberMatcher<int64_t>()); }},
      {"HasSlot", [](Arguments& a) -> M { return HasSlot(a.NumberMatcher<int64_t>()); }},
      {"HasPeers", [](Arguments& a) -> M { return HasPeers(a.NumberMatcher<int64_t>()); }},
      {"HasMempool", [](Arguments& a) -> M { return HasMempool(a.NumberMatcher<int64_t>()); }},
      {"HasMode", [](Arguments& a) -> M { return HasMode(a.StringMatcher()); }},
      {"IsReachable", [](Arguments&) -> M { return IsReachable(); }},
  };
  std::vector<std::string> known = {"AllOf", "AnyOf", "Not"};
  for (const auto& [name, make] : kNodes) {
    known.push_back(name);
    if (e.kind != Kind::kCall || e.text != name) continue;
    Arguments inner(e, error_);
    M made = make(inner);
    inner.End();
    return made;
  }
  Unknown(e, known, "matcher of a node");
  return combined;
}

testing::Matcher<const Snapshot&> Arguments::SnapshotMatcherOf(const Expression& e) {
  using M = testing::Matcher<const Snapshot&>;
  M combined = testing::A<const Snapshot&>();
  if (Combination<const Snapshot&>(
          e, [this](const Expression& x) { return SnapshotMatcherOf(x); }, combined)) {
    return combined;
  }
  static const std::vector<std::pair<std::string, std::function<M(Arguments&)>>> kSnapshots = {
      {"AllNodes", [](Arguments& a) -> M { return AllNodes(a.NodeMatcher()); }},
      {"AnyNode", [](Arguments& a) -> M { return AnyNode(a.NodeMatcher()); }},
      {"ReachableNodes", [](Arguments& a) -> M { return ReachableNodes(a.NodeMatcher()); }},
      {"NodesAreLevel", [](Arguments& a) -> M { return NodesAreLevel(a.Count()); }},
      {"NodeNamed",
       [](Arguments& a) -> M {
         std::string name = a.String();
         return NodeNamed(std::move(name), a.NodeMatcher());
       }},
  };
  std::vector<std::string> known = {"AllOf", "AnyOf", "Not"};
  for (const auto& [name, make] : kSnapshots) {
    known.push_back(name);
    if (e.kind != Kind::kCall || e.text != name) continue;
    Arguments inner(e, error_);
    M made = make(inner);
    inner.End();
    return made;
  }
  Unknown(e, known, "matcher of a snapshot");
  return combined;
}

testing::Matcher<const NodeSample&> Arguments::NodeMatcher() {
  return NodeMatcherOf(Next("a matcher of a node like HasHeight(Ge(5))"));
}

testing::Matcher<const Snapshot&> Arguments::SnapshotMatcher() {
  return SnapshotMatcherOf(Next("a matcher of a snapshot like AllNodes(HasHeight(Ge(5)))"));
}

template <class T>
testing::Matcher<T> Arguments::NumberMatcher() {
  return NumberMatcherOf<T>(Next("a matcher of a number like Ge(1)"));
}
template testing::Matcher<int64_t> Arguments::NumberMatcher<int64_t>();
template testing::Matcher<double> Arguments::NumberMatcher<double>();

testing::Matcher<RunTime> Arguments::TimeMatcher() {
  return NumberMatcherOf<RunTime>(Next("a matcher of a duration like Le(\"200ms\")"));
}

}  // namespace gtestnet::matching
