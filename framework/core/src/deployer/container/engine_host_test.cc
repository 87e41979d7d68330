// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/engine_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gtestnet::docker {
namespace {

using testing::HasSubstr;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class EngineHostTest : public testing::Test {
 protected:
  EngineHostTest() : directory_(testing::TempDir() + "docker-config." + std::to_string(getpid())) {
    std::filesystem::create_directories(directory_);
    setenv("DOCKER_CONFIG", directory_.c_str(), 1);
    for (const char* name : {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"}) unsetenv(name);
  }
  ~EngineHostTest() override {
    for (const char* name :
         {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CONFIG"}) {
      unsetenv(name);
    }
    std::filesystem::remove_all(directory_);
  }
  void Write(const std::string& path, const std::string& text) const {
    const std::filesystem::path full = std::filesystem::path(directory_) / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }

  const std::string directory_;
};

TEST_F(EngineHostTest, TheUsualSocketUnlessSomethingElseIsSaid) {
  EXPECT_EQ(FindEngineHost()->endpoint.unix_path, "/var/run/docker.sock");
  Write("config.json", R"({"currentContext": "default"})");
  EXPECT_EQ(FindEngineHost()->text, "unix:///var/run/docker.sock");
  Write("config.json", "garbage");
  EXPECT_TRUE(FindEngineHost().ok());
}

TEST_F(EngineHostTest, DockerHostComesFirst) {
  Write("config.json", R"({"currentContext": "other"})");
  setenv("DOCKER_HOST", "tcp://[::1]:2375", 1);
  EXPECT_EQ(FindEngineHost()->endpoint.host, "::1");
  EXPECT_EQ(FindEngineHost()->endpoint.port, 2375);
  setenv("DOCKER_HOST", "unix:///x.sock", 1);
  EXPECT_EQ(FindEngineHost()->endpoint.unix_path, "/x.sock");
}

TEST_F(EngineHostTest, AContextSaysWhere) {
  Write("config.json", R"({"currentContext": "desktop"})");
  Write("contexts/meta/0a1b/meta.json",
        R"({"Name":"desktop","Endpoints":{"docker":{"Host":"unix:///desktop.sock"}}})");
  EXPECT_EQ(FindEngineHost()->endpoint.unix_path, "/desktop.sock");
  EXPECT_EQ(FindEngineHost()->origin, "the Docker context desktop");
  setenv("DOCKER_CONTEXT", "no-such", 1);
  EXPECT_THAT(Text(FindEngineHost().status()), HasSubstr("the Docker context no-such is not in"));
}

TEST_F(EngineHostTest, WhatCannotBeSpokenIsRefusedByName) {
  for (const char* bad : {"ssh://host", "tcp://", "tcp://host", "tcp://host:99999", "tcp://:1",
                          "unix://", "x", "tcp://host:1x"}) {
    const absl::StatusOr<EngineHost> host = ParseEngineHost(bad, "DOCKER_HOST");
    EXPECT_EQ(host.status().code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(Text(host.status()), HasSubstr(std::string("DOCKER_HOST says ") + bad));
  }
  setenv("DOCKER_TLS_VERIFY", "1", 1);
  EXPECT_THAT(Text(ParseEngineHost("tcp://host:2376", "DOCKER_HOST").status()), HasSubstr("TLS"));
}

}  // namespace
}  // namespace gtestnet::docker
