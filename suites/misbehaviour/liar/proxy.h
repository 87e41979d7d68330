// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_MISBEHAVIOUR_LIAR_PROXY_H_
#define GTESTNET_SUITES_MISBEHAVIOUR_LIAR_PROXY_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "liar/lies.h"

namespace gtestnet::liar {

// A liar that several threads use.
class SharedLiar {
 public:
  explicit SharedLiar(Liar liar) : liar_(std::move(liar)) {}

  template <class F>
  auto Ask(F ask) {
    const std::lock_guard lock(mutex_);
    return ask(liar_);
  }

 private:
  std::mutex mutex_;
  Liar liar_;
};

// Takes connections at host:port for the life of the process, each in a thread of its own, and
// answers as the node at host:behind does, but for what the liar makes of it. kUnavailable: it
// cannot listen there.
absl::Status ServeProxy(const std::string& host, uint16_t port, uint16_t behind, SharedLiar& liar);

}  // namespace gtestnet::liar

#endif  // GTESTNET_SUITES_MISBEHAVIOUR_LIAR_PROXY_H_
