// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/src/base/command.h"

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

// Sets a variable for a test.
class Set {
 public:
  explicit Set(std::string name, const std::string& value = "left in a shell")
      : name_(std::move(name)) {
    const char* const before = std::getenv(name_.c_str());
    had_ = before != nullptr;
    if (had_) before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Set() { had_ ? setenv(name_.c_str(), before_.c_str(), 1) : unsetenv(name_.c_str()); }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

 private:
  const std::string name_;
  bool had_ = false;
  std::string before_;
};

TEST(EnvironmentTest, WhatIsLeftInAShellLeadsNoCommandElsewhere) {
  for (const char* name : {"COMPOSE_ENV_FILES",
                           "COMPOSE_PROFILES",
                           "COMPOSE_FILE",
                           "COMPOSE_PROJECT_NAME",
                           "COMPOSE_PATH_SEPARATOR",
                           "COMPOSE_PARALLEL_LIMIT",
                           "COMPOSE_REMOVE_ORPHANS",
                           "COMPOSE_IGNORE_ORPHANS",
                           "COMPOSE_BAKE",
                           "DOCKER_DEFAULT_PLATFORM",
                           "DOCKER_CONTENT_TRUST",
                           "DOCKER_BUILDKIT",
                           "DOCKER_API_VERSION",
                           "DOCKER_TLS_VERIFY",
                           "DOCKER_CERT_PATH",
                           "BUILDKIT_PROGRESS",
                           "BUILDX_BUILDER",
                           "HELM_NAMESPACE",
                           "HELM_DRIVER",
                           "HELM_KUBECONTEXT",
                           "HELM_KUBEAPISERVER",
                           "HELM_DEBUG",
                           "HELM_MAX_HISTORY",
                           "KUBECTL_EXTERNAL_DIFF",
                           "POD_NAMESPACE",
                           "CFG_SERVER_ADDR",
                           "GTESTNET_PUBLISH_ADDRESS",
                           "GTESTNET_RUN_DIRECTORY",
                           "GTESTNET_HEALTH_INTERVAL",
                           "ANY_LOG_LEVEL",
                           "BASH_ENV",
                           "ENV",
                           "CDPATH",
                           "GREP_OPTIONS",
                           "GTEST_FILTER",
                           "GTESTNET_DEPLOYERS",
                           "ANYTHING"}) {
    const Set set(name);
    EXPECT_THAT(HelperEnvironment(), Not(Contains(Key(name))));
  }
}

TEST(EnvironmentTest, WhatTellsWhereAndWhoOneIsGoesOn) {
  for (const char* name : {"PATH",
                           "HOME",
                           "TMPDIR",
                           "LC_ALL",
                           "XDG_RUNTIME_DIR",
                           "HTTPS_PROXY",
                           "no_proxy",
                           "SSL_CERT_FILE",
                           "DOCKER_HOST",
                           "DOCKER_CONTEXT",
                           "DOCKER_CONFIG",
                           "KUBECONFIG",
                           "KUBERNETES_SERVICE_HOST",
                           "AWS_PROFILE",
                           "AZURE_CONFIG_DIR",
                           "AAD_LOGIN_METHOD",
                           "GOOGLE_APPLICATION_CREDENTIALS",
                           "CLOUDSDK_CONFIG",
                           "USE_GKE_GCLOUD_AUTH_PLUGIN",
                           "DIGITALOCEAN_ACCESS_TOKEN",
                           "VAULT_ADDR",
                           "SSH_AUTH_SOCK",
                           "DBUS_SESSION_BUS_ADDRESS",
                           "KRB5CCNAME",
                           "LD_LIBRARY_PATH",
                           "ASAN_OPTIONS",
                           "GTESTNET_TIMEOUT_SCALE"}) {
    const Set set(name, "value of it");
    EXPECT_THAT(HelperEnvironment(), Contains(Pair(name, "value of it")));
  }
}

TEST(EnvironmentTest, HelpersDoWithoutAUsersDefaultsAndPlugins) {
  const Set plugins("HELM_PLUGINS");
  const Set defaults("KUBERC");
  EXPECT_THAT(HelperEnvironment(), AllOf(Contains(Pair("HELM_PLUGINS", "/nonexistent")),
                                         Contains(Pair("KUBERC", "off"))));
}

TEST(EnvironmentTest, NodesGetWhatConfiguresThem) {
  const Set level("ANY_LOG_LEVEL", "debug");
  const Set one("ONE", "1");
  const Set more("ONE_MORE", "2");
  const Set preload("LD_PRELOAD", "");
  const Set secret("AWS_SECRET_ACCESS_KEY");
  const Set other("ANYTHING");
  EXPECT_THAT(
      NodeEnvironment({"ANY_*", "ONE"}),
      AllOf(Contains(Pair("ANY_LOG_LEVEL", "debug")), Contains(Pair("ONE", "1")),
            Not(Contains(Key("ONE_MORE"))), Contains(Pair("LD_PRELOAD", "")), Contains(Key("PATH")),
            Not(Contains(Key("AWS_SECRET_ACCESS_KEY"))), Not(Contains(Key("ANYTHING")))));
}

TEST(EnvironmentTest, MoreMayBeAskedFor) {
  const Set asked("GTESTNET_PASS_ENV", "ANYTHING, MYCORP_*");
  const Set one("ANYTHING");
  const Set two("MYCORP_TOKEN");
  const Set three("ANYTHING_ELSE");
  for (const Environment& environment : {HelperEnvironment(), NodeEnvironment({})}) {
    EXPECT_THAT(environment, AllOf(Contains(Key("ANYTHING")), Contains(Key("MYCORP_TOKEN")),
                                   Not(Contains(Key("ANYTHING_ELSE")))));
  }
}

TEST(EnvironmentTest, ACommandHasItAndWhatIsAskedForIt) {
  const Set left("COMPOSE_FILE");
  const Set home("HOME", "/home/mine");
  const auto result =
      RunCommand({"/usr/bin/env"}, CommandOptions{.environment = {{"DOCKER_HOST", "unix:///x"}}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->output,
              AllOf(HasSubstr("DOCKER_HOST=unix:///x\n"), HasSubstr("HOME=/home/mine\n"),
                    Not(HasSubstr("COMPOSE_FILE"))));
}

}  // namespace
}  // namespace gtestnet
