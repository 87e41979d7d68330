// SPDX-License-Identifier: Apache-2.0
//
// Pieces of JSON text.
#ifndef GTESTNET_NODE_API_JSON_WRITER_H_
#define GTESTNET_NODE_API_JSON_WRITER_H_

#include <string>

#include "core/types.h"

namespace gtestnet::node {

inline void AppendBytes(std::string& out, ByteSpan bytes) {
  out += '[';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) out += ',';
    const unsigned value = bytes[i];
    if (value >= 100) out += static_cast<char>('0' + value / 100);
    if (value >= 10) out += static_cast<char>('0' + value / 10 % 10);
    out += static_cast<char>('0' + value % 10);
  }
  out += ']';
}

// Calls `each` for the items, with commas in between.
template <class Items, class Each>
void AppendList(std::string& out, const Items& items, Each each) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    each(item);
  }
  out += ']';
}

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_JSON_WRITER_H_
