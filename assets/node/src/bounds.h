// SPDX-License-Identifier: Apache-2.0
//
// What another program may send over HTTP before it is refused. Peers' messages: peers/frame.h and
// core/message.h; bodies of the API: api/http_server.h; the config file: config.cc.
#ifndef GTESTNET_NODE_BOUNDS_H_
#define GTESTNET_NODE_BOUNDS_H_

#include <cstddef>

namespace gtestnet::node {

inline constexpr std::size_t kMostHeaderBytes = 16 * 1024;     // trailers have as much again
inline constexpr std::size_t kMostChunkLineBytes = 1024;       // a chunk's size with its extensions
inline constexpr std::size_t kMostCollectorBytes = 64 * 1024;  // of an OTLP collector's answer

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_BOUNDS_H_
