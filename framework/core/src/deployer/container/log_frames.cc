// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/log_frames.h"

#include <algorithm>
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

}  // namespace gtestnet::docker
