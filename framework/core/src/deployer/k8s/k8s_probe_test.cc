// SPDX-License-Identifier: Apache-2.0
// What ProbeCluster says, by the real kubectl and, but for the clusters that are not here, in a
// real cluster.
#include "core/src/deployer/k8s/k8s_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/src/base/testing/fake_http_server.h"
#include "core/src/cluster/testing/fake_path.h"
#include "core/src/deployer/k8s/testing/real_cluster.h"
#include "gtestnet/diagnosis.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A port of 127.0.0.1 where connections are refused, or made and never served.
class SilentPort {
 public:
  explicit SilentPort(bool listens) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    EXPECT_TRUE(!listens || listen(socket_, 16) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  std::string server() const { return "https://127.0.0.1:" + std::to_string(port_); }

 private:
  const int socket_;
  int port_ = 0;
};

std::string Cluster(const std::string& server) {
  return R"({"insecure-skip-tls-verify": true, "server": ")" + server + R"("})";
}

class ProbeClusterTest : public RealClusterTest {
 protected:
  // With the patience of one who needs a cluster, as this machine may be busy.
  static Availability Probe() {
    const ScopedVariable required("GTESTNET_REQUIRE", "k8s");
    return ProbeCluster();
  }
  Availability ProbeWith(const std::string& kubeconfig) {
    const ScopedVariable variable("KUBECONFIG", kubeconfig);
    return Probe();
  }
  // What there is to be said where the API is this server, which says that.
  Availability ProbeWithAnswer(int status, const std::string& body) {
    base::FakeHttpServer server([&](base::FakeHttpServer::Connection& connection) {
      while (!connection.ReadRequest().empty()) connection.Answer(status, body);
    });
    const base::Endpoint& endpoint = server.endpoint();
    return ProbeWith(
        Kubeconfig(Cluster("http://" + endpoint.host + ":" + std::to_string(endpoint.port)), ""));
  }

  const ScopedVariable no_namespace_{"K8S_RUNNER_NAMESPACE", {}};
};

TEST_F(ProbeClusterTest, AllThere) {
  const Availability here = Probe();
  EXPECT_TRUE(here.available) << here.reason << "; " << here.remedy;
}

TEST_F(ProbeClusterTest, NothingListensThere) {
  const SilentPort port(false);
  const Availability here = ProbeWith(Kubeconfig(Cluster(port.server()), ""));
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, AllOf(StartsWith("k8s: the cluster of context " + tools().context +
                                            ": The connection to the server 127.0.0.1:"),
                                 HasSubstr("was refused")));
  EXPECT_THAT(here.remedy, StartsWith("start the cluster, or choose another one (KUBECONFIG"));
}

TEST_F(ProbeClusterTest, SomethingThatNeverAnswers) {
  const SilentPort port(true);
  const ScopedVariable variable("KUBECONFIG", Kubeconfig(Cluster(port.server()), ""));
  const ScopedVariable not_required("GTESTNET_REQUIRE", {});
  const Availability here = ProbeCluster();
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.remedy, StartsWith("start the cluster, or choose another one (KUBECONFIG"))
      << here.reason;
}

TEST_F(ProbeClusterTest, SomethingElseThatListensThere) {
  EXPECT_THAT(ProbeWithAnswer(200, "<html>").reason, HasSubstr("an answer that makes no sense"));
  EXPECT_FALSE(ProbeWithAnswer(500, "{}").available);
}

TEST_F(ProbeClusterTest, AClusterThatIsTooOld) {
  const Availability here = ProbeWithAnswer(200, R"({"gitVersion": "v1.19.16"})");
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, HasSubstr(" is too old: Kubernetes 1.19.16"));
  EXPECT_EQ(here.remedy, "use Kubernetes 1.20 or newer");
}

TEST_F(ProbeClusterTest, AWrongToken) {
  const Availability here = ProbeWith(Kubeconfig("", R"({"token": "wrong"})"));
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, HasSubstr("You must be logged in to the server"));
  EXPECT_THAT(here.remedy, StartsWith("the cluster does not know this user: log in again"));
}

TEST_F(ProbeClusterTest, ACredentialsPluginThatIsNotThere) {
  const Availability here =
      ProbeWith(Kubeconfig("", R"({"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1",
                       "interactiveMode": "Never", "command": "no-such-plugin"}})"));
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, HasSubstr("no-such-plugin"));
  EXPECT_THAT(here.remedy, StartsWith("the credentials plugin")) << here.reason;
}

TEST_F(ProbeClusterTest, AnotherCertificate) {
  const Availability here = ProbeWith(Kubeconfig(R"({"server": ")" + server() + R"("})", ""));
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, HasSubstr("x509:"));
  EXPECT_THAT(here.remedy, StartsWith("the kubeconfig's certificates do not fit"));
}

TEST_F(ProbeClusterTest, RightsToMakeNamespacesOrToUseOne) {
  const std::string name_space = MakeNamespace();
  const std::string somebody = KubeconfigOfSomebody(name_space);
  const Availability none = ProbeWith(somebody);
  EXPECT_FALSE(none.available);
  EXPECT_THAT(none.reason, StartsWith("k8s: this user may not make namespaces in the cluster of"));
  EXPECT_EQ(none.remedy,
            "have that right granted, or name a namespace that you may use by "
            "K8S_RUNNER_NAMESPACE");

  const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", name_space);
  const Availability not_there = ProbeWith(somebody);
  EXPECT_FALSE(not_there.available);
  EXPECT_THAT(not_there.reason, StartsWith("k8s: this user may not make StatefulSets in the "
                                           "namespace " +
                                           name_space));

  Kubectl({"create", "rolebinding", "somebody", "--namespace=" + name_space, "--clusterrole=admin",
           "--serviceaccount=" + name_space + ":somebody"});
  const Availability there = ProbeWith(somebody);
  EXPECT_TRUE(there.available) << there.reason;
}

TEST_F(ProbeClusterTest, ANamespaceThatIsYetToBeMade) {
  const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", "gtestnet-test-not-there");
  EXPECT_TRUE(Probe().available);
}

// Of this cluster, whatever it has.
TEST_F(ProbeClusterTest, TheDoctorsPart) {
  EXPECT_THAT(Diagnose("k8s", {ImageSpec{.tag = "etcd:local"}}),
              ElementsAre(StartsWith("context " + tools().context + " of "),
                          AllOf(StartsWith("Kubernetes 1."), HasSubstr(", kubectl 1."),
                                HasSubstr(", helm 3.")),
                          "a namespace of its own for each run", HasSubstr("machine"),
                          StartsWith("image etcd:local (IfNotPresent): "),
                          HasSubstr("storage class"), StartsWith("node ports: ")));
}

TEST_F(ProbeClusterTest, NoTools) {
  const FakePath path;
  const Availability here = Probe();
  EXPECT_FALSE(here.available);
  EXPECT_EQ(here.reason, "k8s: there is no kubectl in PATH");
  EXPECT_EQ(here.remedy, "install it");
}

TEST_F(ProbeClusterTest, NoKubeconfig) {
  const ScopedVariable in_pod("KUBERNETES_SERVICE_HOST", {});
  const Availability here = ProbeWith("/no/such");
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason,
              StartsWith("k8s: there is no kubeconfig; looked at KUBECONFIG=/no/such"));
  EXPECT_EQ(here.remedy, "set KUBECONFIG to a cluster's");
}

}  // namespace
}  // namespace gtestnet::k8s
