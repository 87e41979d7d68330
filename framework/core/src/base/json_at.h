// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_JSON_AT_H_
#define GTESTNET_CORE_SRC_BASE_JSON_AT_H_

#include <boost/json.hpp>
#include <cstdint>
#include <string>

// What somebody else's JSON has at a place; nothing (an empty object, text or array, 0, false)
// where there is none, or of another type.
namespace gtestnet::base {

// By a key of an object.
const boost::json::object& ObjectAt(const boost::json::object& object, const char* key);
const boost::json::array& ArrayAt(const boost::json::object& object, const char* key);
std::string TextAt(const boost::json::object& object, const char* key);
int64_t NumberAt(const boost::json::object& object, const char* key);
bool FlagAt(const boost::json::object& object, const char* key);

// By a JSON pointer: "/status/conditions".
const boost::json::array& ArrayAt(const boost::json::value& value, const std::string& pointer);
std::string TextAt(const boost::json::value& value, const std::string& pointer);
int64_t NumberAt(const boost::json::value& value, const std::string& pointer);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_JSON_AT_H_
