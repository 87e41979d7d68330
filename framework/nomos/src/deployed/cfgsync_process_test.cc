// SPDX-License-Identifier: Apache-2.0
// cfgsync-server, cfgsync-client and the nodes that it becomes, as real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/http.h"
#include "core/src/base/replace_file.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cfgsync/client.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/testing/process.h"
#include "core/src/deployer/local/address_block.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/variables.h"
#include "nomos/src/cfgsync/spec.h"
#include "nomos/src/scenario/topology_writer.h"

namespace gtestnet::nomos {
namespace {

using cfgsync::ReadStartFile;
using cfgsync::TestProcess;

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;

constexpr int kServerHost = 250;

// A block of loopback addresses that no other test of this project uses meanwhile.
class OwnBlock {
 public:
  OwnBlock() {
    for (int tries = 0; lease_ < 0 && tries < 1000; ++tries) {
      AddressBlock block;
      block.x = 200 + (getpid() + tries) % 50;
      block.y = 1 + (getpid() / 50 + tries) % 250;
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      const std::string name = block.LeaseName();
      name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
      const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
      if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        close(fd);
        continue;
      }
      lease_ = fd;
      prefix_ = absl::StrCat("127.", block.x, ".", block.y, ".");
    }
  }
  ~OwnBlock() { close(lease_); }
  std::string Host(int number) const { return absl::StrCat(prefix_, number); }

 private:
  int lease_ = -1;
  std::string prefix_;
};

class CfgsyncProcessTest : public testing::Test {
 protected:
  CfgsyncProcessTest() {
    char name[] = "/tmp/gtestnet-cfgsync-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~CfgsyncProcessTest() override {
    nodes_.clear();
    server_.reset();
    if (!HasFailure()) std::filesystem::remove_all(directory_);
  }

