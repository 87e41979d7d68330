// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/log_frames.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gtestnet::docker {
namespace {

constexpr size_t kHead = 8;

bool IsHead(std::string_view bytes) {
  return bytes.size() >= kHead && static_cast<unsigned char>(bytes[0]) <= 2 && bytes[1] == 0 &&
         bytes[2] == 0 && bytes[3] == 0;
}

size_t LengthIn(std::string_view head) {
  size_t length = 0;
  for (size_t i = 4; i < kHead; ++i) length = length << 8 | static_cast<unsigned char>(head[i]);
  return length;
}

// How long that is, with its blank: of "2026-11-03T10:00:00.123456789Z text"; 0 if there is none.
size_t TimeAtBeginning(std::string_view text) {
  const size_t end = text.find(' ');
  const bool time = end != std::string_view::npos && end >= 20 && end <= 40 && text[4] == '-' &&
                    text[10] == 'T' && text[13] == ':';
  return time ? end + 1 : 0;
}

}  // namespace

std::string TextOfFrames(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    if (!IsHead(bytes)) return text.append(bytes);
    const size_t length = std::min(LengthIn(bytes), bytes.size() - kHead);
    text.append(bytes.substr(kHead, length));
    bytes.remove_prefix(kHead + length);
  }
  return text;
}

std::string LinesOfTimedFrames(std::string_view bytes) {
  std::string lines;
  std::array<std::string, 3> open;  // the line of each stream that has no end yet
  while (!bytes.empty()) {
    if (!IsHead(bytes)) return lines.append(bytes);
    std::string& line = open[static_cast<unsigned char>(bytes[0])];
    const size_t length = std::min(LengthIn(bytes), bytes.size() - kHead);
    std::string_view text = bytes.substr(kHead, length);
    bytes.remove_prefix(kHead + length);
    if (!line.empty()) text.remove_prefix(TimeAtBeginning(text));
    line.append(text);
    if (line.empty() || line.back() != '\n') continue;
    lines += line;
    line.clear();
  }
  for (const std::string& line : open) {
    if (!line.empty()) lines.append(line).append("\n");
  }
  return lines;
}

}  // namespace gtestnet::docker
