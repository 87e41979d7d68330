// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "core/src/deployer/container/log_frames.h"

namespace gtestnet::compose {
namespace {

StackSpec SomeStack() {
  StackSpec stack;
  stack.project = "gtestnet-1";
  stack.base_file = "/assets/base.yaml";
  stack.image = "image:tag";
  stack.stack_directory = "/run/stack";
  stack.labels = {{"gtestnet.run", "1"}, {"gtestnet.test", "A.B/c $X: \"yes\""}};
  stack.nodes.resize(2);
  stack.nodes[0].name = "validator-0";
  stack.nodes[0].role = "validator";
  stack.nodes[1].index = 1;
  stack.nodes[1].name = "executor-0";
  stack.nodes[1].role = "executor";
  return stack;
}

TEST(ComposeFileTest, EachNodeIsAServiceThatExtendsItsRole) {
  const YAML::Node file = YAML::Load(WriteComposeFile(SomeStack()));
  EXPECT_EQ(file["name"].as<std::string>(), "gtestnet-1");
  EXPECT_EQ(file["services"].size(), 3u);
  const YAML::Node node = file["services"]["executor-0"];
  EXPECT_EQ(node["extends"]["file"].as<std::string>(), "/assets/base.yaml");
  EXPECT_EQ(node["extends"]["service"].as<std::string>(), "executor");
  EXPECT_EQ(node["image"].as<std::string>(), "image:tag");
  EXPECT_EQ(node["environment"]["CFG_HOST_IDENTIFIER"].as<std::string>(), "executor-0");
  EXPECT_EQ(node["labels"]["gtestnet.node"].as<std::string>(), "1");
  EXPECT_EQ(node["labels"]["gtestnet.run"].as<std::string>(), "1");
}

TEST(ComposeFileTest, LogFilesAndPrometheusOnlyWhereTheyAreAskedFor) {
  StackSpec stack = SomeStack();
  YAML::Node file = YAML::Load(WriteComposeFile(stack));
  EXPECT_FALSE(file["services"]["prometheus"]);
  EXPECT_FALSE(file["services"]["validator-0"]["volumes"]);
  stack.log_directory = "/logs";
  stack.user = "7:8";
  stack.prometheus_image = "prom/prometheus:v2";
  file = YAML::Load(WriteComposeFile(stack));
  EXPECT_EQ(file["services"]["prometheus"]["image"].as<std::string>(), "prom/prometheus:v2");
  const YAML::Node node = file["services"]["validator-0"];
  EXPECT_EQ(node["volumes"][0].as<std::string>(), "/logs:/var/log/nomos");
  EXPECT_EQ(node["environment"]["NOMOS_LOG_DIR"].as<std::string>(), "/var/log/nomos");
  EXPECT_EQ(node["user"].as<std::string>(), "7:8");
}

TEST(ComposeFileTest, NodesFindThisMachineOnlyWhereACollectorIsOnIt) {
  StackSpec stack = SomeStack();
  YAML::Node file = YAML::Load(WriteComposeFile(stack));
  EXPECT_FALSE(file["services"]["validator-0"]["extra_hosts"]);
  stack.collectors = {{"NOMOS_OTLP_ENDPOINT", "http://host.docker.internal:4318"}};
  file = YAML::Load(WriteComposeFile(stack));
  for (const char* name : {"validator-0", "executor-0"}) {
    const YAML::Node node = file["services"][name];
    EXPECT_EQ(node["extra_hosts"][0].as<std::string>(), "host.docker.internal:host-gateway");
    EXPECT_EQ(node["environment"]["NOMOS_OTLP_ENDPOINT"].as<std::string>(),
              "http://host.docker.internal:4318");
  }
  EXPECT_FALSE(file["services"]["cfgsync"]["extra_hosts"]);
}

TEST(ComposeFileTest, NothingGoesWithoutTheRunsLabels) {
  const YAML::Node file = YAML::Load(WriteComposeFile(SomeStack()));
  for (const auto& service : file["services"]) {
    EXPECT_EQ(service.second["labels"]["gtestnet.run"].as<std::string>(), "1");
  }
  EXPECT_EQ(file["networks"]["default"]["labels"]["gtestnet.run"].as<std::string>(), "1");
}

TEST(ComposeFileTest, ADollarIsNoVariableAndValuesAreQuoted) {
  const std::string text = WriteComposeFile(SomeStack());
  const YAML::Node file = YAML::Load(text);
  EXPECT_EQ(file["services"]["cfgsync"]["labels"]["gtestnet.test"].as<std::string>(),
            "A.B/c $$X: \"yes\"");
  EXPECT_THAT(text, testing::HasSubstr("\"gtestnet.node\": \"0\""));
}

TEST(LogFramesTest, TextIsTakenOutOfWhatIsWhole) {
  using docker::TextOfFrames;
  using namespace std::string_literals;
  EXPECT_EQ(TextOfFrames(""), "");
  EXPECT_EQ(TextOfFrames("\1\0\0\0\0\0\0\3abc\2\0\0\0\0\0\0\1d"s), "abcd");
  EXPECT_EQ(TextOfFrames("\1\0\0\0\0\0\0\x9"
                         "abc"s),
            "abc");                               // cut off
  EXPECT_EQ(TextOfFrames("\1\0\0"s), "\1\0\0"s);  // not even a head
  EXPECT_EQ(TextOfFrames("plain text of a terminal"), "plain text of a terminal");
  EXPECT_EQ(TextOfFrames("\1\0\0\0\xff\xff\xff\xff"s), "");
}

}  // namespace
}  // namespace gtestnet::compose
