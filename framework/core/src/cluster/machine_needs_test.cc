// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/machine_needs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/src/node/testing/fake_kind.h"

namespace gtestnet {
namespace {

int64_t Amount(const std::vector<Need>& needs, Resource resource) {
  for (const Need& need : needs) {
    if (need.resource == resource) return need.amount;
  }
  return 0;
}

TEST(MachineNeedsTest, GrowWithTheNodes) {
  const auto few = NeedsOf(FakeTopology::Star().Members(2), true);
  const auto many = NeedsOf(FakeTopology::Star().Members(20), true);
  for (const Resource resource :
       {Resource::kDescriptors, Resource::kNodeDescriptors, Resource::kTasks, Resource::kSpace,
        Resource::kFiles, Resource::kMemory, Resource::kAddressSpace}) {
    EXPECT_GT(Amount(many, resource), Amount(few, resource));
  }
}

TEST(MachineNeedsTest, AreLessWhereNodesAreNotProcessesOfThisMachine) {
  const auto here = NeedsOf(FakeTopology::Star().Members(4), true);
  const auto there = NeedsOf(FakeTopology::Star().Members(4), false);
  EXPECT_EQ(Amount(there, Resource::kNodeDescriptors), 0);
  EXPECT_EQ(Amount(there, Resource::kMemory), 0);
  EXPECT_LT(Amount(there, Resource::kTasks), Amount(here, Resource::kTasks));
  EXPECT_LT(Amount(there, Resource::kSpace), Amount(here, Resource::kSpace));
}

TEST(MachineNeedsTest, FourNodesGetAlongWith64Descriptors) {
  const auto needs = NeedsOf(FakeTopology::Star().Members(4), true);
  EXPECT_LE(Amount(needs, Resource::kDescriptors), 64 - 20);
  EXPECT_LE(Amount(needs, Resource::kNodeDescriptors), 64);
}

TEST(MachineNeedsTest, TheFirstMegabyteIsNotEnough) {
  const std::vector<Limit> limits = {{Resource::kSpace, "the disk of /tmp", 1 << 20, 0}};
  EXPECT_EQ(
      CheckNeeds("4 nodes", NeedsOf(FakeTopology::Star().Members(4), true), limits).message(),
      "4 nodes need 17 MiB more on the disk, and cannot have them: the disk of /tmp is 1 MiB; "
      "make room there, or set TMPDIR to a directory with more");
}

}  // namespace
}  // namespace gtestnet
