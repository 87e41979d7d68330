// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_CLUSTER_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_CLUSTER_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/src/deployer/k8s/kubectl.h"

namespace gtestnet::k8s {

// The tools of this machine's cluster, which answers, or nothing and the reason.
std::optional<Tools> ClusterForTests(std::string& why_not);

// Sets a variable of the environment for as long as it lives; unsets it for nullopt.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::optional<std::string>& value);
  ~ScopedVariable();
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const std::string name_;
  std::optional<std::string> before_;
};

// Tests in this machine's cluster: without one they are skipped, or fail where it is required.
class RealClusterTest : public testing::Test {
 protected:
  RealClusterTest();
  void SetUp() override;
  void TearDown() override;

  const Tools& tools() const { return *tools_; }
  // kubectl's output; where it fails, the test does.
  std::string Kubectl(std::vector<std::string> arguments) const;
  // kubectl apply of objects as YAML or JSON.
  void Apply(const std::string& objects);
  // A namespace of this test, removed at its end without waiting for that.
  std::string MakeNamespace();
  // A kubeconfig like the cluster's own, but with another server or user: JSON objects, as they are
  // in a kubeconfig; empty ones stay. Its path.
  std::string Kubeconfig(const std::string& cluster, const std::string& user);
  // The cluster's own, in such objects.
  const std::string& server() const { return server_; }
  // A kubeconfig of a new service account of a namespace: it has no rights until it is given some.
  // Its name is "somebody".
  std::string KubeconfigOfSomebody(const std::string& name_space);
  const std::string& directory() const { return directory_; }

 private:
  std::optional<Tools> tools_;
  std::string why_not_;
  std::string config_;  // the kubeconfig, flat
  std::string server_;
  const std::string directory_;
  std::vector<std::string> namespaces_;
  int files_ = 0;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_REAL_CLUSTER_H_
