// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/testing/test_run.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/process_mark.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/k8s/claim.h"
#include "core/src/deployer/k8s/known_failures.h"
#include "core/src/deployer/k8s/kubeconfig.h"
#include "core/src/deployer/k8s/labels.h"
#include "gtestnet/deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

constexpr std::chrono::milliseconds kAnswer{20000};

}  // namespace

TestRun::TestRun(const Tools& tools, const std::string& name_space) {
  const std::string run_id = MakeRunId();
  target_ = {tools, run_id, name_space.empty() ? NamespaceOf(run_id) : name_space};
  directory_ = RunDirectory(run_id);
  auto guardian = Guardian::Start(
      {.run_id = run_id, .environment = KubeEnvironment(), .on_exit = [this](int id, int status) {
         if (helpers_) helpers_->NoteEnd(id, status);
       }});
  EXPECT_TRUE(guardian.ok()) << guardian.status();
  guardian_ = *std::move(guardian);
  EXPECT_EQ(guardian_->AddDirectory(directory_), absl::OkStatus());
  EXPECT_EQ(mkdir(directory_.c_str(), 0700), 0);
  helpers_ =
      std::make_unique<HelperCommands>(*guardian_, directory_, kKnownFailures, KubeEnvironment());
  const absl::StatusOr<std::string> sweep = FindHelperProgram("gtestnet-sweep");
  EXPECT_TRUE(sweep.ok()) << sweep.status();
  EXPECT_EQ(guardian_->AddRemoval({*sweep, "k8s", tools.kubectl, tools.context, run_id,
                                   target_.name_space, HelperCommands::MarkIn(directory_)}),
            absl::OkStatus());
}

TestRun::~TestRun() {
  guardian_.reset();
  // Where the guardian was killed.
  std::filesystem::remove_all(directory_);
}

absl::Status TestRun::Claim(const std::string& test, std::chrono::milliseconds patience) {
  return ClaimNamespace(target_,
                        {{kTestAnnotation, test}, {kGuardianAnnotation, MarkOf(guardian_->pid())}},
                        *helpers_, patience);
}

std::string TestRun::Do(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"--namespace", target_.name_space});
  const absl::StatusOr<std::string> output =
      Kubectl(target_.tools, "the test", std::move(arguments), kAnswer);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.value_or("");
}

void TestRun::Create(const std::string& json) const {
  const std::string file = directory_ + "/thing.json";
  std::ofstream(file) << json;
  Do({"create", "--filename", file});
}

std::string WorkloadOf(const std::string& run_id) {
  const std::string labels = R"({"gtestnet.run": ")" + run_id + R"(", "gtestnet.part": "node"})";
  const std::string image = compose::ToolsImage().tag;
  return R"({"apiVersion": "apps/v1", "kind": "StatefulSet",
    "metadata": {"name": "some", "labels": )" +
         labels + R"(},
    "spec": {"serviceName": "some", "replicas": 2, "podManagementPolicy": "Parallel",
      "selector": {"matchLabels": )" +
         labels + R"(},
      "template": {"metadata": {"labels": )" +
         labels + R"(},
        "spec": {"containers": [{"name": "node", "imagePullPolicy": "IfNotPresent", "image": ")" +
         image + R"(", "command": ["/bin/sleep", "1000"]}]}}}})";
}

}  // namespace gtestnet::k8s
