// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/parse_expectation.h"

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/consensus_matchers.h"
#include "gtestnet/data_availability_matchers.h"
#include "gtestnet/expectation_from.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/transaction_matchers.h"
#include "gtestnet/variables.h"
#include "src/expectation_grammar.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using matching::ErrorAt;
using matching::Expression;
using Kind = Expression::Kind;

// Reads the arguments of one call, in order. The first error stays; what is returned after it is
// of no use.
class Arguments {
 public:
  Arguments(const Expression& call, absl::Status& error) : call_(call), error_(error) {}

  int64_t Whole() {
    const Expression& e = Next("a whole number");
    if (e.kind != Kind::kNumber || !e.is_whole) Fail(e, "expected a whole number");
    return static_cast<int64_t>(e.number);
  }
  double Number() {
    const Expression& e = Next("a number");
    if (e.kind != Kind::kNumber) Fail(e, "expected a number");
    return e.number;
  }
  std::string String() {
    const Expression& e = Next("a string in quotes");
    if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
    return e.text;
  }
  Timespan Duration() { return DurationOf(Next("a duration like \"10s\" or Blocks(20)")); }
  // A duration behind Within( ) or For( ).
  Timespan DurationIn(const char* name) {
    const std::string what = absl::StrCat(name, "(…) with a duration");
    const Expression& e = Next(what);
    if (e.kind != Kind::kCall || e.text != name || e.arguments.size() != 1) {
      Fail(e, absl::StrCat("expected ", what));
      return {};
    }
    return DurationOf(e.arguments[0]);
  }
  template <class T>
  testing::Matcher<T> NumberMatcher() {
    return NumberMatcherOf<T>(Next("a matcher of a number like Ge(1)"));
  }
  // A number, or one inside of `name`( ).
  testing::Matcher<double> NumberMatcherOrIn(const char* name, bool& in) {
    const Expression& e = Next("a matcher of a number like Ge(1)");
    in = e.kind == Kind::kCall && e.text == name;
    if (in && e.arguments.size() != 1) Fail(e, absl::StrCat(name, " needs one number"));
    return in && e.arguments.size() == 1 ? NumberMatcherOf<double>(e.arguments[0])
                                         : NumberMatcherOf<double>(e);
  }
  bool NextIs(const char* name) const {
    return more() && call_.arguments[next_].kind == Kind::kCall &&
           call_.arguments[next_].text == name;
  }
  // Of("workload"), as the last argument; or nothing.
  Of OfWorkload() {
    if (!NextIs("Of")) return Of();
    const Expression& e = call_.arguments[next_++];
    if (e.arguments.size() != 1 || e.arguments[0].kind != Kind::kString) {
      Fail(e, "expected Of(\"…\") with the name of a workload");
      return Of();
    }
    return Of(e.arguments[0].text);
  }
  testing::Matcher<const std::string&> StringMatcher() {
    const Expression& e = Next("a string in quotes");
    if (e.kind != Kind::kString) Fail(e, "expected a string in quotes");
    return testing::Eq(e.text);
  }
  testing::Matcher<const NodeSample&> NodeMatcher();
  testing::Matcher<const Snapshot&> SnapshotMatcher();

  bool more() const { return next_ < call_.arguments.size(); }
  // All have been read.
  void End() {
    if (more()) Fail(call_.arguments[next_], absl::StrCat(call_.text, " takes no more arguments"));
  }
  void Fail(const Expression& at, const std::string& what) {
    if (error_.ok()) error_ = ErrorAt(at.column, what);
  }

 private:
  const Expression& Next(std::string_view what) {
    if (more()) return call_.arguments[next_++];
    Fail(call_, absl::StrCat(call_.text, " needs ", matching::View(what)));
    return call_;
  }
  Timespan DurationOf(const Expression& e) {
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
  template <class T>
  testing::Matcher<T> NumberMatcherOf(const Expression& e);
  template <class T>
  bool Combination(const Expression& e,
                   const std::function<testing::Matcher<T>(const Expression&)>& one,
                   testing::Matcher<T>& to);
  testing::Matcher<const NodeSample&> NodeMatcherOf(const Expression& e);
  testing::Matcher<const Snapshot&> SnapshotMatcherOf(const Expression& e);
  void Unknown(const Expression& e, const std::vector<std::string>& known, const char* what);

  const Expression& call_;
  absl::Status& error_;
  size_t next_ = 0;
};

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
  if (number->kind != Kind::kNumber || (std::is_integral_v<T> && !number->is_whole)) {
    Fail(*number, std::is_integral_v<T> ? "expected a whole number" : "expected a number");
    return combined;
  }
  const T value = static_cast<T>(number->number);
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
      {"NodesAreLevel", [](Arguments& a) -> M { return NodesAreLevel(a.Whole()); }},
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

// Something that can be written as an expectation of a run.
struct RunForm {
  ExpectationForm form;
  std::function<RunExpectation(Arguments&)> make;

