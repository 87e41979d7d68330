// SPDX-License-Identifier: Apache-2.0
#include "core/src/record/json_pieces.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include "absl/strings/str_cat.h"

namespace gtestnet::internal {
namespace {

namespace json = boost::json;

// No object of ours has more. Names are compared with those before them.
constexpr size_t kMostNames = 64;

// What Boost's parser tells of the text: names are looked at, and entries of lists counted.
class NameCheck {
 public:
  explicit NameCheck(size_t most_entries) : most_entries_(most_entries) {}

  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = 1024;
  static constexpr size_t max_string_size = static_cast<size_t>(-1);

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    begins_.push_back(names_.size());
    return true;
  }
  bool on_object_end(size_t, json::error_code&) {
    names_.resize(begins_.back());
    begins_.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(size_t entries, json::error_code& error) {
    entries_ += entries;
    if (entries_ <= most_entries_) return true;
    problem_ = absl::StrCat("lists have more than ", most_entries_, " entries in all");
    error = json::error::syntax;
    return false;
  }
  bool on_key_part(json::string_view part, size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t, json::error_code& error) {
    key_.append(part.data(), part.size());
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(begins_.back());
    if (std::find(first, names_.end(), key_) != names_.end()) {
      problem_ = absl::StrCat("\"", key_.substr(0, 40), "\" is there twice");
    } else if (names_.end() - first >= static_cast<std::ptrdiff_t>(kMostNames)) {
      problem_ = absl::StrCat("an object has more than ", kMostNames, " fields");
    }
    if (!problem_.empty()) {
      error = json::error::syntax;
      return false;
    }
    names_.push_back(key_);
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::string> names_;  // of all objects that are open
  std::vector<size_t> begins_;      // where each one's names begin
  const size_t most_entries_;
  size_t entries_ = 0;
  std::string key_;
  std::string problem_;
};

std::string_view WithoutSpace(std::string_view text) {
  return text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
}

// How long the string is with which the text begins, quotes included.
size_t StringLength(std::string_view text) {
  size_t at = 1;
  while (text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return at + 1;
}

size_t ValueLength(std::string_view text) {
  if (text.front() == '"') return StringLength(text);
  if (text.front() != '{' && text.front() != '[') {
    return std::min(text.size(), text.find_first_of(" \t\r\n,]}"));
  }
  size_t depth = 0;
  for (size_t at = 0;; ++at) {
    at = text.find_first_of("\"[]{}", at);
    if (text[at] == '"') {
      at += StringLength(text.substr(at)) - 1;
      continue;
    }
    depth += text[at] == '{' || text[at] == '[' ? 1 : 0;
    depth -= text[at] == '}' || text[at] == ']' ? 1 : 0;
    if (depth == 0) return at + 1;
  }
}

std::string_view Cut(std::string_view& text, size_t length) {
  const std::string_view piece = text.substr(0, length);
  text = WithoutSpace(text.substr(length));
  return piece;
}

}  // namespace

JsonFault CheckJson(std::string_view text, size_t most_entries) {
  json::basic_parser<NameCheck> parser(json::parse_options{}, most_entries);
  json::error_code error;
  const size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error == json::error::incomplete) return {JsonFault::Kind::kCutShort};
  if (error) {
    const std::string& problem = parser.handler().problem();
    return {JsonFault::Kind::kWrong, read, problem.empty() ? error.message() : problem};
  }
  const std::string_view rest = WithoutSpace(text.substr(read));
  if (rest.empty()) return {};
  return {JsonFault::Kind::kWrong, text.size() - rest.size(), "more after the end of the record"};
}

std::vector<JsonMember> MembersOf(std::string_view object) {
  std::vector<JsonMember> members;
  std::string_view rest = WithoutSpace(object.substr(1));
  while (rest.front() != '}') {
    if (rest.front() == ',') Cut(rest, 1);
    const std::string_view name = Cut(rest, StringLength(rest));
    Cut(rest, 1);  // the colon
    members.push_back({name.substr(1, name.size() - 2), Cut(rest, ValueLength(rest))});
  }
  return members;
}

bool JsonElements::Next(std::string_view& element) {
  rest_ = WithoutSpace(rest_);
  if (rest_.front() == ',') Cut(rest_, 1);
  if (rest_.front() == ']') return false;
  element = Cut(rest_, ValueLength(rest_));
  return true;
}

}  // namespace gtestnet::internal
