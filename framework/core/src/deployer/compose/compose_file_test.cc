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
  stack.tools_image = "tools:tag";
  stack.stack_directory = "/run/stack";
  stack.labels = {{"gtestnet.run", "1"}, {"gtestnet.test", "A.B/c $X: \"yes\""}};
  stack.nodes.resize(2);
  stack.nodes[0].name = "member-0";
  stack.nodes[0].role = "member";
  stack.nodes[1].index = 1;
  stack.nodes[1].name = "scout-0";
  stack.nodes[1].role = "scout";
  stack.ports = {{"peer", 2380, true}, {"client", 2379}};
  stack.containers["member"] = {.image = {.tag = "member:tag"},
                                .program = "/bin/member",
                                .directory = "/data",
                                .health_port = "client",
                                .health_path = "/health"};
  stack.containers["scout"] = {.image = {.tag = "scout:tag"},
                               .program = "/bin/scout",
                               .health_port = "client",
                               .user = "7:8",
                               .has_tools = true};
  stack.mount_tools = true;
  return stack;
}

std::string Joined(const YAML::Node& list) {
  std::string text;
  for (const YAML::Node& one : list) text += (text.empty() ? "" : " ") + one.as<std::string>();
  return text;
}

TEST(ComposeFileTest, EachNodeIsAServiceWithWhatItsKindSaysOfItsRole) {
  const YAML::Node file = YAML::Load(WriteComposeFile(SomeStack()));
  EXPECT_EQ(file["name"].as<std::string>(), "gtestnet-1");
  EXPECT_EQ(file["services"].size(), 3u);
  const YAML::Node node = file["services"]["member-0"];
  EXPECT_EQ(node["extends"]["file"].as<std::string>(), "/assets/base.yaml");
  EXPECT_EQ(node["extends"]["service"].as<std::string>(), "node");
  EXPECT_EQ(node["image"].as<std::string>(), "member:tag");
  EXPECT_EQ(node["environment"]["CFG_HOST_IDENTIFIER"].as<std::string>(), "member-0");
  EXPECT_EQ(node["environment"]["CFG_HOST_KIND"].as<std::string>(), "member");
  EXPECT_EQ(node["environment"]["CFG_DIRECTORY"].as<std::string>(), "/data");
  EXPECT_EQ(Joined(node["ports"]), "127.0.0.1::2379");
  EXPECT_EQ(Joined(node["healthcheck"]["test"]),
            "CMD /opt/gtestnet/cfgsync-client --health=http://127.0.0.1:2379/health");
  EXPECT_EQ(node["labels"]["gtestnet.node"].as<std::string>(), "0");
  EXPECT_EQ(node["labels"]["gtestnet.role"].as<std::string>(), "member");
  EXPECT_EQ(node["labels"]["gtestnet.run"].as<std::string>(), "1");
  const YAML::Node scout = file["services"]["scout-0"];
  EXPECT_EQ(scout["image"].as<std::string>(), "scout:tag");
  EXPECT_EQ(Joined(scout["healthcheck"]["test"]),
            "CMD /opt/gtestnet/cfgsync-client --health=tcp://127.0.0.1:2379");
  EXPECT_EQ(scout["labels"]["gtestnet.node"].as<std::string>(), "1");
}

// What any image needs comes from the one in which cfgsync runs.
TEST(ComposeFileTest, ToolsAreMountedWhereAnImageHasNone) {
  StackSpec stack = SomeStack();
  YAML::Node file = YAML::Load(WriteComposeFile(stack));
  EXPECT_EQ(file["services"]["cfgsync"]["image"].as<std::string>(), "tools:tag");
  EXPECT_EQ(Joined(file["services"]["cfgsync"]["volumes"]),
            "/run/stack:/etc/gtestnet/run:ro tools:/opt/gtestnet");
  EXPECT_EQ(Joined(file["services"]["member-0"]["volumes"]), "tools:/opt/gtestnet:ro");
  EXPECT_EQ(file["services"]["member-0"]["user"].as<std::string>(), "0:0");
  EXPECT_FALSE(file["services"]["scout-0"]["volumes"]);
  EXPECT_EQ(file["services"]["scout-0"]["user"].as<std::string>(), "7:8");
  EXPECT_EQ(file["volumes"]["tools"]["labels"]["gtestnet.run"].as<std::string>(), "1");
  stack.mount_tools = false;
  stack.containers["member"].has_tools = true;
  file = YAML::Load(WriteComposeFile(stack));
  EXPECT_EQ(Joined(file["services"]["cfgsync"]["volumes"]), "/run/stack:/etc/gtestnet/run:ro");
  EXPECT_FALSE(file["services"]["member-0"]["volumes"]);
  EXPECT_FALSE(file["services"]["member-0"]["user"]);
  EXPECT_FALSE(file["volumes"]);
}

TEST(ComposeFileTest, LogFilesAndPrometheusOnlyWhereTheyAreAskedFor) {
  StackSpec stack = SomeStack();
  YAML::Node file = YAML::Load(WriteComposeFile(stack));
  EXPECT_FALSE(file["services"]["prometheus"]);
  stack.log_directory = "/logs";
  stack.log_variable = "LOGS_IN";
  stack.user = "9:9";
  stack.prometheus_image = "prom/prometheus:v2";
  file = YAML::Load(WriteComposeFile(stack));
  EXPECT_EQ(file["services"]["prometheus"]["image"].as<std::string>(), "prom/prometheus:v2");
  const YAML::Node node = file["services"]["scout-0"];
  EXPECT_EQ(Joined(node["volumes"]), "/logs:/var/log/gtestnet");
  EXPECT_EQ(node["environment"]["LOGS_IN"].as<std::string>(), "/var/log/gtestnet");
  EXPECT_EQ(node["user"].as<std::string>(), "9:9");
}

TEST(ComposeFileTest, NodesFindThisMachineOnlyWhereACollectorIsOnIt) {
  StackSpec stack = SomeStack();
  YAML::Node file = YAML::Load(WriteComposeFile(stack));
  EXPECT_FALSE(file["services"]["member-0"]["extra_hosts"]);
  stack.environment = {{"COLLECTOR", "http://host.docker.internal:4318"}};
  stack.names_this_machine = true;
  file = YAML::Load(WriteComposeFile(stack));
  for (const char* name : {"member-0", "scout-0"}) {
    const YAML::Node node = file["services"][name];
    EXPECT_EQ(node["extra_hosts"][0].as<std::string>(), "host.docker.internal:host-gateway");
    EXPECT_EQ(node["environment"]["COLLECTOR"].as<std::string>(),
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
