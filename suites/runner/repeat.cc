// SPDX-License-Identifier: Apache-2.0
#include "runner/repeat.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/idle_workloads.h"

namespace gtestnet::command {
namespace {

using Texts = std::vector<std::string>;

constexpr size_t kMostTexts = 20'000;

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

void AddOnce(Texts& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

// "Always(snapshot, For(duration))" → {"snapshot", "For(duration)"}.
Texts ArgumentsOf(std::string_view form) {
  Texts arguments;
  const size_t open = form.find('(');
  if (open == std::string_view::npos) return arguments;
  int depth = 0;
  bool quoted = false;
  std::string current;
  for (const char c : form.substr(open + 1, form.rfind(')') - open - 1)) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '(') ++depth;
    if (!quoted && c == ')') --depth;
    if (!quoted && depth == 0 && (c == ',' || c == ' ')) {
      if (c == ',') arguments.push_back(std::exchange(current, ""));
      continue;
    }
    current += c;
  }
  arguments.push_back(current);
  return arguments;
}

// What the arguments of a description may be, of what it says.
class Candidates {
 public:
  Candidates(const ExpectationFinder::Parser& parser, const std::vector<ExpectationForm>& forms,
             const std::string& description)
      : parser_(parser), forms_(forms), description_(description) {
    FindNumbers();
    FindStrings();
    FindDurations();
    nodes_ = Nested("node:", "AtEnd(AnyNode(", "))", "has a last snapshot that has a node that ");
    snapshots_ = Nested("snapshot:", "AtEnd(", ")", "has a last snapshot that ");
  }

  // All texts that a form may be.
  Texts OfForm(const std::string& form) const {
    const std::string name = form.substr(0, form.find('('));
    const Texts arguments = ArgumentsOf(form);
    Texts all;
    AddCalls(all, name, arguments, arguments.size());
    // The last one has a default now and then; what takes a number may not say so.
    if (!arguments.empty()) {
      AddCalls(all, name, arguments, arguments.size() - 1);
    } else {
      AddCalls(all, name, {"number"}, 1);
    }
    return all;
  }

 private:
  void AddCalls(Texts& all, const std::string& name, const Texts& arguments, size_t count) const {
    Texts lists = {""};
    for (size_t i = 0; i < count; ++i) {
      Texts longer;
      const Texts values = OfArgument(arguments[i]);
      for (const std::string& list : lists) {
        for (const std::string& value : values) {
          if (longer.size() < kMostTexts) {
            longer.push_back(absl::StrCat(list, list.empty() ? "" : ", ", value));
          }
        }
      }
      lists = std::move(longer);
    }
    for (const std::string& list : lists) {
      all.push_back(list.empty() ? name : absl::StrCat(name, "(", list, ")"));
      if (!Has(description_, " of \"")) continue;
      for (const std::string& workload : quoted_) {
        all.push_back(
            absl::StrCat(name, "(", list, list.empty() ? "" : ", ", "Of(", Quoted(workload), "))"));
      }
    }
  }

  Texts OfArgument(const std::string& argument) const {
    if (argument == "snapshot") return snapshots_;
    if (argument == "node") return nodes_;
    if (argument == "duration") return durations_;
    for (const char* name : {"Within", "For"}) {
      if (argument == absl::StrCat(name, "(duration)")) return Around(name, durations_);
    }
    if (argument == "number" || argument == "fraction" || argument == "depth") return comparisons_;
    if (argument == "blocks") {
      Texts all = comparisons_;
      for (std::string& seconds : Around("Seconds", comparisons_)) all.push_back(seconds);
      return all;
    }
    if (IsDigit(argument[0])) return numbers_;
    if (argument[0] == '"' && IsDigit(argument[1])) return durations_;
    if (argument[0] == '"') return strings_;
    if (argument == "Le(\"200ms\")") return times_;
    return {};
  }

  static Texts Around(const std::string& name, const Texts& inner) {
    Texts all;
    for (const std::string& one : inner) all.push_back(absl::StrCat(name, "(", one, ")"));
    return all;
  }

  // Matchers of nodes or snapshots of which the description says what they say of themselves.
  Texts Nested(const std::string& what, const std::string& before, const std::string& after,
               const std::string& prefix) const {
    Texts all;
    for (const ExpectationForm& line : forms_) {
      if (line.form != what) continue;
      for (const std::string& form : ArgumentsOf(absl::StrCat("(", line.help, ")"))) {
        if (form == "AllOf" || form == "AnyOf" || form == "Not") continue;
        for (const std::string& text : OfForm(form)) {
          for (const std::string& one : {text, absl::StrCat("Not(", text, ")")}) {
            const auto parsed = parser_(absl::StrCat(before, one, after));
            if (!parsed.ok() || parsed->name.size() < prefix.size()) continue;
            if (Has(description_, std::string_view(parsed->name).substr(prefix.size()))) {
              AddOnce(all, one);
            }
          }
        }
      }
    }
    return all;
  }