  std::string Name() const { return std::string(form.form.substr(0, form.form.find('('))); }
};

template <class M>
RunExpectation From(M matcher) {
  return ExpectationFrom<M>::Make(std::move(matcher), SourceLocation{});
}

const std::vector<RunForm>& RunForms() {
  using A = Arguments&;
  static const std::vector<RunForm> kForms = {
      {{"ConsensusIsLive", "every node grows as its leaders' stake lets expect, and ends level"},
       [](A) { return From(ConsensusIsLive()); }},
      {{"AgreesOnChain", "no two nodes finalise different blocks, and at the end chains agree"},
       [](A) { return From(AgreesOnChain()); }},
      {{"FinalityAdvances(blocks)",
        "every node finalises that many blocks; at least one by default"},
       [](A a) {
         return a.more() ? From(FinalityAdvances(a.NumberMatcher<int64_t>()))
                         : From(FinalityAdvances());
       }},
      {{"Reorganises(depth)", "a node gives up that many blocks of its chain"},
       [](A a) { return From(Reorganises(a.NumberMatcher<int64_t>())); }},
      {{"ForksAtMost(2)", "no node ever gives up more blocks than that at once"},
       [](A a) { return From(ForksAtMost(a.Whole())); }},
      {{"LeadsByStake", "each leader makes a share of the blocks that its stake explains"},
       [](A) { return From(LeadsByStake()); }},
      {{"RecoversWithin(\"10s\")", "each node that comes up is level with the highest by then"},
       [](A a) { return From(RecoversWithin(a.Duration())); }},
      {{"IncludesTransactions(fraction)", "the chain has that fraction of what was submitted"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesTransactions(std::move(inner), a.OfWorkload()));
       }},
      {{"FinalisesTransactions(fraction)", "that fraction is final at the end"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(FinalisesTransactions(std::move(inner), a.OfWorkload()));
       }},
      {{"InclusionLatency(95, blocks)",
        "that percentile of the latency, in block intervals; or Seconds(number)"},
       [](A a) {
         const double percentile = a.Number();
         bool in_seconds = false;
         testing::Matcher<double> inner = a.NumberMatcherOrIn("Seconds", in_seconds);
         const Of of = a.OfWorkload();
         return in_seconds ? From(InclusionLatency(percentile, Seconds(std::move(inner)), of))
                           : From(InclusionLatency(percentile, std::move(inner), of));
       }},
      {{"ReachesEveryMempool(fraction)",
        "that fraction reached the mempools of all nodes; all of them by default"},
       [](A a) {
         if (!a.more() || a.NextIs("Of")) return From(ReachesEveryMempool(a.OfWorkload()));
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(ReachesEveryMempool(std::move(inner), a.OfWorkload()));
       }},
      {{"SpendsEachNoteOnce", "no chain spends a note twice"},
       [](A a) { return From(SpendsEachNoteOnce(a.OfWorkload())); }},
      {{"ConservesSupply", "each included transaction makes what it spends"},
       [](A a) { return From(ConservesSupply(a.OfWorkload())); }},
      {{"RefusesInvalidTransactions", "no transaction that is wrong on purpose is in a block"},
       [](A a) { return From(RefusesInvalidTransactions(a.OfWorkload())); }},
      {{"MempoolDrains", "at the end no transaction waits in a mempool"},
       [](A) { return From(MempoolDrains()); }},
      {{"IncludesInscriptions(fraction)", "the chain has that fraction of the channels' messages"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesInscriptions(std::move(inner), a.OfWorkload()));
       }},
      {{"IncludesBlobs(fraction)", "the chain has that fraction of the blobs"},
       [](A a) {
         testing::Matcher<double> inner = a.NumberMatcher<double>();
         return From(IncludesBlobs(std::move(inner), a.OfWorkload()));
       }},
      {{"BlobsAreRetrievable", "every blob comes back byte for byte"},
       [](A a) { return From(BlobsAreRetrievable(a.OfWorkload())); }},
      {{"SamplingSucceeds(fraction)", "on each node, of the columns that it asked others for"},
       [](A a) { return From(SamplingSucceeds(a.NumberMatcher<double>())); }},
      {{"HasNoUnexpectedExits", "no node exits without being asked to"},
       [](A) { return From(HasNoUnexpectedExits()); }},
      {{"MetricIs(\"consensus_tip_height\", number)", "the last value of a metric, on every node"},
       [](A a) {
         std::string selector = a.String();
         return From(MetricIs(std::move(selector), a.NumberMatcher<double>()));
       }},
      {{"AtEnd(snapshot)", "the last snapshot of all nodes"},
       [](A a) { return From(AtEnd(a.SnapshotMatcher())); }},
      {{"Eventually(snapshot, Within(duration))", "a snapshot, not later than that"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return From(Eventually(std::move(inner), Within(a.DurationIn("Within"))));
       }},
      {{"Always(snapshot, For(duration))",
        "each snapshot for that time; for the whole run by default"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return a.more() ? From(Always(std::move(inner), For(a.DurationIn("For"))))
                         : From(Always(std::move(inner)));
       }},
      {{"Never(snapshot, For(duration))",
        "no snapshot for that time; for the whole run by default"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return a.more() ? From(Never(std::move(inner), For(a.DurationIn("For"))))
                         : From(Never(std::move(inner)));
       }},
      {{"StaysTrueFor(snapshot, For(duration))", "each snapshot, at some time for that long"},
       [](A a) {
         testing::Matcher<const Snapshot&> inner = a.SnapshotMatcher();
         return From(StaysTrueFor(std::move(inner), For(a.DurationIn("For"))));
       }},
      {{"LeadsTo(snapshot, snapshot, Within(duration))",
        "after each that is like the first, not later than that, one that is like the second"},
       [](A a) {
         testing::Matcher<const Snapshot&> cause = a.SnapshotMatcher();
         testing::Matcher<const Snapshot&> effect = a.SnapshotMatcher();
         return From(LeadsTo(std::move(cause), std::move(effect), Within(a.DurationIn("Within"))));
       }},
  };
  return kForms;
}

}  // namespace

