// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/metrics_text.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

constexpr size_t kMostSeries = 100'000;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Where the series' name, labels included, ends: labels may hold spaces and escaped quotes.
size_t EndOfSeries(std::string_view line) {
  bool in_labels = false;
  bool in_quotes = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_quotes) {
      if (c == '\\') ++i;
      if (c == '"') in_quotes = false;
    } else if (c == '"') {
      in_quotes = true;
    } else if (c == '{') {
      in_labels = true;
    } else if (c == '}') {
      in_labels = false;
    } else if (IsSpace(c) && !in_labels) {
      return i;
    }
  }
  return line.size();
}

}  // namespace

absl::StatusOr<std::vector<MetricValue>> ParseMetrics(std::string_view text) {
  std::vector<MetricValue> values;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;

    MetricValue value;
    const size_t split = EndOfSeries(line);
    value.series = line.substr(0, split);
    // A time may follow the value.
    std::string_view rest = Trimmed(line.substr(split));
    rest = rest.substr(0, rest.find_first_of(" \t"));
    const bool good = absl::SimpleAtod(ToAbsl(rest), &value.value);
    if (!good || values.size() == kMostSeries) {
      return Internal(absl::StrCat(
          "the answer makes no sense: line ", number,
          good ? " is one too many: " : " is no metric: ", ToAbsl(line.substr(0, 160))));
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace gtestnet
