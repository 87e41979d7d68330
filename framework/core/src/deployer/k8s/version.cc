// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/version.h"

#include <boost/json.hpp>
#include <charconv>

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a number at the beginning of `text`, and drops it.
std::optional<int> TakeNumber(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

std::optional<Version> ReadVersion(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find_first_of(" \t\r\n\",;"));
  const std::optional<int> major = TakeNumber(text);
  if (!major || text.empty() || text[0] != '.') return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> minor = TakeNumber(text);
  if (!minor) return std::nullopt;
  return Version{*major, *minor, std::string(whole)};
}

}  // namespace

std::optional<Version> FindVersion(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (!IsDigit(text[at]) || (at > 0 && (IsDigit(text[at - 1]) || text[at - 1] == '.'))) continue;
    if (std::optional<Version> version = ReadVersion(text.substr(at))) return version;
  }
  return std::nullopt;
}

std::optional<Version> GitVersion(std::string_view text, std::string_view part) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return std::nullopt;
  const json::value* at = &value;
  if (!part.empty()) {
    if (!at->is_object()) return std::nullopt;
    at = at->get_object().if_contains(json::string_view(part.data(), part.size()));
  }
  if (at == nullptr || !at->is_object()) return std::nullopt;
  const json::value* version = at->get_object().if_contains("gitVersion");
  if (version == nullptr || !version->is_string()) return std::nullopt;
  return FindVersion(std::string_view(version->get_string().data(), version->get_string().size()));
}

}  // namespace gtestnet::k8s
