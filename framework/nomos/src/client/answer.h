// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CLIENT_ANSWER_H_
#define GTESTNET_NOMOS_SRC_CLIENT_ANSWER_H_

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/bounds.h"
#include "core/src/base/hash.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/status.h"

namespace gtestnet::nomos {

namespace json = boost::json;

// Of heights, slots and counts: far from what overflows in sums, and as a record can have them.
inline constexpr uint64_t kLargestNumber = uint64_t{1} << 53;

// Takes values out of an answer. The first thing that is wrong is kept, and everything after it is
// empty: a parser reads on and asks once, at its end.
class Answer {
 public:
  explicit Answer(std::string_view text) : text_(text) {
    if (std::count(text.begin(), text.end(), ',') >= std::ptrdiff_t{base::kMostAnswerValues}) {
      Fail(absl::StrCat("it has more than ", base::kMostAnswerValues, " values"));
      return;
    }
    const absl::Status parsed = NoThrow(
        [&] {
          json::error_code error;
          json::parse_options options;
          options.max_depth = 16;
          root_ = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
          return error ? Internal("it is not JSON") : absl::OkStatus();
        },
        "JSON");
    if (!parsed.ok()) Fail(MessageOf(parsed));
  }

  const json::value& root() const { return root_; }
  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }

  void Fail(std::string_view why) {
    if (!status_.ok()) return;
    status_ =
        Internal(absl::StrCat("the answer makes no sense: ", ToAbsl(why), ": ", Excerpt(text_)));
  }

  const json::object& Object(const json::value& value, std::string_view what) {
    static const json::object none;
    if (const json::object* object = value.if_object()) return *object;
    Fail(absl::StrCat(ToAbsl(what), " is not an object"));
    return none;
  }
  const json::array& Array(const json::value& value, std::string_view what, size_t most) {
    static const json::array none;
    const json::array* array = value.if_array();
    if (array == nullptr) {
      Fail(absl::StrCat(ToAbsl(what), " is not an array"));
      return none;
    }
    if (array->size() <= most) return *array;
    Fail(absl::StrCat(ToAbsl(what), " has ", array->size(), " elements, more than ", most));
    return none;
  }
  const json::value& Field(const json::object& object, std::string_view name) {
    static const json::value none;
    const json::value* field = object.if_contains(json::string_view(name.data(), name.size()));
    if (field != nullptr) return *field;
    Fail(absl::StrCat("it has no \"", ToAbsl(name), "\""));
    return none;
  }
  static bool Has(const json::object& object, std::string_view name) {
    return object.if_contains(json::string_view(name.data(), name.size())) != nullptr;
  }
  std::string Text(const json::value& value, std::string_view what) {
    if (const json::string* text = value.if_string())
      return std::string(text->data(), text->size());
    Fail(absl::StrCat("\"", ToAbsl(what), "\" is not text"));
    return {};
  }
  // 64 hexadecimal digits, as lower-case ones.
  base::Hash32 Hash(const json::value& value, std::string_view what) {
    std::string text = Text(value, what);
    if (text.starts_with("0x")) text.erase(0, 2);
    if (std::optional<base::Hash32> hash = base::ParseHash(text)) return *hash;
    Fail(absl::StrCat("\"", ToAbsl(what), "\" is not 64 hexadecimal digits"));
    return {};
  }
  std::string Hex(const json::object& object, std::string_view name) {
    return base::ToHex(Hash(Field(object, name), name));
  }
  uint64_t Unsigned(const json::value& value, std::string_view what) {
    if (const uint64_t* number = value.if_uint64()) return *number;
    const int64_t* number = value.if_int64();
    if (number != nullptr && *number >= 0) return static_cast<uint64_t>(*number);
    Fail(absl::StrCat("\"", ToAbsl(what), "\" is not a whole number of 0 or more"));
    return 0;
  }
  int64_t Number(const json::object& object, std::string_view name) {
    const uint64_t number = Unsigned(Field(object, name), name);
    if (number <= kLargestNumber) return static_cast<int64_t>(number);
    Fail(absl::StrCat("\"", ToAbsl(name), "\" is too large"));
    return 0;
  }
  int Count(const json::object& object, std::string_view name) {
    return static_cast<int>(
        std::min<int64_t>(Number(object, name), std::numeric_limits<int>::max()));
  }

  // An array of so many numbers below 256 at most, as bytes.
  std::string Bytes(const json::value& value, std::string_view what, size_t most) {
    std::string bytes;
    for (const json::value& byte : Array(value, what, most)) {
      const uint64_t number = Unsigned(byte, what);
      if (number > 255) Fail(absl::StrCat("\"", ToAbsl(what), "\" has a byte above 255"));
      bytes += static_cast<char>(number);
    }
    return bytes;
  }
  // 32 numbers.
  base::Hash32 NumberHash(const json::value& value, std::string_view what) {
    const std::string bytes = Bytes(value, what, 32);
    base::Hash32 hash{};
    if (bytes.size() == hash.size()) {
      std::copy(bytes.begin(), bytes.end(), hash.begin());
    } else {
      Fail(absl::StrCat("\"", ToAbsl(what), "\" does not have 32 bytes"));
    }
    return hash;
  }

 private:
  // The beginning of the answer, fit for a message.
  static std::string Excerpt(std::string_view text) {
    constexpr size_t kQuoted = 160;
    std::string excerpt;
    for (char c : text.substr(0, kQuoted)) {
      excerpt += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return text.size() > kQuoted ? excerpt + "…" : excerpt;
  }

  std::string_view text_;
  json::value root_;
  absl::Status status_;
};

// The result, unless something was wrong.
template <class T>
absl::StatusOr<T> Checked(const Answer& answer, T result) {
  if (!answer.ok()) return answer.status();
  return result;
}

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CLIENT_ANSWER_H_
