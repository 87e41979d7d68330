// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/rerun.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// Said otherwise, or CTest's own.
constexpr std::array<std::string_view, 4> kNotRepeated = {
    "GTESTNET_SEED", "GTESTNET_REPLAY", "GTESTNET_CTEST", "GTESTNET_TEST_TIMEOUT"};

template <size_t n>
bool Contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Absolute(std::string_view path) {
  std::error_code error;
  const std::filesystem::path full = std::filesystem::absolute(path, error);
  return error || path.empty() ? std::string(path) : full.lexically_normal().string();
}

std::string AllAbsolute(std::string_view paths) {
  std::vector<std::string> all;
  for (const absl::string_view path : absl::StrSplit(ToAbsl(paths), ':')) {
    all.push_back(Absolute(ToStd(path)));
  }
  return absl::StrJoin(all, ":");
}

void Append(std::string_view name, std::string_view value, std::string& command) {
  absl::StrAppend(&command, ToAbsl(name), "=", ShellQuoted(value), " ");
}

}  // namespace

std::string ShellQuoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string RerunCommand(uint64_t seed, std::string_view command, std::string_view replay) {
  std::string text;
  Append("GTESTNET_SEED", std::to_string(seed), text);
  const std::string record =
      replay.empty() ? VariableValue("GTESTNET_REPLAY").value_or("") : std::string(replay);
  if (!record.empty()) Append("GTESTNET_REPLAY", Absolute(record), text);
  for (const Variable& variable : Variables()) {
    if (Contains(kNotRepeated, variable.name)) continue;
    const std::optional<std::string> value = VariableValue(variable.name);
    if (!value) continue;
    Append(variable.name, variable.is_path ? AllAbsolute(*value) : *value, text);
  }
  return text.append(command.data(), command.size());
}

}  // namespace gtestnet