absl::StatusOr<RunExpectation> ParseExpectation(std::string_view text) {
  absl::StatusOr<Expression> parsed = matching::ParseExpression(text);
  if (!parsed.ok()) return parsed.status();
  if (parsed->kind != Kind::kCall) {
    return ErrorAt(parsed->column, "expected the name of an expectation");
  }
  std::vector<std::string> known;
  for (const RunForm& form : RunForms()) {
    known.push_back(form.Name());
    if (known.back() != parsed->text) continue;
    absl::Status error;
    Arguments arguments(*parsed, error);
    RunExpectation expectation = form.make(arguments);
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

const std::vector<ExpectationForm>& ExpectationForms() {
  static const std::vector<ExpectationForm>* const kAll = [] {
    auto* all = new std::vector<ExpectationForm>;
    for (const RunForm& form : RunForms()) all->push_back(form.form);
    all->insert(
        all->end(),
        {{"number, blocks, depth, fraction:", "3, Eq(3), Ne, Ge, Gt, Le, Lt, AllOf, AnyOf, Not"},
         {"snapshot:",
          "AllNodes(node), AnyNode(node), ReachableNodes(node), NodesAreLevel(2), "
          "NodeNamed(\"validator-0\", node), AllOf, AnyOf, Not"},
         {"node:",
          "HasHeight(number), HasFinalisedHeight, HasSlot, HasPeers, HasMempool, "
          "HasMode(\"Online\"), IsReachable, AllOf, AnyOf, Not"},
         {"duration:", "\"10s\", \"250ms\", Blocks(20), Slots(20), Epochs(1)"}});
    return all;
  }();
  return *kAll;
}

std::ostream& operator<<(std::ostream& os, const ExpectationForm& form) {
  return os << form.form << "  " << form.help;
}

}  // namespace gtestnet
