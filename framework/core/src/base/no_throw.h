// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_NO_THROW_H_
#define GTESTNET_CORE_SRC_BASE_NO_THROW_H_

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"

namespace gtestnet {

// What `work` returns, a Status or a StatusOr. What is thrown inside, by the standard library for
// want of memory, say, becomes kResourceExhausted or kInternal with "<what>: " before it.
template <class Work>
std::invoke_result_t<Work&> NoThrow(Work work, std::string_view what) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(std::string(what) + ": there is no memory for it");
  } catch (const std::exception& failure) {
    return absl::InternalError(std::string(what) + ": " + failure.what());
  }
}

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_NO_THROW_H_
