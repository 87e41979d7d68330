// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/json_at.h"

namespace gtestnet::base {
namespace {

namespace json = boost::json;

const json::value* Find(const json::value& value, const std::string& pointer) {
  json::error_code error;
  return value.find_pointer(pointer, error);
}

const json::array& AsArray(const json::value* value) {
  static const json::array none;
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string AsText(const json::value* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

int64_t AsNumber(const json::value* value) {
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<int64_t>(error);
  return error ? 0 : number;
}

}  // namespace

const json::object& ObjectAt(const json::object& object, const char* key) {
  static const json::object none;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& ArrayAt(const json::object& object, const char* key) {
  return AsArray(object.if_contains(key));
}

std::string TextAt(const json::object& object, const char* key) {
  return AsText(object.if_contains(key));
}

int64_t NumberAt(const json::object& object, const char* key) {
  return AsNumber(object.if_contains(key));
}

bool FlagAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::array& ArrayAt(const json::value& value, const std::string& pointer) {
  return AsArray(Find(value, pointer));
}

std::string TextAt(const json::value& value, const std::string& pointer) {
  return AsText(Find(value, pointer));
}

int64_t NumberAt(const json::value& value, const std::string& pointer) {
  return AsNumber(Find(value, pointer));
}

}  // namespace gtestnet::base
