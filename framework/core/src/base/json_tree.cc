// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/json_tree.h"

#include <boost/json.hpp>
#include <string>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

TextPosition PositionOf(std::string_view text, size_t offset) {
  TextPosition position;
  for (char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else {
      ++position.column;
    }
  }
  return position;
}

// Walks through text that is known to be JSON, and notes where everything stands.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  absl::StatusOr<JsonTree> Value() {
    SkipSpace();
    JsonTree value;
    value.position = position_;
    if (++values_ > kMostTreeValues) return ErrorAt(position_, "there are too many values");
    switch (Peek()) {
      case '{':
        value.type = JsonTree::Type::kObject;
        return Object(std::move(value));
      case '[':
        value.type = JsonTree::Type::kArray;
        return Array(std::move(value));
      case '"':
        value.type = JsonTree::Type::kString;
        value.text = String();
        if (absl::Status s = CheckText(value.position, value.text); !s.ok()) return s;
        return value;
      default:
        return Word(std::move(value));
    }
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void Advance() {
    if (text_[at_++] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) {
      Advance();
    }
  }

  // Over white space and one of "{[,:" or an end; what it was.
  char Punctuation() {
    SkipSpace();
    const char c = Peek();
    Advance();
    return c;
  }

  std::string String() {
    const size_t begin = at_;
    Advance();
    while (Peek() != '"') {
      if (Peek() == '\\') Advance();
      Advance();
    }
    Advance();
    boost::json::error_code error;
    const auto value =
        boost::json::parse(boost::json::string_view(text_.data() + begin, at_ - begin), error);
    return error ? "" : std::string(value.as_string());
  }

  absl::StatusOr<JsonTree> Word(JsonTree value) {
    const size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(text_[at_]) == text_.npos) {
      Advance();
    }
    value.text = std::string(text_.substr(begin, at_ - begin));
    value.type = value.text == "null"                            ? JsonTree::Type::kNull
                 : value.text == "true" || value.text == "false" ? JsonTree::Type::kBool
                                                                 : JsonTree::Type::kNumber;
    return value;
  }

  absl::StatusOr<JsonTree> Array(JsonTree value) {
    Punctuation();
    SkipSpace();
    if (Peek() == ']') return Advance(), value;
    do {
      absl::StatusOr<JsonTree> element = Value();
      if (!element.ok()) return element;
      value.elements.push_back(*std::move(element));
    } while (Punctuation() == ',');
    return value;
  }

  absl::StatusOr<JsonTree> Object(JsonTree value) {
    Punctuation();
    SkipSpace();
    if (Peek() == '}') return Advance(), value;
    std::unordered_set<std::string> names;
    do {
      SkipSpace();
      JsonTree::Member member;
      member.position = position_;
      member.name = String();
      if (absl::Status s = CheckText(member.position, member.name); !s.ok()) return s;
      if (!names.insert(member.name).second) {
        return ErrorAt(member.position, absl::StrCat("\"", member.name, "\" is there twice"));
      }
      Punctuation();
      absl::StatusOr<JsonTree> inner = Value();
      if (!inner.ok()) return inner;
      member.value = *std::move(inner);
      value.members.push_back(std::move(member));
    } while (Punctuation() == ',');
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
  TextPosition position_;
  int values_ = 0;
};

}  // namespace

std::string ToString(TextPosition position) {
  return absl::StrCat(position.line, ":", position.column, ": ");
}

absl::Status ErrorAt(TextPosition position, std::string_view message) {
  return InvalidArgument(absl::StrCat(ToString(position), ToAbsl(message)));
}

absl::Status CheckText(TextPosition position, std::string_view text) {
  if (text.find('\0') == text.npos) return absl::OkStatus();
  return ErrorAt(position, absl::StrCat("\"", ToAbsl(text.substr(0, text.find('\0')).substr(0, 60)),
                                        "…\" has a NUL character"));
}

std::string Describe(const JsonTree& value) {
  constexpr size_t kLongestQuote = 60;
  std::string quote = value.text.substr(0, kLongestQuote);
  switch (value.type) {
    case JsonTree::Type::kNull:
      return "null";
    case JsonTree::Type::kBool:
      return quote;
    case JsonTree::Type::kNumber:
      return absl::StrCat("the number ", quote);
    case JsonTree::Type::kString:
      return absl::StrCat("the text \"", quote, "\"");
    case JsonTree::Type::kArray:
      return "an array";
    case JsonTree::Type::kObject:
      break;
  }
  return "an object";
}

absl::StatusOr<JsonTree> ParseJsonTree(std::string_view text, size_t most_bytes) {
  if (text.size() > most_bytes) {
    return ErrorAt(
        {}, absl::StrCat("there are ", text.size(), " bytes; at most ", most_bytes, " are read"));
  }
  boost::json::parse_options options;
  options.max_depth = kMostTreeDepth;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  const size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read < text.size()) error = boost::json::error::extra_data;
  if (!error) parser.finish(error);
  if (error == boost::json::error::incomplete) {
    return ErrorAt(PositionOf(text, text.size()), "the JSON ends too early");
  }
  if (error) {
    return ErrorAt(PositionOf(text, read), absl::StrCat("not JSON: ", error.message()));
  }
  return Scanner(text).Value();
}

}  // namespace gtestnet
