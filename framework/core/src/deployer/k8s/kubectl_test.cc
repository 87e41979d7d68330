// SPDX-License-Identifier: Apache-2.0
// The tools and what they say, with programs that say what a test wants: those that are missing or
// old, and the warnings of versions that are not here. What the real ones say, against a real
// cluster, is in k8s_probe_test.cc.
#include "core/src/deployer/k8s/kubectl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/src/cluster/testing/fake_path.h"
#include "core/src/deployer/k8s/known_failures.h"
#include "core/src/deployer/k8s/kubeconfig.h"
#include "core/src/deployer/k8s/testing/real_cluster.h"
#include "core/src/deployer/k8s/version.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

// A kubectl of version 1.20.2 with a context.
constexpr char kKubectl[] = R"(
case "$*" in
  "version --client -ojson") echo '{"clientVersion": {"gitVersion": "v1.20.2+k3s1"}}' ;;
  "config current-context") echo kind-kind ;;
  *) exit 9 ;;
esac)";

class FindToolsTest : public testing::Test {
 protected:
  FindToolsTest() {
    path_.Add("kubectl", kKubectl);
    path_.Add("helm", "echo v3.10.1+g9f88ccb");
    std::ofstream(kubeconfig_) << "{}";
  }
  void Remove(const std::string& name) { std::filesystem::remove(path_.directory() + "/" + name); }
  std::string directory() const { return path_.directory(); }

  const FakePath path_;
  const std::string kubeconfig_ = path_.directory() + "/config";
  const ScopedVariable in_pod_{"KUBERNETES_SERVICE_HOST", {}};
  const ScopedVariable variable_{"KUBECONFIG", kubeconfig_};
};

TEST_F(FindToolsTest, PathsAndContext) {
  const absl::StatusOr<Tools> tools = FindTools();
  ASSERT_TRUE(tools.ok()) << tools.status();
  EXPECT_EQ(tools->kubectl, directory() + "/kubectl");
  EXPECT_EQ(tools->helm, directory() + "/helm");
  EXPECT_EQ(tools->context, "kind-kind");
  EXPECT_EQ(DescribeTools(*tools), "kubectl 1.20.2+k3s1, helm 3.10.1+g9f88ccb");
  EXPECT_THAT(KubectlCommand(*tools, {"get", "pods"}),
              ElementsAre(directory() + "/kubectl", "--context=kind-kind", "get", "pods"));
  EXPECT_THAT(HelmCommand(*tools, {"list"}),
              ElementsAre(directory() + "/helm", "--kube-context=kind-kind", "list"));
}

TEST_F(FindToolsTest, AMissingProgramIsNamed) {
  Remove("helm");
  EXPECT_EQ(FindTools().status(), absl::NotFoundError("there is no helm in PATH; install it"));
  Remove("kubectl");
  EXPECT_EQ(FindTools().status(), absl::NotFoundError("there is no kubectl in PATH; install it"));
}

TEST_F(FindToolsTest, AnOldKubectl) {
  path_.Add("kubectl", "echo '{\"clientVersion\": {\"gitVersion\": \"v1.17.9\"}}'");
  const absl::Status status = FindTools().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text(status),
            directory() + "/kubectl is too old: 1.17.9; install kubectl 1.18 or newer");
}

TEST_F(FindToolsTest, AnOldHelm) {
  path_.Add("helm", "echo 'Client: v2.16.1+gbbdfe5e'; echo could not find tiller >&2; exit 1");
  EXPECT_EQ(Text(FindTools().status()),
            directory() + "/helm is too old: 2.16.1+gbbdfe5e; install helm 3.2 or newer");
}

TEST_F(FindToolsTest, AProgramThatTellsNoVersion) {
  path_.Add("helm", "echo what >&2; exit 3");
  EXPECT_EQ(Text(FindTools().status()), directory() +
                                            "/helm does not tell its version (exit status 3); "
                                            "install helm anew");
}

TEST_F(FindToolsTest, NoKubeconfigSaysWhereItLooked) {
  const ScopedVariable gone("KUBECONFIG", "/no/such:/nor/this");
  const absl::Status status = FindTools().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Text(status),
            "there is no kubeconfig; looked at KUBECONFIG=/no/such:/nor/this, which is not there, "
            "and for a pod's service account; set KUBECONFIG to a cluster's");
  const ScopedVariable unset("KUBECONFIG", {});
  const ScopedVariable home("HOME", directory());
  EXPECT_THAT(Text(FindTools().status()),
              HasSubstr("looked at KUBECONFIG, which is not set, " + directory() +
                        "/.kube/config, which is not there, and"));
  std::filesystem::create_directories(directory() + "/.kube");
  std::ofstream(directory() + "/.kube/config") << "{}";
  EXPECT_EQ(FindKubeconfig().value(), directory() + "/.kube/config");
  const ScopedVariable second("KUBECONFIG", "/no/such:" + kubeconfig_);
  EXPECT_EQ(FindKubeconfig().value(), "KUBECONFIG=/no/such:" + kubeconfig_);
}

