// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/testing/real_cluster.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/k8s/k8s_probe.h"
#include "gtestnet/deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

json::value Parse(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  EXPECT_FALSE(error) << text;
  return value;
}

// The one thing in a list of a flat kubeconfig that has but one context: `kind` of "clusters" is
// "cluster".
json::object& Only(json::value& config, const char* list, const char* kind) {
  return config.as_object()[list].as_array().at(0).as_object()[kind].as_object();
}

}  // namespace

std::optional<Tools> ClusterForTests(std::string& why_not) {
  const absl::StatusOr<Tools> tools = FindTools();
  const absl::Status answers =
      tools.ok() ? AskClusterVersion(*tools, Scaled(10s)).status() : tools.status();
  if (answers.ok()) return *tools;
  why_not = MessageOf(answers);
  return std::nullopt;
}

ScopedVariable::ScopedVariable(std::string name, const std::optional<std::string>& value)
    : name_(std::move(name)) {
  if (const char* before = std::getenv(name_.c_str())) before_ = before;
  value ? setenv(name_.c_str(), value->c_str(), 1) : unsetenv(name_.c_str());
}

ScopedVariable::~ScopedVariable() {
  before_ ? setenv(name_.c_str(), before_->c_str(), 1) : unsetenv(name_.c_str());
}

RealClusterTest::RealClusterTest()
    : directory_(testing::TempDir() + "cluster." + absl::AsciiStrToLower(MakeRunId())) {}

void RealClusterTest::SetUp() {
  tools_ = ClusterForTests(why_not_);
  if (!tools_ && IsRequired("k8s")) FAIL() << why_not_;
  if (!tools_) GTEST_SKIP() << why_not_;
  std::filesystem::create_directories(directory_);
  config_ = Kubectl({"config", "view", "--minify", "--flatten", "--raw", "--output=json"});
  json::value config = Parse(config_);
  server_ = std::string(Only(config, "clusters", "cluster")["server"].as_string());
}

void RealClusterTest::TearDown() {
  for (const std::string& name : namespaces_) {
    Kubectl({"delete", "namespace", name, "--wait=false", "--ignore-not-found"});
  }
  std::filesystem::remove_all(directory_);
}

std::string RealClusterTest::Kubectl(std::vector<std::string> arguments) const {
  const std::string what = "kubectl " + arguments[0];
  const absl::StatusOr<std::string> output =
      k8s::Kubectl(*tools_, what, std::move(arguments), Scaled(60s));
  EXPECT_TRUE(output.ok()) << output.status();
  return output.ok() ? *output : std::string();
}

void RealClusterTest::Apply(const std::string& objects) {
  const std::string file = directory_ + "/objects." + std::to_string(files_++) + ".yaml";
  std::ofstream(file) << objects;
  Kubectl({"apply", "--filename", file});
}

std::string RealClusterTest::MakeNamespace() {
  const std::string name = "gtestnet-test-" + absl::AsciiStrToLower(MakeRunId());
  namespaces_.push_back(name);
  Kubectl({"create", "namespace", name});
  return name;
}

std::string RealClusterTest::Kubeconfig(const std::string& cluster, const std::string& user) {
  json::value config = Parse(config_);
  if (!cluster.empty()) Only(config, "clusters", "cluster") = Parse(cluster).as_object();
  if (!user.empty()) Only(config, "users", "user") = Parse(user).as_object();
  const std::string file = directory_ + "/kubeconfig." + std::to_string(files_++);
  std::ofstream(file) << json::serialize(config);
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  return file;
}

std::string RealClusterTest::KubeconfigOfSomebody(const std::string& name_space) {
  // A Secret of its token is asked for, as clusters from 1.24 on make none by themselves.
  Apply(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: somebody, namespace: " + name_space +
      "}\n---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\n"
      "metadata: {name: token-of-somebody, namespace: " +
      name_space + ", annotations: {kubernetes.io/service-account.name: somebody}}\n");
  std::string token;
  const absl::Status made =
      WaitFor("the token of a service account",
              [&]() -> absl::Status {
                const std::string encoded =
                    Kubectl({"get", "secret", "token-of-somebody", "--namespace=" + name_space,
                             "--output=jsonpath={.data.token}"});
                if (absl::Base64Unescape(encoded, &token) && !token.empty())
                  return absl::OkStatus();
                return Unavailable("there is none yet");
              },
              {.timeout = Scaled(30s)});
  EXPECT_TRUE(made.ok()) << made;
  return Kubeconfig("", R"({"token":")" + token + R"("})");
}

}  // namespace gtestnet::k8s
