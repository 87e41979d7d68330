// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/port_forward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::k8s {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ForwardedPortsTest, AreReadFromWhatKubectlSays) {
  EXPECT_THAT(ParseForwardedPorts("Forwarding from 127.0.0.1:40001 -> 18080\n"
                                  "Forwarding from [::1]:40001 -> 18080\n"
                                  "Forwarding from 127.0.0.1:4500 -> 4500\n"
                                  "Handling connection for 4500\n"),
              ElementsAre(Pair(4500, 4500), Pair(18080, 40001)));
}

TEST(ForwardedPortsTest, AreNotReadFromHalfALineOrNonsense) {
  for (const char* output :
       {"", "Forwarding from 127.0.0.1:", "Forwarding from 127.0.0.1:40001",
        "Forwarding from 127.0.0.1:40001 -> ", "Forwarding from 127.0.0.1:40001 -> 18080",
        "Forwarding from 127.0.0.1:99999 -> 18080\n", "Forwarding from 127.0.0.1:0 -> 1\n",
        "Forwarding from 127.0.0.1:x -> y\n", "error: unable to forward port\n", "\xff\xfe"}) {
    EXPECT_THAT(ParseForwardedPorts(output), IsEmpty()) << output;
  }
}

}  // namespace
}  // namespace gtestnet::k8s
