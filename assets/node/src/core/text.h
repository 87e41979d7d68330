// SPDX-License-Identifier: Apache-2.0
// Errors with a sentence, made of strings and numbers.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace gtestnet::node {

// std::string_view and absl::string_view may be different types; this is the one place that knows.
inline absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

}  // namespace gtestnet::node