TEST_F(FindToolsTest, NoContext) {
  path_.Add("kubectl", std::string("[ $1 = config ] && ") +
                           "{ echo 'error: current-context is not set' >&2; exit 1; }" + kKubectl);
  const absl::Status status = FindTools().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text(status), "the kubeconfig (KUBECONFIG=" + kubeconfig_ +
                              ") has no current context; choose one: kubectl config use-context");
}

TEST_F(FindToolsTest, AKubeconfigThatCannotBeRead) {
  path_.Add("kubectl", std::string("[ $1 = config ] && ") +
                           "{ echo 'error: error loading config file' >&2; exit 1; }" + kKubectl);
  EXPECT_EQ(Text(FindTools().status()),
            "the kubeconfig (KUBECONFIG=" + kubeconfig_ +
                ") cannot be used: error: error loading config file; correct it, or name another "
                "by KUBECONFIG");
}

class KubectlTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Run(const std::string& script) {
    path_.Add("kubectl", script);
    return Kubectl({path_.directory() + "/kubectl", "", "c"}, "list of it", {"get", "it"}, 10s);
  }
  FakePath path_;
};

TEST_F(KubectlTest, WarningsAreNoPartOfTheAnswer) {
  EXPECT_EQ(Run("echo 'Warning: v1beta1 is deprecated' >&2; echo \"$@\"").value(),
            "--context=c get it\n");
}

TEST_F(KubectlTest, ItsOwnLogIsNoPartOfAnError) {
  const absl::Status status =
      Run("echo 'E1124 17:05:17.446769    9773 memcache.go:238] no API group list' >&2;"
          "echo 'Warning: it is old' >&2;"
          "echo 'The connection to the server x was refused' >&2; exit 1")
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Text(status),
            "list of it: The connection to the server x was refused; start the cluster, or choose "
            "another one (KUBECONFIG, kubectl config use-context)");
  EXPECT_EQ(Text(Run("echo 'Warning: that is all' >&2; exit 1").status()),
            "list of it: Warning: that is all");
  EXPECT_EQ(Text(Run("exit 4").status()), "list of it: exit status 4");
  EXPECT_EQ(Text(Run("echo in the wrong place; exit 4").status()),
            "list of it: in the wrong place");
}

TEST_F(KubectlTest, AnErrorIsBounded) {
  EXPECT_LT(Text(Run("i=0; while [ $i -lt 5000 ]; do echo line $i >&2; i=$((i + 1)); done; exit 1")
                     .status())
                .size(),
            2100u);
}

struct Said {
  const char* text;  // as helm, kubectl or the API's server says it
  absl::StatusCode code;
  const char* advice;
};

