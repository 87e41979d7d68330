// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/capabilities.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gtestnet {
namespace {

TEST(CapabilitiesTest, Combine) {
  const Capabilities both = Capability::kNodeControl | Capability::kTelemetry;
  EXPECT_TRUE(both.Contains(Capability::kTelemetry));
  EXPECT_FALSE(both.Contains(Capability::kLinkControl));
  EXPECT_TRUE(both.Contains({}));
  EXPECT_EQ(both - Capability::kTelemetry, Capability::kNodeControl);
  EXPECT_TRUE((both - both).empty());
}

TEST(CapabilitiesTest, NameThemselves) {
  EXPECT_EQ(Capabilities().ToString(), "none");
  std::ostringstream os;
  os << (Capability::kTelemetry | Capability::kNodeControl);
  EXPECT_EQ(os.str(), "node control, telemetry");
}

}  // namespace
}  // namespace gtestnet
