// SPDX-License-Identifier: Apache-2.0
// What follows pods and reaches into them, with a node's agent in a pod of a real cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/log.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/container/engine.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/k8s/agent_watch.h"
#include "core/src/deployer/k8s/known_failures.h"
#include "core/src/deployer/k8s/kube_api.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/node_life.h"
#include "core/src/deployer/k8s/pod_watch.h"
#include "core/src/deployer/k8s/port_forward.h"
#include "core/src/deployer/k8s/sweep.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/deployer.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kImage[] = "gtestnet-tools:local";
constexpr char kToken[] = "a-long-token";
// Ends by itself, or fills its memory, when there is a file that says so.
constexpr char kScript[] =
    "trap 'exit 7' TERM; while :; do "
    "if [ -e /work/go ]; then rm /work/go; exit 5; fi; "
    "if [ -e /work/fill ]; then rm /work/fill; exec tail /dev/zero; fi; "
    "sleep 0.05; done";

class RealPodsTest : public testing::Test {
 protected:
  void SetUp() override {
    const Availability here = K8sDeployer().Probe();
    if (!here.available && !IsRequired("k8s")) GTEST_SKIP() << here.reason << "; " << here.remedy;
    ASSERT_TRUE(here.available) << here.reason << "; " << here.remedy;
    Prepare();
  }
  void Prepare() {
    const absl::StatusOr<Tools> tools = FindTools();
    ASSERT_TRUE(tools.ok()) << tools.status();
    tools_ = *tools;
    const absl::StatusOr<std::string> sweep = FindHelperProgram("gtestnet-sweep");
    ASSERT_TRUE(sweep.ok()) << sweep.status();
    auto guardian = Guardian::Start({.run_id = run_id_, .on_exit = [this](int id, int status) {
                                       if (helpers_) helpers_->NoteEnd(id, status);
                                     }});
    ASSERT_TRUE(guardian.ok()) << guardian.status();
    guardian_ = *std::move(guardian);
    helpers_ = std::make_unique<HelperCommands>(*guardian_, directory_, kKnownFailures);
    ASSERT_EQ(guardian_->AddRemoval({*sweep, "k8s", tools_.kubectl, tools_.context, run_id_,
                                     name_space_, HelperCommands::MarkIn(directory_)}),
              absl::OkStatus());
    ASSERT_EQ(guardian_->AddDirectory(directory_), absl::OkStatus());
    ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
    EnsureImage();
    auto api = KubeApi::Open(tools_, *helpers_, directory_, Scaled(20s));
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
    Create("namespaces", R"({"metadata":{"name":")" + name_space_ + R"(","labels":{")" +
                             std::string(kRunLabel) + R"(":")" + run_id_ + R"("}}})");
    Follow();
  }
  // The cluster has it where it runs on this machine's engine.
  void EnsureImage() {
    const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
    if (!host.ok()) return;
    docker::Engine engine(*host);
    if (!engine.Negotiate(2s).ok() || engine.FindImage(kImage).ok()) return;
    const auto log = MakeLogger("test");
    ASSERT_EQ(compose::EnsureImage(compose::ToolsImage(), engine, *helpers_, *log),
              absl::OkStatus());
  }
  void Follow() {
    life_ = std::make_unique<NodeLife>([this](const std::string& how) {
      const std::lock_guard lock(mutex_);
      ends_.push_back(how);
      changed_.notify_all();
    });
    PodWatchHandlers handlers;
    handlers.on_pod = [this](const Pod& pod) {
      if (pod.name != "n-0") return;
      life_->OnPod(pod);
      const std::lock_guard lock(mutex_);
      if (forward_ && pod.running) forward_->SetPod(pod.uid);
    };
    handlers.on_gone = [this](const Pod& pod) { life_->OnGone(pod); };
    handlers.on_event = [this](const Event& event) { life_->OnEvent(event); };
    handlers.on_lost = [](const absl::Status& why) { ADD_FAILURE() << why; };
    watch_ = std::make_unique<PodWatch>(
        PodWatchOptions{.endpoint = [this] { return api_->Reach(); },
                        .name_space = name_space_,
                        .selector = std::string(kRunLabel) + "=" + run_id_},
        std::move(handlers));
    ASSERT_EQ(watch_->AwaitOpen(Scaled(20s)), absl::OkStatus());
  }
  void TearDown() override {
    agent_watch_.reset();
    watch_.reset();
    forward_.reset();
    api_.reset();
    if (guardian_) {
      EXPECT_EQ(guardian_->End(), absl::OkStatus());
    }
  }

  void Create(const std::string& kinds, const std::string& object) {
    const std::string path = kinds == "namespaces" ? "/api/v1/namespaces"
                             : kinds == "statefulsets"
                                 ? "/apis/apps/v1/namespaces/" + name_space_ + "/statefulsets"
                                 : "/api/v1/namespaces/" + name_space_ + "/" + kinds;
    const absl::Status created =
        api_->Create("creation of " + kinds, path, boost::json::parse(object));
    ASSERT_TRUE(created.ok()) << created;
  }
  // A StatefulSet n of one pod, with the labels of a node.
  void CreateNode(const std::string& image = kImage) {
    const std::string labels =
        R"({"gtestnet.run":")" + run_id_ + R"(","gtestnet.part":"node","gtestnet.node":"n"})";
    Create(
        "statefulsets",
        R"({"metadata":{"name":"n","labels":)" + labels +
            R"(},"spec":{"serviceName":"n","replicas":1,"selector":{"matchLabels":)" + labels +
            R"(},"template":{"metadata":{"labels":)" + labels +
            R"(},"spec":{"terminationGracePeriodSeconds":5,"automountServiceAccountToken":false,)" +
            R"("volumes":[{"name":"work","emptyDir":{}}],"containers":[{"name":"node","image":")" +
            image + R"(","imagePullPolicy":"Never","command":["/usr/bin/pod-agent","--name=n",)" +
            R"("--","sh","-c",")" + kScript + R"("],"env":[{"name":"POD_AGENT_TOKEN","value":")" +
            kToken + R"("}],"volumeMounts":[{"name":"work","mountPath":"/work"}],)" +
            R"("resources":{"limits":{"memory":"48Mi"}}}]}}}})");
  }
  void AwaitReady() {
    const absl::Status ready = WaitFor("the pod",
                                       [&]() -> absl::Status {
                                         GTESTNET_RETURN_IF_ERROR(watch_->Failure());
                                         const auto pod = watch_->Find("n-0");
                                         if (pod && pod->ready && !pod->deleted)
                                           return absl::OkStatus();
                                         return Unavailable(watch_->Progress());
                                       },
                                       {.timeout = Scaled(60s)});
    ASSERT_TRUE(ready.ok()) << ready;
  }
  // A forward to the agent, its client and its watch.
  void Reach() {
    auto forward = std::make_unique<PortForward>(*helpers_, whereabouts_,
                                                 PortForwardOptions{.tools = tools_,
                                                                    .name_space = name_space_,
                                                                    .target = "pod/n-0",
                                                                    .pod = watch_->Find("n-0")->uid,
                                                                    .ports = {{"agent", 4500}}});
    {
      const std::lock_guard lock(mutex_);
      forward_ = std::move(forward);
    }
    ASSERT_EQ(forward_->AwaitOpen(Scaled(30s)), absl::OkStatus());
    client_ = std::make_unique<AgentClient>(
        AgentClientOptions{.node = "n",
                           .token = kToken,
                           .endpoint = [this]() -> absl::StatusOr<base::Endpoint> {
                             const NodeAddress address = whereabouts_->Get();
                             const auto port = address.ports.find("agent");
                             if (port == address.ports.end())
                               return Unavailable("there is no port-forward now");
                             return base::Endpoint::Tcp(address.host, port->second);
                           },
                           .patience = Scaled(60s)});
    agent_watch_ = std::make_unique<AgentWatch>(
        *client_,
        AgentWatchHandlers{.on_report = [this](const AgentReport& r) { life_->OnReport(r); }});
  }
  void Exec(const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"exec", "n-0", "--namespace=" + name_space_, "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const auto done = Kubectl(tools_, "exec", arguments, Scaled(20s));
    EXPECT_TRUE(done.ok()) << done.status();
  }
  // Takes the ends that were told, once there is one; and sees that there is no second one when the
  // next container of the pod is ready.
  std::vector<std::string> AwaitEnd(int restarts) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, Scaled(60s), [&] { return !ends_.empty(); });
    }
    const absl::Status again = WaitFor(
        "the next container",
        [&]() -> absl::Status {
          const auto pod = watch_->Find("n-0");
          if (pod && pod->running && pod->ready && !pod->deleted && pod->restarts == restarts)
            return absl::OkStatus();
          return Unavailable(watch_->Progress());
        },
        {.timeout = Scaled(90s)});
    EXPECT_TRUE(again.ok()) << again;
    const absl::StatusOr<AgentReport> report = client_->State();
    EXPECT_TRUE(report.ok()) << report.status();
    const std::lock_guard lock(mutex_);
    return std::exchange(ends_, {});
  }

  const std::string run_id_ = "pods-test-" + MakeRunId();
  const std::string directory_ = RunDirectory(run_id_);
  const std::string name_space_ = NamespaceOf(run_id_);
  Tools tools_;
  std::unique_ptr<HelperCommands> helpers_;
  std::unique_ptr<Guardian> guardian_;
  std::unique_ptr<KubeApi> api_;
  std::shared_ptr<Whereabouts> whereabouts_ = std::make_shared<Whereabouts>();
  std::unique_ptr<AgentClient> client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ends_;
  std::unique_ptr<NodeLife> life_;
  std::unique_ptr<PortForward> forward_;
  std::unique_ptr<PodWatch> watch_;
  std::unique_ptr<AgentWatch> agent_watch_;
};

