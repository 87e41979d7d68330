// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_UTF8_H_
#define GTESTNET_CORE_SRC_BASE_UTF8_H_

#include <cstddef>
#include <string_view>

namespace gtestnet {

// The length of the well-formed UTF-8 sequence at the start of `text`, which is not empty; 0 if
// there is none.
size_t Utf8Length(std::string_view text);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_UTF8_H_
