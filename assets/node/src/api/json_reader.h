// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON of a known shape, so that whatever is wrong is said with its place. Only for the
// source files that parse: it brings Boost.JSON in.
#ifndef GTESTNET_NODE_API_JSON_READER_H_
#define GTESTNET_NODE_API_JSON_READER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "core/types.h"

namespace gtestnet::node::internal {

namespace json = boost::json;

inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxValues = 1'000'000;  // each takes 40 bytes of memory

// Thrown inside the reading of one text, and caught where that began.
struct ShapeError {
  std::string message;
};

// A value with its path, for messages.
class In {
 public:
  In(const json::value& value, std::string path) : value_(value), path_(std::move(path)) {}

  [[noreturn]] void Fail(const std::string& what) const {
    throw ShapeError{path_.empty() ? what : absl::StrCat(path_, ": ", what)};
  }

  In Field(const char* name) const {
    const json::object* object = value_.if_object();
    if (object == nullptr) Fail("must be an object");
    const json::value* field = object->if_contains(name);
    if (field == nullptr) Fail(absl::StrCat("missing field `", name, "`"));
    return {*field, path_.empty() ? name : absl::StrCat(path_, ".", name)};
  }

  template <class Each>
  void List(std::size_t most, Each each) const {
    const json::array* array = value_.if_array();
    if (array == nullptr) Fail("must be an array");
    if (array->size() > most) Fail(absl::StrCat("must have at most ", most, " elements"));
    for (std::size_t i = 0; i < array->size(); ++i) {
      each(In((*array)[i], absl::StrCat(path_, "[", i, "]")));
    }
  }

  std::uint64_t Number() const {
    if (value_.is_uint64()) return value_.get_uint64();
    if (value_.is_int64() && value_.get_int64() >= 0) {
      return static_cast<std::uint64_t>(value_.get_int64());
    }
    Fail("must be a whole number from 0 to 18446744073709551615");
  }

  Hash HashValue() const {
    const json::string* text = value_.if_string();
    const auto hash = text == nullptr ? std::nullopt : Hash::FromHex({text->data(), text->size()});
    if (!hash.has_value()) Fail("must be a string of 64 hex digits");
    return *hash;
  }

  // Numbers from 0 to 255, exactly as many as there is room for.
  void Fill(std::span<std::uint8_t> bytes) const {
    const json::array* array = value_.if_array();
    if (array == nullptr || array->size() != bytes.size()) {
      Fail(absl::StrCat("must be an array of ", bytes.size(), " numbers"));
    }
    Copy(*array, bytes);
  }

  Bytes ByteArray(std::size_t most) const {
    const json::array* array = value_.if_array();
    if (array == nullptr) Fail("must be an array of numbers");
    if (array->size() > most) Fail(absl::StrCat("must have at most ", most, " bytes"));
    Bytes bytes(array->size());
    Copy(*array, bytes);
    return bytes;
  }

  Signature SignatureValue() const {
    Signature signature;
    Fill(signature.bytes);
    return signature;
  }

  const json::value& value() const { return value_; }

 private:
  void Copy(const json::array& array, std::span<std::uint8_t> bytes) const {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const json::value& item = array[i];
      const std::int64_t number = item.is_int64() ? item.get_int64() : -1;
      if (number < 0 || number > 255) {
        In(item, absl::StrCat(path_, "[", i, "]")).Fail("must be a number from 0 to 255");
      }
      bytes[i] = static_cast<std::uint8_t>(number);
    }
  }

  const json::value& value_;
  std::string path_;
};

// Parses the text and has `read` make a value of it.
template <class Read>
auto ReadText(std::string_view text, Read read)
    -> absl::StatusOr<decltype(read(std::declval<const In&>()))> {
  if (std::count(text.begin(), text.end(), ',') >= static_cast<std::ptrdiff_t>(kMaxValues)) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxValues, " values"));
  }
  try {
    std::array<unsigned char, 16 * 1024> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::system::error_code error;
    const json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, &memory, options);
    if (error) return absl::InvalidArgumentError(error.message());
    return read(In(value, ""));
  } catch (const ShapeError& error) {
    return absl::FailedPreconditionError(error.message);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

}  // namespace gtestnet::node::internal

#endif  // GTESTNET_NODE_API_JSON_READER_H_
