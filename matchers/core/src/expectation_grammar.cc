// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/expectation_grammar.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {
namespace {

constexpr size_t kLongest = 4096;
constexpr int kDeepest = 16;
constexpr size_t kMostArguments = 32;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Recursive descent; the first error ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Expression> Parse() {
    absl::StatusOr<Expression> all = ParseOne(0);
    if (!all.ok()) return all;
    if (Peek() != '\0') return Unexpected("the end");
    return all;
  }

 private:
  absl::StatusOr<Expression> ParseOne(int depth) {
    if (depth > kDeepest) {
      return ErrorAt(at_ + 1, absl::StrCat("more than ", kDeepest, " brackets are open"));
    }
    const char c = Peek();
    if (IsLetter(c)) return ParseCall(depth);
    if (c == '"') return ParseString();
    if (IsDigit(c) || c == '-' || c == '.') return ParseNumber();
    return Unexpected(depth == 0 ? "the name of an expectation" : "a name, a number or a string");
  }

  absl::StatusOr<Expression> ParseCall(int depth) {
    Expression call;
    call.column = at_ + 1;
    while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]))) {
      call.text += text_[at_++];
    }
    if (Peek() != '(') return call;
    ++at_;
    if (Peek() == ')') {
      ++at_;
      return call;
    }
    while (true) {
      absl::StatusOr<Expression> argument = ParseOne(depth + 1);
      if (!argument.ok()) return argument;
      call.arguments.push_back(*std::move(argument));
      if (call.arguments.size() > kMostArguments) {
        return ErrorAt(call.column, absl::StrCat("more than ", kMostArguments, " arguments"));
      }
      const char next = Peek();
      if (next != ',' && next != ')') return Unexpected("a comma or a closing bracket");
      ++at_;
      if (next == ')') return call;
    }
  }

  absl::StatusOr<Expression> ParseString() {
    Expression string;
    string.kind = Expression::Kind::kString;
    string.column = at_ + 1;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      string.text += text_[at_++];
    }
    if (at_ == text_.size()) return ErrorAt(string.column, "the string has no closing quote");
    ++at_;
    return string;
  }

  absl::StatusOr<Expression> ParseNumber() {
    Expression number;
    number.kind = Expression::Kind::kNumber;
    number.column = at_ + 1;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number.number);
    if (error != std::errc()) return ErrorAt(number.column, "this is no number");
    at_ += static_cast<size_t>(end - begin);
    number.text = std::string(begin, end);
    number.is_whole = number.number == std::floor(number.number) && std::abs(number.number) < 9e15;
    return number;
  }

  // The next character that is no space; NUL at the end.
  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  absl::Status Unexpected(std::string_view expected) const {
    const std::string found =
        at_ < text_.size() ? absl::StrCat("'", View(text_.substr(at_, 1)), "'") : "the end";
    return ErrorAt(at_ + 1, absl::StrCat("expected ", View(expected), ", found ", found));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::Status ErrorAt(size_t column, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("column ", column, ": ", View(what)));
}

absl::StatusOr<Expression> ParseExpression(std::string_view text) {
  if (text.size() > kLongest) {
    return ErrorAt(kLongest, absl::StrCat("an expectation has at most ", kLongest, " characters"));
  }
  return Parser(text).Parse();
}

}  // namespace gtestnet::matching
