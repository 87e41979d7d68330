// SPDX-License-Identifier: Apache-2.0
// What cfgsync gives a node is what the local deployer writes for it, but for addresses and paths.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cluster/cfgsync_file.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/cfgsync/spec.h"
#include "nomos/src/cfgsync/yaml_tree.h"
#include "nomos/src/scenario/topology_writer.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using Fields = std::map<std::string, std::string>;

// Every field of a config by its path: "network.peers.0.address".
void Flatten(const JsonTree& value, const std::string& path, Fields* into) {
  if (value.members.empty() && value.elements.empty()) {
    (*into)[path] = value.text.empty() ? Describe(value) : value.text;
  }
  for (const JsonTree::Member& member : value.members) {
    Flatten(member.value, path + "." + member.name, into);
  }
  for (size_t i = 0; i < value.elements.size(); ++i) {
    Flatten(value.elements[i], absl::StrCat(path, ".", i), into);
  }
}

Fields FieldsOf(const std::string& yaml) {
  const absl::StatusOr<JsonTree> tree = ParseYamlTree(yaml);
  EXPECT_TRUE(tree.ok()) << tree.status();
  Fields fields;
  if (tree.ok()) Flatten(*tree, "", &fields);
  return fields;
}

bool EndsWithAddress(const std::string& path) {
  for (const char* end : {".listen", ".address"}) {
    const std::string_view suffix = end;
    if (path.size() > suffix.size() && path.substr(path.size() - suffix.size()) == suffix) {
      return true;
    }
  }
  return false;
}

std::string PortOf(const std::string& address) { return address.substr(address.rfind(':')); }

TEST(CfgsyncLocalTest, ConfigsAreEqualFieldByFieldButForAddresses) {
  const ClusterSpec cluster = {
      .topology =
          Topology::Chain().Validators(3).Executors(1).Wallets(6).Stake(1, 1500).DataAvailability(),
      .seed = 99,
      .run_id = MakeRunId(),
      .test = "x"};
  LocalDeployer deployer;
  absl::StatusOr<std::unique_ptr<BackendCluster>> local = deployer.Provision(cluster);
  ASSERT_TRUE(local.ok()) << local.status();
  // Added as it is in a running stack.
  const absl::StatusOr<NodeIndex> added = (*local)->control().Add({.dials = {0, 2}});
  ASSERT_TRUE(added.ok()) << added.status();
  char name[] = "/tmp/gtestnet-cfgsync-XXXXXX";
  const std::string directory = mkdtemp(name);
  ASSERT_EQ((*local)->Collect(directory), absl::OkStatus());

  // By way of the file, as it is in a container.
  Placement placement;
  placement.added_roles = {"validator"};
  placement.added_edges = {{4, 0}, {4, 2}};
  const absl::StatusOr<cfgsync::Plan> made = PlanOf(cluster, placement);
  ASSERT_TRUE(made.ok()) << made.status();
  const absl::StatusOr<cfgsync::Plan> plan = cfgsync::ReadPlan(cfgsync::WritePlan(*made));
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::map<std::string, std::string> name_of_host;
  for (const NodeInfo& node : (*local)->nodes()) name_of_host[node.address.host] = node.name;

  // And the stack that people write by hand says the same.
  const absl::StatusOr<std::string> written = WriteTopology(cluster.topology);
  ASSERT_TRUE(written.ok()) << written.status();
  const absl::StatusOr<Spec> spec =
      ReadSpec(absl::StrCat("run: r\nseed: 99\ntopology: ", *written,
                            "\nadded: [{role: validator, dials: [validator-0, validator-2]}]\n"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  const absl::StatusOr<cfgsync::Plan> by_hand = PlanOf(*spec);
  ASSERT_TRUE(by_hand.ok()) << by_hand.status();
  ASSERT_EQ(by_hand->nodes.size(), plan->nodes.size());
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    const NodeSetup& one = by_hand->nodes[i].setup;
    const NodeSetup& other = plan->nodes[i].setup;
    EXPECT_EQ(one.arguments, other.arguments);
    EXPECT_EQ(one.environment, other.environment);
    ASSERT_EQ(one.files.size(), other.files.size());
    for (size_t f = 0; f < one.files.size(); ++f) {
      EXPECT_EQ(one.files[f].content, other.files[f].content);
    }
  }

  int addresses = 0;
  for (const NodeInfo& node : (*local)->nodes()) {
    SCOPED_TRACE(node.name);
    const cfgsync::PlannedNode* const planned = plan->Find(node.name);
    ASSERT_NE(planned, nullptr);
    std::map<std::string, std::string> hosts;
    for (const std::string& one : plan->names()) hosts[one] = one;
    const NodeSetup setup = cfgsync::WithHosts(planned->setup, hosts);
    EXPECT_EQ(setup.environment.at("POL_PROOF_DEV_MODE"), "true");
    EXPECT_THAT(setup.arguments, testing::ElementsAre("/var/lib/nomos/config.yaml"));
    EXPECT_EQ(setup.program,
              node.role == "executor" ? "/usr/bin/nomos-executor" : "/usr/bin/nomos-node");
    ASSERT_EQ(setup.files.size(), 2u);
    const auto local_file = [&](const std::string& path) {
      std::ifstream file(directory + "/" + node.name + "/" + path);
      return std::string(std::istreambuf_iterator<char>(file), {});
    };
    EXPECT_EQ(setup.files[1].content, local_file("genesis.yaml"));
    const Fields ours = FieldsOf(setup.files[0].content);
    const Fields theirs = FieldsOf(local_file("config.yaml"));
    ASSERT_EQ(ours.size(), theirs.size());
    for (const auto& [path, value] : theirs) {
      ASSERT_TRUE(ours.count(path)) << path;
      const std::string& own = ours.at(path);
      if (EndsWithAddress(path)) {
        ++addresses;
        EXPECT_EQ(PortOf(own), PortOf(value)) << path;
        const std::string host = own.substr(0, own.rfind(':'));
        const std::string other = name_of_host[value.substr(0, value.rfind(':'))];
        EXPECT_EQ(host, path.find(".listen") != path.npos ? "0.0.0.0" : other) << path;
      } else if (path == ".start.file" || path == ".storage.path") {
        EXPECT_EQ(std::filesystem::path(own).filename(), std::filesystem::path(value).filename());
      } else {
        EXPECT_EQ(own, value) << path;
      }
    }
  }
  EXPECT_GT(addresses, 20);
  std::filesystem::remove_all(directory);
  EXPECT_EQ((*local)->TearDown(false), absl::OkStatus());
}

}  // namespace
}  // namespace gtestnet::nomos