  void Use(const Topology& topology) {
    spec_.cluster = {.topology = topology, .seed = 7, .run_id = "r", .test = {}};
    spec_.listen = "";
    spec_.directory = directory_ + "/{name}";
    spec_.start_delay = 100ms;
    WriteFile();
  }
  void WriteFile() {
    const absl::StatusOr<cfgsync::Plan> plan = PlanOf(spec_);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const absl::StatusOr<std::string> topology = WriteTopology(spec_.cluster.topology);
    ASSERT_TRUE(topology.ok()) << topology.status();
    std::string text = absl::StrCat(
        "run: r\nseed: 7\nlisten: \"\"\nstart_delay: 100ms\ndirectory: \"", spec_.directory,
        "\"\ntopology: ", *topology, "\n", spec_.added.empty() ? "" : "added:\n");
    const std::vector<std::string> names = plan->names();
    for (const AddedNode& added : spec_.added) {
      absl::StrAppend(&text, "  - {role: ", added.role, ", dials: [");
      for (const NodeIndex node : added.dials) {
        absl::StrAppend(&text, names[static_cast<size_t>(node)], ", ");
      }
      text += "]}\n";
    }
    text += "hosts:\n";
    for (size_t i = 0; i < names.size(); ++i) {
      spec_.hosts[names[i]] = block_.Host(static_cast<int>(i) + 1);
      absl::StrAppend(&text, "  ", names[i], ": ", spec_.hosts[names[i]], "\n");
    }
    ASSERT_TRUE(base::ReplaceFile(directory_ + "/cfgsync.yaml", text).ok());
  }
  void StartServer(bool with_state = true) {
    std::vector<std::string> command = {CFGSYNC_SERVER, directory_ + "/cfgsync.yaml",
                                        "--host=" + block_.Host(kServerHost)};
    if (with_state) command.push_back("--state=" + directory_ + "/server-start");
    server_ = std::make_unique<TestProcess>(command, std::map<std::string, std::string>{},
                                            directory_ + "/server.log");
  }
  // As a container of that name would.
  TestProcess& StartNode(const std::string& name) {
    nodes_[name] =
        std::make_unique<TestProcess>(std::vector<std::string>{CFGSYNC_CLIENT},
                                      std::map<std::string, std::string>{
                                          {"CFG_SERVER_ADDR", "http://" + block_.Host(kServerHost)},
                                          {"CFG_HOST_KIND", name.substr(0, name.find('-'))},
                                          {"CFG_HOST_IDENTIFIER", name}},
                                      directory_ + "/" + name + ".log");
    return *nodes_[name];
  }
  void AwaitHeight(const std::string& name, int64_t height) {
    NodeInfo node;
    node.address.host = spec_.hosts[name];
    for (const PortSpec& port : NomosKind().Ports())
      node.address.ports[port.name] = port.well_known;
    const absl::Status reached =
        WaitFor(absl::StrCat(name, ": height ", height),
                [&]() -> absl::Status {
                  const absl::StatusOr<NodeSample> sample = NomosKind().Probe(node, 2000ms);
                  if (!sample.ok()) return sample.status();
                  if (chain::HeightOf(*sample) >= height) return absl::OkStatus();
                  return Unavailable(absl::StrCat("height ", chain::HeightOf(*sample)));
                },
                {.timeout = Scaled(40'000ms)});
    EXPECT_TRUE(reached.ok()) << reached << "\n"
                              << nodes_[name]->Log() << "\nserver:\n"
                              << server_->Log();
  }
  int64_t StartOf(const std::string& name) {
    absl::StatusOr<std::optional<int64_t>> start = std::optional<int64_t>();
    const absl::Status known = WaitFor(name + "'s start",
                                       [&]() -> absl::Status {
                                         start = ReadStartFile(directory_ + "/" + name + "/start");
                                         if (start.ok() && *start) return absl::OkStatus();
                                         return Unavailable("there is none");
                                       },
                                       {.timeout = Scaled(20'000ms)});
    EXPECT_TRUE(known.ok()) << known;
    return known.ok() ? **start : -1;
  }
  void AwaitInServerLog(const std::string& text) {
    const absl::Status there = WaitFor("the server's log",
                                       [&]() -> absl::Status {
                                         if (server_->Log().find(text) != std::string::npos)
                                           return absl::OkStatus();
                                         return Unavailable(server_->Log());
                                       },
                                       {.timeout = Scaled(20'000ms)});
    EXPECT_TRUE(there.ok()) << there;
  }
  static std::string Ended(TestProcess& process) { return process.AwaitEnd(Scaled(20'000ms)); }

  OwnBlock block_;
  std::string directory_;
  Spec spec_;
  std::unique_ptr<TestProcess> server_;
  std::map<std::string, std::unique_ptr<TestProcess>> nodes_;
};

TEST_F(CfgsyncProcessTest, NodesThatAreThereFirstWaitForTheServer) {
  Use(Topology::Star().Validators(2).Executors(1).Wallets(3));
  for (const char* name : {"executor-0", "validator-1", "validator-0"}) StartNode(name);
  StartServer();
  for (const char* name : {"validator-0", "validator-1", "executor-0"}) AwaitHeight(name, 3);
  EXPECT_EQ(StartOf("validator-0"), StartOf("executor-0"));
  EXPECT_EQ(StartOf("validator-0"), StartOf("validator-1"));
  for (auto& [name, node] : nodes_) {
    node->Signal(SIGTERM);
    EXPECT_EQ(Ended(*node), "exit status 0") << node->Log();
  }
  server_->Signal(SIGTERM);
  EXPECT_EQ(Ended(*server_), "exit status 0") << server_->Log();
}

TEST_F(CfgsyncProcessTest, TheServerMayBeKilledWhileNodesWaitForTheStart) {
  Use(Topology::Star().Validators(3));
  StartServer();
  StartNode("validator-0");
  StartNode("validator-1");
  AwaitInServerLog("validator-0 at ");
  AwaitInServerLog("validator-1 at ");
  server_->Signal(SIGKILL);
  Ended(*server_);
  StartServer();
  StartNode("validator-2");
  for (const char* name : {"validator-0", "validator-1", "validator-2"}) AwaitHeight(name, 3);
  EXPECT_EQ(StartOf("validator-0"), StartOf("validator-2"));
}

TEST_F(CfgsyncProcessTest, ALateNodeJoinsAfterARestartOfTheServer) {
  Use(Topology::Star().Validators(3).Late(2));
  StartServer();
  StartNode("validator-0");
  StartNode("validator-1");
  AwaitHeight("validator-1", 2);
  server_->Signal(SIGKILL);
  Ended(*server_);
  StartServer();
  StartNode("validator-2");
  AwaitHeight("validator-2", 4);
  EXPECT_EQ(StartOf("validator-2"), StartOf("validator-0"));
}

TEST_F(CfgsyncProcessTest, AServerThatLostEverythingLearnsTheStartFromANode) {
  Use(Topology::Star().Validators(3).Late(2));
  StartServer(false);
  StartNode("validator-0");
  StartNode("validator-1");
  AwaitHeight("validator-1", 2);
  server_->Signal(SIGKILL);
  Ended(*server_);
  StartServer(false);
  StartNode("validator-2");  // waits
  nodes_["validator-1"]->Signal(SIGKILL);
  Ended(*nodes_["validator-1"]);
  StartNode("validator-1");
  AwaitHeight("validator-2", 5);
  AwaitHeight("validator-1", 5);
  EXPECT_EQ(StartOf("validator-2"), StartOf("validator-0"));
}

TEST_F(CfgsyncProcessTest, ANodeIsAddedToARunningNetwork) {
  Use(Topology::Star().Validators(2));
  StartServer();
  StartNode("validator-0");
  StartNode("validator-1");
  AwaitHeight("validator-0", 2);
  spec_.added = {{"validator", {0, 1}}};
  WriteFile();
  StartNode("validator-2");
  AwaitHeight("validator-2", 4);
}

TEST_F(CfgsyncProcessTest, AClientOfAnUnknownNodeSaysWhichThereAre) {
  Use(Topology::Star().Validators(2));
  StartServer();
  TestProcess& node = StartNode("validator-9");
  EXPECT_EQ(Ended(node), "exit status 1");
  EXPECT_THAT(node.Log(), HasSubstr("there is no node \"validator-9\"; there are validator-0, "
                                    "validator-1"));
}

TEST_F(CfgsyncProcessTest, AClientThatWaitsForTheServerEndsOnSigterm) {
  Use(Topology::Star().Validators(1));
  TestProcess& node = StartNode("validator-0");
  node.Signal(SIGTERM);
  EXPECT_THAT(Ended(node), AnyOf("exit status 143", "signal 15 (SIGTERM)"));
}

TEST_F(CfgsyncProcessTest, GarbageDoesNotHurtTheServer) {
  Use(Topology::Star().Validators(1));
  StartServer();
  AwaitInServerLog("listens at");
  const base::Endpoint endpoint = base::Endpoint::Tcp(block_.Host(kServerHost), cfgsync::kPort);
  const base::HttpClient client(endpoint);
  const std::string bodies[] = {"",
                                "{",
                                "null",
                                "[]",
                                std::string(1000, '['),
                                "\xff\xfe",
                                R"({"identifier": "\u0000"})",
                                std::string(70'000, 'x')};
  for (const std::string& body : bodies) {
    const absl::StatusOr<base::HttpResponse> response =
        client.Request({.method = "POST", .target = "/validator", .body = body}, Scaled(10'000ms));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_THAT(response->status, AnyOf(400, 404, 413)) << body.substr(0, 20);
    EXPECT_FALSE(response->body.empty());
  }
  for (const char* bytes : {"\r\n\r\n", "GET", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00"}) {
    base::WaitLimit limit{.deadline = RealClock().Now() + Scaled(10'000ms)};
    absl::StatusOr<base::Socket> socket = base::Socket::Connect(endpoint, limit);
    ASSERT_TRUE(socket.ok()) << socket.status();
    EXPECT_TRUE(socket->SendAll(bytes, limit).ok());
  }
  StartNode("validator-0");
  AwaitHeight("validator-0", 1);
}

TEST_F(CfgsyncProcessTest, ProgramsSayWhatIsWrongWithTheirArguments) {
  const auto run = [this](std::vector<std::string> command,
                          std::map<std::string, std::string> environment = {}) {
    static int number = 0;
    TestProcess process(std::move(command), std::move(environment),
                        absl::StrCat(directory_, "/log-", ++number));
    const std::string end = Ended(process);
    return end + ": " + process.Log();
  };
  Use(Topology::Star().Validators(1));
  const std::string spec = directory_ + "/cfgsync.yaml";
  EXPECT_EQ(run({CFGSYNC_SERVER, spec, "--check"}), "exit status 0: " + spec + ": 1 nodes\n");
  EXPECT_THAT(run({CFGSYNC_SERVER}), HasSubstr("exit status 2: cfgsync-server: no file is given"));
  EXPECT_THAT(run({CFGSYNC_SERVER, spec, spec}), HasSubstr("a second file"));
  EXPECT_THAT(run({CFGSYNC_SERVER, spec, "--port=x"}), HasSubstr("--port=x is no port"));
  EXPECT_THAT(run({CFGSYNC_SERVER, spec, "--what"}), HasSubstr("unknown option --what"));
  EXPECT_THAT(run({CFGSYNC_SERVER, "/nowhere"}), HasSubstr("exit status 2: cfgsync-server: "
                                                           "/nowhere: No such file"));
  EXPECT_THAT(run({CFGSYNC_SERVER, spec, "--host=1.2.3.4"}), HasSubstr("exit status 1: "));
  EXPECT_THAT(run({CFGSYNC_CLIENT, "--help"}), HasSubstr("CFG_SERVER_ADDR"));
  EXPECT_THAT(run({CFGSYNC_CLIENT}), HasSubstr("exit status 2: cfgsync-client: CFG_HOST_KIND"));
  EXPECT_THAT(
      run({CFGSYNC_CLIENT}, {{"CFG_HOST_KIND", "validator"}, {"CFG_HOST_IDENTIFIER", "a b"}}),
      HasSubstr("CFG_HOST_IDENTIFIER must be"));
  EXPECT_THAT(run({CFGSYNC_CLIENT, "--health=tcp://127.0.0.1:1"}), HasSubstr("exit status 1: "));
  EXPECT_THAT(run({CFGSYNC_CLIENT, "--health=what"}), HasSubstr("\"http://\" is no address"));
  EXPECT_THAT(run({CFGSYNC_CLIENT}, {{"CFG_SERVER_ADDR", "x"}}),
              HasSubstr("CFG_SERVER_ADDR: \"x\" is no address"));
}

}  // namespace
}  // namespace gtestnet::nomos
