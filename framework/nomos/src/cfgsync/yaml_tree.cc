// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/cfgsync/yaml_tree.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/status.h"

namespace gtestnet::nomos {
namespace {

// Escapes make a text longer by half at most: "\L" stands for three bytes.
constexpr size_t kMostTextBytes = 2 * kMostYamlBytes;

// Nothing at all stands nowhere.
TextPosition PositionOf(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

bool IsNumber(const std::string& text) {
  const bool begins = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return begins && error == std::errc() && rest == end;
}

JsonTree::Type TypeOf(const YAML::Node& scalar) {
  if (scalar.Tag() == "!") return JsonTree::Type::kString;  // it is quoted
  const std::string& text = scalar.Scalar();
  if (text == "true" || text == "false") return JsonTree::Type::kBool;
  return IsNumber(text) ? JsonTree::Type::kNumber : JsonTree::Type::kString;
}

class Converter {
 public:
  absl::StatusOr<JsonTree> Convert(const YAML::Node& node, int depth = 0) {
    JsonTree value;
    value.position = PositionOf(node.Mark());
    if (depth > kMostTreeDepth) return ErrorAt(value.position, "it is nested too deeply");
    if (++values_ > kMostTreeValues) return ErrorAt(value.position, "there are too many values");
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        value.text = "null";
        return value;
      case YAML::NodeType::Scalar:
        value.type = TypeOf(node);
        GTESTNET_RETURN_IF_ERROR(CopyText(node.Scalar(), value.position, value.text));
        return value;
      case YAML::NodeType::Sequence:
        value.type = JsonTree::Type::kArray;
        for (const YAML::Node& element : node) {
          absl::StatusOr<JsonTree> inner = Convert(element, depth + 1);
          if (!inner.ok()) return inner;
          value.elements.push_back(*std::move(inner));
        }
        return value;
      case YAML::NodeType::Map:
        break;
    }
    return ConvertMap(node, std::move(value), depth);
  }

 private:
  absl::StatusOr<JsonTree> ConvertMap(const YAML::Node& map, JsonTree value, int depth) {
    value.type = JsonTree::Type::kObject;
    std::unordered_set<std::string> names;
    for (const auto& entry : map) {
      const YAML::Node& key = entry.first;
      JsonTree::Member member;
      member.position = PositionOf(key.Mark());
      if (!key.IsScalar()) return ErrorAt(member.position, "a name must be a text");
      GTESTNET_RETURN_IF_ERROR(CopyText(key.Scalar(), member.position, member.name));
      if (!names.insert(member.name).second) {
        return ErrorAt(member.position, absl::StrCat("\"", member.name, "\" is there twice"));
      }
      absl::StatusOr<JsonTree> converted = Convert(entry.second, depth + 1);
      if (!converted.ok()) return converted;
      member.value = *std::move(converted);
      value.members.push_back(std::move(member));
    }
    return value;
  }

  // What an alias stands for is copied each time.
  absl::Status CopyText(const std::string& text, TextPosition position, std::string& into) {
    bytes_ += text.size();
    if (bytes_ > kMostTextBytes) {
      return ErrorAt(position, absl::StrCat("with what its aliases stand for there are more than ",
                                            kMostTextBytes, " bytes of text"));
    }
    into = text;
    return CheckText(position, into);
  }

  int values_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<JsonTree> ParseYamlTree(std::string_view text) {
  if (text.size() > kMostYamlBytes) {
    return ErrorAt({}, absl::StrCat("there are ", text.size(), " bytes; at most ", kMostYamlBytes,
                                    " are read"));
  }
  const auto parse = [&]() -> absl::StatusOr<JsonTree> {
    try {
      return Converter().Convert(YAML::Load(std::string(text)));
    } catch (const YAML::Exception& error) {
      return ErrorAt(PositionOf(error.mark), absl::StrCat("not YAML: ", error.msg));
    }
  };
  return NoThrow(parse, "YAML");
}

}  // namespace gtestnet::nomos
