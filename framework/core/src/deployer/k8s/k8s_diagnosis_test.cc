// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/k8s_diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::k8s {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kTwoMachines[] = R"({"kind": "List", "items": [
  {"status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"},
                            {"type": "Hostname", "address": "one"}],
              "conditions": [{"type": "MemoryPressure", "status": "False"},
                             {"type": "Ready", "status": "True"}],
              "images": [{"names": ["docker.io/library/etcd:local"]}, {"names": [7]}],
              "nodeInfo": {"containerRuntimeVersion": "containerd://1.6.1"}}},
  {"status": {"addresses": [{"type": "ExternalIP", "address": "192.0.2.1"}],
              "conditions": [{"type": "Ready", "status": "Unknown"}],
              "nodeInfo": {"containerRuntimeVersion": "containerd://1.6.1"}}}]})";

TEST(ReadMachinesTest, WhatMatters) {
  const Machines machines = ReadMachines(kTwoMachines, "etcd:local");
  EXPECT_EQ(machines.count, 2u);
  EXPECT_EQ(machines.not_ready, 1u);
  EXPECT_EQ(machines.with_image, 1u);
  EXPECT_THAT(machines.addresses, ElementsAre("10.0.0.1", "192.0.2.1"));
  EXPECT_THAT(machines.runtimes, ElementsAre("containerd://1.6.1"));
  EXPECT_EQ(ReadMachines(kTwoMachines, "etcd").with_image, 0u);  // that is :latest
}

TEST(ReadMachinesTest, NoSense) {
  for (const char* text : {"", "<html>", "7", "{}", R"({"items": 7})", R"({"items": [7, null]})"}) {
    EXPECT_THAT(ReadMachines(text, "x").addresses, IsEmpty()) << text;
  }
}

TEST(DescribeImageTest, WhetherItIsThere) {
  const Machines two = ReadMachines(kTwoMachines, "etcd:local");
  EXPECT_EQ(DescribeImage(two, "etcd:local", "IfNotPresent"),
            "image etcd:local (IfNotPresent): 1 of 2 machines has it");
  const Machines none = ReadMachines(kTwoMachines, "my/node:7");
  EXPECT_THAT(DescribeImage(none, "my/node:7", "Never"),
              StartsWith("image my/node:7 (Never): no machine tells of it; bring it there"));
  EXPECT_THAT(DescribeImage(none, "my/node:7", "Always"), HasSubstr("can pull it from"));
}

TEST(DescribeStorageTest, TheDefaultClass) {
  EXPECT_THAT(DescribeStorage(R"({"items": [
      {"metadata": {"name": "slow"}, "provisioner": "a"},
      {"metadata": {"name": "odd", "annotations": 7}},
      {"metadata": {"name": "fast",
                    "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
       "provisioner": "b"}]})"),
              StartsWith("storage class fast (b): the database"));
  EXPECT_THAT(DescribeStorage(R"({"items": []})"), EndsWith("comes back empty"));
}

}  // namespace
}  // namespace gtestnet::k8s
