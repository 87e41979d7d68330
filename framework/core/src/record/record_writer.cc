// SPDX-License-Identifier: Apache-2.0
#include "core/src/record/record_writer.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "core/src/base/utf8.h"

namespace gtestnet::internal {
namespace {

// JSON is UTF-8; a log line need not be. What is not becomes U+FFFD.
std::string WellFormed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

}  // namespace

void RecordWriter::Write(const std::string& value) {
  if (IsPlain(value)) {
    out_ += '"';
    out_ += value;
    out_ += '"';
  } else {
    out_ += boost::json::serialize(boost::json::string_view(WellFormed(value)));
  }
}

// As a string, like in Prometheus' own API: infinities have no number in JSON, and a reader that
// rounds would change it.
void RecordWriter::Write(double value) {
  if (std::isnan(value) || std::isinf(value)) {
    out_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"+Inf\"" : "\"-Inf\"";
    return;
  }
  char text[32];
  out_ += '"';
  out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  out_ += '"';
}

void RecordWriter::Write(const Numbers& numbers) {
  constexpr double kLargestWhole = 9007199254740992;  // 2^53
  out_ += '{';
  for (const auto& [name, number] : numbers) {
    if (out_.back() != '{') out_ += ',';
    Write(name);
    out_ += ':';
    if (number == std::floor(number) && std::abs(number) <= kLargestWhole) {
      Write(static_cast<int64_t>(number));
    } else {
      Write(number);
    }
  }
  out_ += '}';
}

void RecordWriter::Write(const Words& words) {
  out_ += '{';
  for (const auto& [name, word] : words) {
    if (out_.back() != '{') out_ += ',';
    Write(name);
    out_ += ':';
    Write(word);
  }
  out_ += '}';
}

}  // namespace gtestnet::internal