TEST_F(RealPodsTest, TellsOfEachEndOnceAndFollowsTheNode) {
  CreateNode();
  AwaitReady();
  Reach();
  // By itself.
  Exec({"touch", "/work/go"});
  EXPECT_THAT(AwaitEnd(1), ElementsAre("exit status 5"));
  // Its memory is full: the kernel kills the node, not the agent.
  Exec({"touch", "/work/fill"});
  EXPECT_THAT(AwaitEnd(2), ElementsAre("killed by the kernel, as its memory was full (OOMKilled)"));
  // Verbs are no ends.
  EXPECT_TRUE(client_->Pause().ok());
  EXPECT_TRUE(client_->Resume().ok());
  EXPECT_TRUE(client_->Kill().ok());
  EXPECT_TRUE(client_->Start().ok());
  // Its pod is deleted: another one, in which nothing was restarted.
  const std::string before = watch_->Find("n-0")->uid;
  ASSERT_EQ(api_->Delete("deletion", "/api/v1/namespaces/" + name_space_ + "/pods/n-0"),
            absl::OkStatus());
  EXPECT_THAT(AwaitEnd(0), ElementsAre("its pod was deleted"));
  EXPECT_NE(watch_->Find("n-0")->uid, before);
  EXPECT_EQ(client_->Stop(Scaled(5s))->exit->how, "exit status 7");
}