TEST(ExplainFailureTest, WhatPeopleMeet) {
  const Said all[] = {
      {"Error from server (NotFound): namespaces \"x\" not found", absl::StatusCode::kNotFound, ""},
      {"Error from server (AlreadyExists): namespaces \"x\" already exists",
       absl::StatusCode::kAlreadyExists, ""},
      {"Error: INSTALLATION FAILED: pods \"cfgsync\" is forbidden: exceeded quota: few, requested: "
       "pods=1, used: pods=0, limited: pods=0",
       absl::StatusCode::kResourceExhausted, "have it raised, use fewer nodes"},
      {"pods \"x\" is forbidden: failed quota: few: must specify limits.cpu",
       absl::StatusCode::kResourceExhausted, "add a LimitRange"},
      {"Error from server (Forbidden): configmaps \"x\" is forbidden: unable to create new content "
       "in namespace x because it is being terminated",
       absl::StatusCode::kFailedPrecondition, "wait until it is gone"},
      {"Error from server (Forbidden): namespaces is forbidden: User \"u\" cannot create resource "
       "\"namespaces\" in API group \"\" at the cluster scope",
       absl::StatusCode::kPermissionDenied, "this user lacks that right"},
      {"pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\"",
       absl::StatusCode::kPermissionDenied, "Pod Security level"},
      {"admission webhook \"validate.kyverno.svc-fail\" denied the request",
       absl::StatusCode::kPermissionDenied, "webhook of the cluster refuses"},
      {"Internal error occurred: failed calling webhook \"x\": Post: connection refused",
       absl::StatusCode::kUnavailable, "webhook of the cluster does not answer"},
      {"Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
       absl::StatusCode::kAlreadyExists, "helm uninstall"},
      {"Error: rendered manifests contain a resource that already exists. Unable to continue with "
       "install: Secret \"pod-agent\" in namespace \"x\" exists and cannot be imported into the "
       "current release: invalid ownership metadata",
       absl::StatusCode::kAlreadyExists, "things of the same names"},
      {"Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
       absl::StatusCode::kFailedPrecondition, "another helm is at work"},
      {"Unable to connect to the server: x509: certificate signed by unknown authority",
       absl::StatusCode::kUnauthenticated, "do not fit the cluster"},
      {"Unable to connect to the server: getting credentials: exec: executable aws not found",
       absl::StatusCode::kUnauthenticated, "credentials plugin"},
      {"error: You must be logged in to the server (Unauthorized)",
       absl::StatusCode::kUnauthenticated, "log in again"},
      {"Error: Kubernetes cluster unreachable: the server has asked for the client to provide "
       "credentials",
       absl::StatusCode::kUnauthenticated, "log in again"},
      {"Error: unable to build kubernetes objects: no matches for kind \"StatefulSet\"",
       absl::StatusCode::kFailedPrecondition, "Kubernetes 1.20 or newer"},
      {"Error in configuration: context was not found for specified context: nope",
       absl::StatusCode::kFailedPrecondition, "get-contexts"},
      {"Error: Kubernetes cluster unreachable: Get \"https://127.0.0.1:6444/version\": dial tcp "
       "127.0.0.1:6444: connect: connection refused",
       absl::StatusCode::kUnavailable, "start the cluster"},
      {"Unable to connect to the server: dial tcp: lookup nowhere.invalid: no such host",
       absl::StatusCode::kUnavailable, "address in the kubeconfig"},
      {"Unable to connect to the server: net/http: request canceled while waiting for connection "
       "(Client.Timeout exceeded while awaiting headers)",
       absl::StatusCode::kUnavailable, "start the cluster"},
      {"something else", absl::StatusCode::kInternal, ""},
  };
  for (const Said& said : all) {
    const absl::Status status = ExplainFailure("it", said.text);
    EXPECT_EQ(status.code(), said.code) << status;
    EXPECT_THAT(Text(status), StartsWith("it: " + std::string(said.text)));
    EXPECT_THAT(Text(status), HasSubstr(said.advice));
  }
}

TEST(ExplainFailureTest, EachAdviceIsTheLastPartOfItsSentence) {
  for (const KnownFailure& known : kKnownFailures) {
    EXPECT_THAT(known.remedy, Not(HasSubstr("; "))) << known.text;
    const std::string text = Text(ExplainFailure("it", known.text));
    EXPECT_THAT(text, EndsWith(std::string("; ") + known.remedy));
  }
}

TEST(VersionTest, IsFoundInWhatProgramsSay) {
  const std::optional<Version> helm = FindVersion("v3.10.1+g9f88ccb\n");
  ASSERT_TRUE(helm);
  EXPECT_EQ(helm->major, 3);
  EXPECT_EQ(helm->minor, 10);
  EXPECT_EQ(helm->text, "3.10.1+g9f88ccb");
  EXPECT_EQ(FindVersion("Client: &version.Version{SemVer:\"v2.16.1\", x}")->text, "2.16.1");
  EXPECT_EQ(FindVersion("build 7 of 1.2.3")->text, "1.2.3");
  for (const char* none : {"", "v", "1", "1.", "no version", "99999999999.1", ".5"}) {
    EXPECT_FALSE(FindVersion(none)) << none;
  }
}

TEST(VersionTest, OfTheApi) {
  EXPECT_EQ(GitVersion(R"({"gitVersion": "v1.27.3-gke.100"})")->text, "1.27.3-gke.100");
  EXPECT_EQ(GitVersion(R"({"serverVersion": {"gitVersion": "v1.31.0"}})", "serverVersion")->minor,
            31);
  for (const char* none : {"", "<html>", "[]", "{}", R"({"gitVersion": 7})", "null"}) {
    EXPECT_FALSE(GitVersion(none)) << none;
    EXPECT_FALSE(GitVersion(none, "serverVersion")) << none;
  }
  EXPECT_FALSE(GitVersion(R"({"serverVersion": []})", "serverVersion"));
}

TEST(VersionTest, Order) {
  EXPECT_LT(*FindVersion("1.9.0"), *FindVersion("1.20.0"));
  EXPECT_LT(*FindVersion("1.20.0"), *FindVersion("2.0.0"));
  EXPECT_FALSE(*FindVersion("1.20.9") < *FindVersion("1.20.1"));
}

}  // namespace
}  // namespace gtestnet::k8s
