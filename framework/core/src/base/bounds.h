// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_BOUNDS_H_
#define GTESTNET_CORE_SRC_BASE_BOUNDS_H_

#include <chrono>
#include <cstddef>

// What another program may send, in bytes and in time, before it is refused. What only one reader
// asks for (the bytes of a request to cfgsync) is an option of that reader, beside its use.
namespace gtestnet::base {

// Of HTTP, from whomever.
inline constexpr size_t kMostHeaderBytes = 16 * 1024;  // trailers have as much again
inline constexpr size_t kMostChunkLineBytes = 1024;    // a chunk's size with its extensions
inline constexpr size_t kMostAnswerBytes = 64 * 1024 * 1024;
inline constexpr size_t kMostAnswerValues = 2'000'000;  // of JSON, which takes 40 bytes for each
inline constexpr size_t kMostRequestBytes = 64 * 1024;
inline constexpr size_t kMostConnections = 1024;
inline constexpr std::chrono::milliseconds kLongestRequest{120'000};

// Of a stream of lines, whose length as a whole has no bound: nothing of it is kept.
inline constexpr size_t kMostLineBytes = 8 * 1024 * 1024;
inline constexpr std::chrono::milliseconds kLongestOpening{5000};

// Of a file that a user or another program names.
inline constexpr size_t kMostRecordFileBytes = 1024 * 1024 * 1024;  // see record_from_json.cc

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_BOUNDS_H_
