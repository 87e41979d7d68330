// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// Sets variables, and puts all of ours back at the end.
class VariablesTest : public testing::Test {
 protected:
  VariablesTest() {
    for (const Variable& variable : Variables()) Set(std::string(variable.name), "");
  }
  ~VariablesTest() override {
    for (const auto& [name, old] : saved_) {
      if (old) {
        setenv(name.c_str(), old->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }
  void Set(const std::string& name, const std::string& value) {
    if (!saved_.contains(name)) {
      const char* old = std::getenv(name.c_str());
      saved_[name] = old ? std::optional<std::string>(old) : std::nullopt;
    }
    if (value.empty()) {
      unsetenv(name.c_str());
    } else {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  static std::string Complaint() { return std::string(CheckVariables().message()); }

 private:
  std::map<std::string, std::optional<std::string>> saved_;
};

TEST_F(VariablesTest, UnsetOnesHaveTheirDefaults) {
  EXPECT_EQ(Complaint(), "");
  EXPECT_EQ(DeployersWanted()->size(), 3u);
  EXPECT_TRUE(DeployersRequired()->empty());
  EXPECT_EQ(*PreserveWanted(), Preserve::kNever);
  EXPECT_FALSE(SeedWanted()->has_value());
  EXPECT_EQ(TimeoutScale(), 1);
  EXPECT_THAT(ArtifactsDirectory(),
              testing::EndsWith("/gtestnet-artifacts-" + std::to_string(geteuid())));
  EXPECT_TRUE(CheckArtifactsDirectory().ok());
}

TEST_F(VariablesTest, ADirectoryOfBundlesThatCannotBeWrittenIsSaid) {
  Set("GTESTNET_ARTIFACTS", "/proc/self");
  EXPECT_THAT(std::string(CheckArtifactsDirectory().message()),
              testing::AllOf(HasSubstr("could be written to /proc/self: "),
                             HasSubstr("set GTESTNET_ARTIFACTS to")));
}

TEST_F(VariablesTest, ValuesAreParsed) {
  Set("GTESTNET_DEPLOYERS", "local, k8s,local");
  Set("GTESTNET_PRESERVE", "on_failure");
  Set("GTESTNET_SEED", "18446744073709551615");
  Set("GTESTNET_SLOT", "1.5s");
  Set("GTESTNET_TIMEOUT_SCALE", "2.5");
  Set("SLOW_TEST_ENV", "true");
  EXPECT_EQ(Complaint(), "");
  EXPECT_THAT(*DeployersWanted(), ElementsAre("local", "k8s"));
  EXPECT_EQ(*PreserveWanted(), Preserve::kOnFailure);
  Set("COMPOSE_RUNNER_PRESERVE", "1");
  EXPECT_EQ(*PreserveWanted("compose"), Preserve::kAlways);
  EXPECT_EQ(*PreserveWanted("k8s"), Preserve::kOnFailure);
  Set("COMPOSE_RUNNER_PRESERVE", "false");
  EXPECT_EQ(*PreserveWanted("compose"), Preserve::kOnFailure);
  EXPECT_EQ(**SeedWanted(), UINT64_MAX);
  EXPECT_EQ(**SlotWanted(), 1500ms);
  EXPECT_EQ(Scaled(100ms), 500ms);
}

TEST_F(VariablesTest, ABadValueIsNamedWithWhatItMayBe) {
  const std::map<std::string, std::pair<std::string, std::string>> bad = {
      {"GTESTNET_DEPLOYERS", {"local,docker", "\"docker\" is no deployer; there are local, "}},
      {"GTESTNET_REQUIRE", {"kind", "\"kind\" is no deployer"}},
      {"GTESTNET_PRESERVE", {"yes", "must be never, on_failure or always"}},
      {"GTESTNET_SEED", {"-1", "must be a whole number"}},
      {"GTESTNET_SLOT", {"200", "must be a duration above 0"}},
      {"GTESTNET_TEST_TIMEOUT", {"0s", "must be a duration above 0"}},
      {"GTESTNET_TIMEOUT_SCALE", {"nan", "must be a number above 0"}},
      {"GTESTNET_LOG", {"loud", "must be trace, debug, info, warn, error, off"}},
      {"TEST_FRAMEWORK_PROMETHEUS_PORT", {"70000", "must be a port"}},
      {"K8S_RUNNER_NAMESPACE", {"My_Space", "must be at most 63 of a-z, 0-9 and -"}},
      {"GTESTNET_BUNDLE", {"never", "must be on_failure or always"}},
      {"SLOW_TEST_ENV", {"maybe", "must be true, false, 1, 0"}},
  };
  for (const auto& [name, value_and_words] : bad) {
    Set(name, value_and_words.first);
    EXPECT_THAT(Complaint(), HasSubstr(name + "=" + value_and_words.first + ": "));
    EXPECT_THAT(Complaint(), HasSubstr(value_and_words.second));
    Set(name, "");
  }
}

TEST_F(VariablesTest, AnUnknownOneIsNamedWithTheNearest) {
  Set("GTESTNET_DEPLOYER", "local");
  EXPECT_EQ(Complaint(),
            "there is no variable GTESTNET_DEPLOYER; did you mean GTESTNET_DEPLOYERS?");
}

TEST_F(VariablesTest, DurationsNeedAUnit) {
  EXPECT_EQ(*ParseDuration("250ms"), 250ms);
  EXPECT_EQ(*ParseDuration("2m"), 120s);
  for (const char* bad : {"", "5", "ms", "1.2.3s", "-1s", "1 s", "1e3s", "99999999999h"}) {
    EXPECT_FALSE(ParseDuration(bad).ok()) << bad;
  }
}

TEST_F(VariablesTest, AKindsOwnAreKnownOnceItDeclaresThem) {
  const auto names = [] {
    std::vector<std::string> all;
    for (const Variable& variable : Variables()) all.emplace_back(variable.name);
    return all;
  };
  DeclareVariables(
      {{"TEST_KIND_MODE", "how it runs", "fast", {"fast", "slow"}},
       {"TEST_KIND_LOUD", "true: all is said", "false", {}, false, "GTESTNET_LOG=trace"},
       {"GTESTNET_SEED", "taken", "none"}});
  DeclareVariables({{"TEST_KIND_MODE", "another", "none"}});
  EXPECT_EQ(std::ranges::count(names(), "TEST_KIND_MODE"), 1);
  EXPECT_EQ(std::ranges::count(names(), "GTESTNET_SEED"), 1);
  Set("TEST_KIND_MODE", "medium");
  EXPECT_EQ(Complaint(), "TEST_KIND_MODE=medium: must be fast, slow");
  Set("TEST_KIND_MODE", "slow");
  EXPECT_EQ(Complaint(), "");
  // One stands for another while it is true, unless that one is set itself.
  EXPECT_EQ(VariableValue("GTESTNET_LOG"), std::nullopt);
  Set("TEST_KIND_LOUD", "true");
  EXPECT_EQ(VariableValue("GTESTNET_LOG"), "trace");
  Set("GTESTNET_LOG", "error");
  EXPECT_EQ(VariableValue("GTESTNET_LOG"), "error");
  Set("GTESTNET_LOG", "");
  Set("TEST_KIND_LOUD", "false");
  EXPECT_EQ(VariableValue("GTESTNET_LOG"), std::nullopt);
  Set("TEST_KIND_LOUD", "");
}

TEST_F(VariablesTest, ABundleIsLeftByRunsThatFailUnlessMoreIsWanted) {
  EXPECT_EQ(*BundleWanted(), Preserve::kOnFailure);
  Set("GTESTNET_BUNDLE", "always");
  EXPECT_EQ(*BundleWanted(), Preserve::kAlways);
}

}  // namespace
}  // namespace gtestnet
