// SPDX-License-Identifier: Apache-2.0
#include "core/src/record/record_reader.h"

#include <charconv>

#include "core/src/base/status.h"

namespace gtestnet::internal {

bool ParseDouble(std::string_view text, double& value) {
  if (text == "+Inf" || text == "-Inf") {
    value = text[0] == '+' ? std::numeric_limits<double>::infinity()
                           : -std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && !text.empty();
}

void RecordReader::CheckKnown(std::string_view key, size_t first_known) {
  const auto first = known_.begin() + static_cast<std::ptrdiff_t>(first_known);
  if (!error_.empty() || std::find(first, known_.end(), key) != known_.end()) return;
  path_.push_back({key.substr(0, 40), 0});
  Fail("is not a field of a record");
  path_.pop_back();
}

void RecordReader::Fail(std::string_view what) {
  if (!error_.empty()) return;
  std::string place;
  for (const Step& step : path_) {
    if (step.name.empty()) {
      absl::StrAppend(&place, "[", step.index, "]");
    } else {
      absl::StrAppend(&place, place.empty() ? "" : ".", ToAbsl(step.name.substr(0, 40)));
    }
  }
  error_ = absl::StrCat(place.empty() ? "record" : place, ": ", ToAbsl(what));
}

}  // namespace gtestnet::internal