  void FindNumbers() {
    for (size_t at = 0; at < description_.size();) {
      size_t end = at;
      if (description_[at] == '-') ++end;
      while (end < description_.size() &&
             (IsDigit(description_[end]) || description_[end] == '.')) {
        ++end;
      }
      std::string number = description_.substr(at, end - at);
      while (!number.empty() && number.back() == '.') number.pop_back();
      if (!number.empty() && IsDigit(number.back())) AddOnce(numbers_, number);
      at = std::max(end, at + 1);
    }
    // In this order, as gMock has two ways of saying what is less.
    const std::pair<const char*, const char*> words[] = {
        {"Ge", ">= "}, {"Gt", "> "}, {"Le", "<= "}, {"Lt", "< "}, {"Eq", "equal to "}};
    for (const std::string& number : numbers_) {
      for (const auto& [name, word] : words) {
        if (!Has(description_, word + number)) continue;
        comparisons_.push_back(absl::StrCat(name, "(", number, ")"));
        if (std::string_view(name) == "Eq") {
          comparisons_.push_back(absl::StrCat("Ne(", number, ")"));
        }
      }
    }
  }

  void FindStrings() {
    for (size_t at = description_.find('"'); at != std::string::npos;) {
      const size_t end = description_.find('"', at + 1);
      if (end == std::string::npos) break;
      AddOnce(quoted_, description_.substr(at + 1, end - at - 1));
      at = description_.find('"', end + 1);
    }
    strings_ = {"\"\""};
    for (const std::string& one : quoted_) AddOnce(strings_, Quoted(one));
    for (size_t at = 0; at < description_.size();) {
      const size_t end = std::min(description_.find(' ', at), description_.size());
      std::string word = description_.substr(at, end - at);
      while (!word.empty() && (word.back() == ',' || word.back() == ':' || word.back() == ';')) {
        word.pop_back();
      }
      if (!word.empty() && word.find('"') != 0) AddOnce(strings_, Quoted(word));
      at = end + 1;
    }
    // A selector may have spaces in it.
    const size_t last = description_.find("a last ");
    const size_t that = description_.find(" that ", last == std::string::npos ? 0 : last);
    if (last != std::string::npos && that != std::string::npos) {
      AddOnce(strings_, Quoted(description_.substr(last + 7, that - last - 7)));
    }
  }

  void FindDurations() {
    const std::pair<const char*, const char*> units[] = {
        {" block", "Blocks"}, {" slot", "Slots"}, {" epoch", "Epochs"}};
    for (const std::string& number : numbers_) {
      for (const char* unit : {"s", "ms"}) {
        if (!Has(description_, absl::StrCat(number, " ", unit))) continue;
        AddOnce(durations_, absl::StrCat("\"", number, unit, "\""));
      }
      for (const auto& [word, name] : units) {
        if (Has(description_, number + word)) {
          durations_.push_back(absl::StrCat(name, "(", number, ")"));
        }
      }
      for (const char* name : {"Ge", "Gt", "Le", "Lt", "Eq", "Ne"}) {
        times_.push_back(absl::StrCat(name, "(\"", number, "ms\")"));
      }
    }
  }

  const ExpectationFinder::Parser& parser_;
  const std::vector<ExpectationForm>& forms_;
  const std::string& description_;
  Texts numbers_;
  Texts comparisons_;
  Texts quoted_;
  Texts strings_;
  Texts durations_;
  Texts times_;
  Texts nodes_;
  Texts snapshots_;
};

}  // namespace

ExpectationFinder::ExpectationFinder(Parser parser, std::vector<ExpectationForm> forms)
    : parser_(std::move(parser)), forms_(std::move(forms)) {}

std::optional<std::string> ExpectationFinder::TextOf(const std::string& description) const {
  const Candidates candidates(parser_, forms_, description);
  for (const ExpectationForm& form : forms_) {
    // What goes inside comes in lines of its own.
    if (form.form.back() == ':') continue;
    for (std::string& text : candidates.OfForm(form.form)) {
      const absl::StatusOr<RunExpectation> parsed = parser_(text);
      if (parsed.ok() && parsed->name == description) return std::move(text);
    }
  }
  return std::nullopt;
}

bool Repetition::confirmed() const {
  for (size_t i = 0; i < again.size(); ++i) {
    if (again[i].judged != recorded[i].judged || again[i].met != recorded[i].met) return false;
  }
  return true;
}

Repetition Repeat(const RunRecord& record, const ExpectationFinder::Parser& parser,
                  const std::vector<ExpectationForm>& forms) {
  const ExpectationFinder finder(parser, forms);
  Repetition repetition;
  std::vector<RunExpectation> found;
  for (const VerdictRecord& verdict : record.verdicts) {
    const std::optional<std::string> text = finder.TextOf(verdict.expectation);
    if (!text) {
      repetition.rest.push_back(verdict);
      continue;
    }
    found.push_back(*parser(*text));
    repetition.recorded.push_back(verdict);
  }
  RunRecord copy = record;
  repetition.again = Judge(copy, found);
  for (size_t i = 0; i < repetition.again.size(); ++i) {
    repetition.again[i].where = repetition.recorded[i].where;
  }
  return repetition;
}

std::vector<VerdictRecord> BadWorkloads(const RunRecord& record) {
  std::vector<VerdictRecord> bad = IdleWorkloads(record);
  for (const WorkloadRecord& workload : record.workloads) {
    if (workload.error.empty()) continue;
    VerdictRecord& verdict = bad.emplace_back();
    verdict.expectation = absl::StrCat("workload ", workload.name, " did not fail");
    verdict.required = "no failure";
    verdict.observed = absl::StrCat("it failed after ", workload.actions, ": ", workload.error);
  }
  return bad;
}

}  // namespace gtestnet::command