TEST_F(RealPodsTest, APortForwardComesBack) {
  CreateNode();
  AwaitReady();
  Reach();
  for (int i = 0; i < 3; ++i) {
    const int command = forward_->command();
    const NodeAddress before = whereabouts_->Get();
    helpers_->End(command);
    const absl::Status back = WaitFor(
        "another command",
        [&] { return forward_->command() > command ? absl::OkStatus() : Unavailable("none yet"); },
        {.timeout = Scaled(10s)});
    ASSERT_TRUE(back.ok()) << back;
    EXPECT_TRUE(client_->State().ok());
    EXPECT_EQ(whereabouts_->Get().ports, before.ports);
  }
  // By force: its pod is gone at once, and kubectl does not see that.
  ASSERT_EQ(api_->Delete("deletion", "/api/v1/namespaces/" + name_space_ + "/pods/n-0", true),
            absl::OkStatus());
  EXPECT_THAT(AwaitEnd(0), ElementsAre("its pod was deleted"));
}

// The proxy is killed: another one is begun, and no pod is missed.
TEST_F(RealPodsTest, FollowsPodsAlsoWhenItsWayToTheApiBreaks) {
  int killed = 0;
  pid_t pid = 0;
  for (const RunProcess& process : FindRunProcesses(run_id_)) {
    if (process.name.find("kubectl") == std::string::npos) continue;
    ++killed;
    pid = process.pid;
    kill(pid, SIGKILL);
  }
  EXPECT_EQ(killed, 1);
  const absl::Status gone = WaitFor("its end",
                                    [&]() -> absl::Status {
                                      for (const RunProcess& process : FindRunProcesses(run_id_)) {
                                        if (process.pid == pid) return Unavailable("it is there");
                                      }
                                      return absl::OkStatus();
                                    },
                                    {.timeout = Scaled(20s)});
  ASSERT_TRUE(gone.ok()) << gone;
  // What changes something is not said twice.
  const absl::Status back =
      WaitFor("the API", [&] { return api_->GetText("its version", "/version").status(); },
              {.timeout = Scaled(20s)});
  ASSERT_TRUE(back.ok()) << back;
  CreateNode();
  AwaitReady();
}

