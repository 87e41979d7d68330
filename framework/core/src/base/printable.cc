// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/printable.h"

#include <algorithm>
#include <cstdio>

#include "core/src/base/utf8.h"

namespace gtestnet {
namespace {

// Of a colour's escape sequence at the start of `text`; 0 if there is none.
size_t ColourLength(std::string_view text) {
  if (text.substr(0, 2) != "\x1b[") return 0;
  const size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

char32_t CodePointOf(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  constexpr unsigned char kFirstBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = byte(0) & kFirstBits[sequence.size()];
  for (size_t i = 1; i < sequence.size(); ++i) code = code << 6 | (byte(i) & 0x3F);
  return code;
}

bool IsControl(char32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
}

// Marks of direction, and what a line break is to some and not to others.
bool IsMisleading(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

bool IsNoCharacter(char32_t code) {
  return (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
}

void AppendEscape(const char* format, unsigned value, std::string& out) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  out += text;
}

// Of the start of `text`; how many bytes it took.
size_t AppendOne(std::string_view text, std::string& out) {
  const size_t length = Utf8Length(text);
  if (length == 0) {
    AppendEscape("\\x%02x", static_cast<unsigned char>(text[0]), out);
    return 1;
  }
  const std::string_view sequence = text.substr(0, length);
  const char32_t code = CodePointOf(sequence);
  if (IsControl(code)) {
    AppendEscape(code < 0x80 ? "\\x%02x" : "\\u%04x", code, out);
  } else if (IsMisleading(code) || IsNoCharacter(code)) {
    AppendEscape("\\u%04x", code, out);
  } else {
    out += sequence;
  }
  return length;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t length = ColourLength(text);
    if (length == 0 && text.substr(0, 2) == "\r\n") length = 1;
    if (length == 0) length = AppendOne(text, out);
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace gtestnet
