// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CAPABILITIES_H_
#define GTESTNET_CAPABILITIES_H_

#include <initializer_list>
#include <iosfwd>
#include <string>

namespace gtestnet {

// What a run may need of a deployer beyond "the nodes are there".
enum class Capability : unsigned {
  kNodeControl = 1u << 0,  // start, stop, kill, pause, resume, restart and add nodes
  kLinkControl = 1u << 1,  // partition, delay and lose traffic on a link
  kTelemetry = 1u << 2,    // a Prometheus that scrapes every node
  kPodControl = 1u << 3,   // delete pods; only Kubernetes has any
};

// A set of capabilities. They combine freely:
//
//   Capabilities Required() const override {  // of a ClusterTest
//     return Capability::kNodeControl | Capability::kTelemetry;
//   }
class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(Capability one) : bits_(static_cast<unsigned>(one)) {}  // NOLINT: implicit
  constexpr Capabilities(std::initializer_list<Capability> several) {
    for (Capability one : several) bits_ |= static_cast<unsigned>(one);
  }

  constexpr bool Contains(Capabilities others) const {
    return (bits_ & others.bits_) == others.bits_;
  }
  constexpr bool empty() const { return bits_ == 0; }

  friend constexpr Capabilities operator|(Capabilities a, Capabilities b) {
    return FromBits(a.bits_ | b.bits_);
  }
  // Those of `a` that are not in `b`.
  friend constexpr Capabilities operator-(Capabilities a, Capabilities b) {
    return FromBits(a.bits_ & ~b.bits_);
  }
  friend constexpr bool operator==(Capabilities, Capabilities) = default;

  // "node control, telemetry", or "none".
  std::string ToString() const;

 private:
  static constexpr Capabilities FromBits(unsigned bits) {
    Capabilities set;
    set.bits_ = bits;
    return set;
  }
  unsigned bits_ = 0;
};

constexpr Capabilities operator|(Capability a, Capability b) {
  return Capabilities(a) | Capabilities(b);
}

std::ostream& operator<<(std::ostream& os, Capabilities set);

}  // namespace gtestnet

#endif  // GTESTNET_CAPABILITIES_H_
