// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/log_tail.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "gtestnet/printable.h"

namespace gtestnet {
namespace {

constexpr size_t kLongestLine = 400;

// At its beginning, if there is a whole one.
void DropPartOfLine(std::string& text) {
  const size_t line = text.find('\n');
  if (line != std::string::npos && line + 1 < text.size()) text.erase(0, line + 1);
}

// Not so that it ends in the middle of a character.
std::string_view BeginningOf(std::string_view line) {
  if (line.size() <= kLongestLine) return line;
  const auto continues = [&](size_t i) {
    return (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80;
  };
  size_t end = kLongestLine;
  for (int i = 0; i < 3 && continues(end); ++i) --end;
  return line.substr(0, continues(end) ? kLongestLine : end);
}

}  // namespace

absl::StatusOr<std::string> TailBytes(const std::string& path, size_t bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return ErrnoStatus(errno == 0 ? ENOENT : errno, path);
  const auto size = static_cast<size_t>(std::max<std::streamoff>(0, file.tellg()));
  const size_t want = std::min(size, bytes);
  std::string text(want, '\0');
  file.seekg(static_cast<std::streamoff>(size - want));
  file.read(text.data(), static_cast<std::streamsize>(want));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  if (want < size) DropPartOfLine(text);
  return text;
}

std::string TailBytesOf(std::string text, size_t bytes) {
  if (text.size() <= bytes) return text;
  text.erase(0, text.size() - bytes);
  DropPartOfLine(text);
  return text;
}

std::string LastLines(const std::string& path, int lines) {
  return LastLinesOf(TailBytes(path, 16 * 1024).value_or(""), lines);
}

std::string LastLinesOf(std::string text, int lines) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return "  (its log is empty)";
  size_t start = text.size();
  for (int i = 0; i < lines && start != std::string::npos && start > 0; ++i) {
    start = text.rfind('\n', start - 1);
  }
  if (start != std::string::npos && start < text.size() && text[start] == '\n') {
    text.erase(0, start + 1);
  }
  std::string shown;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&shown, shown.empty() ? "  " : "\n  ", Printable(BeginningOf(ToStd(line))),
                    line.size() > kLongestLine ? "..." : "");
  }
  return shown;
}

}  // namespace gtestnet
