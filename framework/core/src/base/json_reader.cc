// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/json_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

absl::Status WrongType(const std::string& name, const char* wanted, const JsonTree& value) {
  return ErrorAt(value.position,
                 absl::StrCat("\"", name, "\" must be ", wanted, ", not ", Describe(value)));
}

template <class T>
bool ParseWhole(const std::string& text, T* into) {
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, *into);
  return error == std::errc() && rest == end;
}

bool ParseTimespan(const std::string& text, Timespan* into) {
  if (const size_t space = text.find(' '); space != text.npos) {
    int64_t count = 0;
    if (!ParseWhole(text.substr(0, space), &count) || count < 0) return false;
    const std::string unit = text.substr(space + 1);
    if (unit == "block" || unit == "blocks") return *into = Blocks(count), true;
    if (unit == "slot" || unit == "slots") return *into = Slots(count), true;
    if (unit == "epoch" || unit == "epochs") return *into = Epochs(count), true;
    return false;
  }
  absl::StatusOr<std::chrono::milliseconds> duration = ParseDuration(text);
  if (!duration.ok()) return false;
  *into = *duration;
  return true;
}

}  // namespace

absl::Status ObjectReader::Read(const JsonTree& object) const {
  if (object.type != JsonTree::Type::kObject) return WrongType(what_, "an object", object);
  for (const JsonTree::Member& member : object.members) {
    const bool known = std::any_of(fields_.begin(), fields_.end(),
                                   [&](const Entry& field) { return field.name == member.name; });
    if (known) continue;
    const std::string names = absl::StrJoin(
        fields_, ", ", [](std::string* out, const Entry& field) { out->append(field.name); });
    return ErrorAt(member.position, absl::StrCat("unknown field \"", member.name.substr(0, 60),
                                                 "\"; ", what_, " has ", names));
  }
  for (const Entry& field : fields_) {
    auto member = std::find_if(object.members.begin(), object.members.end(),
                               [&](const JsonTree::Member& one) { return one.name == field.name; });
    if (member == object.members.end()) {
      if (!field.required) continue;
      return ErrorAt(object.position, absl::StrCat("\"", field.name, "\" is missing in ", what_));
    }
    if (absl::Status read = field.read(member->value); !read.ok()) return read;
  }
  return absl::OkStatus();
}

absl::Status ReadText(const std::string& name, const JsonTree& value, std::string* into) {
  if (value.type != JsonTree::Type::kString) return WrongType(name, "a text", value);
  *into = value.text;
  return absl::OkStatus();
}

absl::Status ReadTexts(const std::string& name, const JsonTree& value,
                       std::vector<std::string>* into) {
  for (const JsonTree* one : OneOrMany(value)) {
    GTESTNET_RETURN_IF_ERROR(ReadText(name, *one, &into->emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status ReadBool(const std::string& name, const JsonTree& value, bool* into) {
  if (value.type != JsonTree::Type::kBool) return WrongType(name, "true or false", value);
  *into = value.text == "true";
  return absl::OkStatus();
}

absl::Status ReadInt(const std::string& name, const JsonTree& value, int* into) {
  if (value.type != JsonTree::Type::kNumber || !ParseWhole(value.text, into)) {
    return WrongType(name, "a whole number", value);
  }
  return absl::OkStatus();
}

absl::Status ReadUnsigned(const std::string& name, const JsonTree& value, uint64_t* into) {
  if (value.type != JsonTree::Type::kNumber || !ParseWhole(value.text, into)) {
    return WrongType(name, "a whole number that is not negative", value);
  }
  return absl::OkStatus();
}

absl::Status ReadInt64(const std::string& name, const JsonTree& value, int64_t* into) {
  uint64_t number = 0;
  GTESTNET_RETURN_IF_ERROR(ReadUnsigned(name, value, &number));
  if (number > uint64_t{1} << 62) {
    return ErrorAt(value.position, absl::StrCat("\"", name, "\" is too large"));
  }
  *into = static_cast<int64_t>(number);
  return absl::OkStatus();
}

absl::Status ReadNumber(const std::string& name, const JsonTree& value, double* into) {
  if (value.type != JsonTree::Type::kNumber || !absl::SimpleAtod(value.text, into)) {
    return WrongType(name, "a number", value);
  }
  return absl::OkStatus();
}

absl::Status ReadTimespan(const std::string& name, const JsonTree& value, Timespan* into) {
  if (value.type != JsonTree::Type::kString || !ParseTimespan(value.text, into)) {
    return WrongType(name, "a time such as \"40 blocks\", \"3 slots\", \"2 epochs\" or \"90s\"",
                     value);
  }
  return absl::OkStatus();
}

absl::Status PlacedAt(const JsonTree& value, const absl::Status& status) {
  return status.ok() ? status : ErrorAt(value.position, MessageOf(status));
}

absl::Status CheckCount(const std::string& name, const JsonTree& value, size_t most) {
  if (value.elements.size() <= most) return absl::OkStatus();
  return ErrorAt(value.position, absl::StrCat("\"", name, "\" has ", value.elements.size(),
                                              " elements; at most ", most, " are possible"));
}

std::vector<const JsonTree*> OneOrMany(const JsonTree& value) {
  if (value.type != JsonTree::Type::kArray) return {&value};
  std::vector<const JsonTree*> all;
  for (const JsonTree& element : value.elements) all.push_back(&element);
  return all;
}

}  // namespace gtestnet
