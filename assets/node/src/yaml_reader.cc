// SPDX-License-Identifier: Apache-2.0
#include "yaml_reader.h"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet::node::internal {

void YamlFile::Fail(const YAML::Mark& mark, const std::string& what) const {
  if (mark.is_null()) throw YamlError{absl::StrCat(name_, ": ", what)};
  throw YamlError{absl::StrCat(name_, ":", mark.line + 1, ":", mark.column + 1, ": ", what)};
}

void YamlValue::Fail(const std::string& what) const {
  file_.Fail(node_.Mark(), path_.empty() ? what : absl::StrCat(path_, " ", what));
}

std::string YamlValue::Text() const {
  if (!node_.IsScalar()) Fail("must be a single value");
  // Where another program would end it.
  if (node_.Scalar().find('\0') != std::string::npos) Fail("has a NUL character");
  return node_.Scalar();
}

std::uint64_t YamlValue::Number(std::uint64_t least, std::uint64_t most) const {
  const std::string text = Text();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    Fail(absl::StrCat("must be a whole number from ", least, " to ", most, ", not \"", text, "\""));
  }
  return value;
}

bool YamlValue::Boolean() const {
  const std::string text = Text();
  if (text != "true" && text != "false") {
    Fail(absl::StrCat("must be true or false, not \"", text, "\""));
  }
  return text == "true";
}

std::vector<YamlValue> YamlValue::List() const {
  if (!node_.IsSequence()) Fail("must be a list");
  std::vector<YamlValue> values;
  values.reserve(node_.size());
  for (const YAML::Node& item : node_) {
    values.emplace_back(file_, item, absl::StrCat(path_, "[", values.size(), "]"));
  }
  return values;
}

YamlMap::YamlMap(const YamlValue& value) : value_(value) {
  if (!value.node().IsMap()) {
    value.Fail(value.path().empty() ? "the config must be a map of keys" : "must be a map of keys");
  }
  std::set<std::string> seen;
  for (const auto& entry : value.node()) {
    if (!entry.first.IsScalar()) {
      value.file().Fail(entry.first.Mark(), "a key must be a single value");
    }
    const std::string& key = entry.first.Scalar();
    if (!seen.insert(key).second) {
      value.file().Fail(entry.first.Mark(), absl::StrCat(PathOf(key), " is given twice"));
    }
  }
}

std::string YamlMap::PathOf(const std::string& key) const {
  return value_.path().empty() ? key : absl::StrCat(value_.path(), ".", key);
}

std::optional<YamlValue> YamlMap::Optional(const std::string& key) {
  known_.insert(key);
  const YAML::Node node = value_.node()[key];
  if (!node.IsDefined() || node.IsNull()) return std::nullopt;
  return YamlValue(value_.file(), node, PathOf(key));
}

YamlValue YamlMap::Required(const std::string& key) {
  std::optional<YamlValue> value = Optional(key);
  if (!value.has_value()) {
    value_.file().Fail(value_.node().Mark(), absl::StrCat(PathOf(key), " is missing"));
  }
  return *std::move(value);
}

void YamlMap::Finish() const {
  for (const auto& entry : value_.node()) {
    if (known_.contains(entry.first.Scalar())) continue;
    std::string known;
    for (const std::string& key : known_) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", key);
    }
    value_.file().Fail(
        entry.first.Mark(),
        absl::StrCat("unknown key ", PathOf(entry.first.Scalar()), "; here there may be: ", known));
  }
}

}  // namespace gtestnet::node::internal