TEST_F(RealPodsTest, SaysAtOnceWhatWillNeverCome) {
  Create("resourcequotas", R"({"metadata":{"name":"few"},"spec":{"hard":{"pods":"1"}}})");
  CreateNode("no/such:1");
  const auto failure = [&](const std::string& text) {
    return WaitFor("the failure",
                   [&] {
                     const std::string said = MessageOf(watch_->Failure());
                     return said.find(text) != said.npos ? absl::OkStatus() : Unavailable(said);
                   },
                   {.timeout = Scaled(30s)});
  };
  EXPECT_EQ(failure("pod n-0 has no image: no/such:1 is not on the cluster's machine"),
            absl::OkStatus());
  EXPECT_THAT(watch_->Progress(),
              AllOf(HasSubstr("0 of 1 pods are ready; n-0 "), HasSubstr("ErrImageNeverPull")));
  // A quota counts a little later than it is there.
  const absl::Status counted =
      WaitFor("the quota",
              [&]() -> absl::Status {
                const auto quota = api_->Get(
                    "the quota", "/api/v1/namespaces/" + name_space_ + "/resourcequotas/few");
                if (!quota.ok()) return quota.status();
                boost::json::error_code error;
                const auto* const used = quota->find_pointer("/status/used/pods", error);
                if (used != nullptr && *used == "1") return absl::OkStatus();
                return Unavailable(boost::json::serialize(*quota));
              },
              {.timeout = Scaled(60s)});
  ASSERT_TRUE(counted.ok()) << counted;
  Create("statefulsets",
         R"({"metadata":{"name":"m"},"spec":{"serviceName":"m","replicas":1,"selector":)"
         R"({"matchLabels":{"a":"m"}},"template":{"metadata":{"labels":{"a":"m"}},)"
         R"("spec":{"containers":[{"name":"node","image":"x"}]}}}})");
  EXPECT_EQ(failure("m: its pod is not made: exceeded quota: few"), absl::OkStatus());
}

}  // namespace
}  // namespace gtestnet::k8s
