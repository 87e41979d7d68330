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
#include "core/src/cfgsync/answer.h"
#include "core/src/cfgsync/spec.h"
#include "core/src/cfgsync/yaml_tree.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::cfgsync {
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
  const ClusterSpec cluster = {.topology = nomos::Topology::Chain()
                                               .Validators(3)
                                               .Executors(1)
                                               .Wallets(6)
                                               .Stake(1, 1500)
                                               .DataAvailability(),
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
  const absl::StatusOr<std::string> text =
      WriteSpec({.cluster = cluster, .added = {{"validator", {0, 2}}}});
  ASSERT_TRUE(text.ok()) << text.status();
  const absl::StatusOr<Spec> spec = ReadSpec(*text);
  ASSERT_TRUE(spec.ok()) << spec.status();
  std::map<std::string, std::string> name_of_host;
  for (const NodeInfo& node : (*local)->nodes()) name_of_host[node.address.host] = node.name;

  int addresses = 0;
  for (const NodeInfo& node : (*local)->nodes()) {
    SCOPED_TRACE(node.name);
    const absl::StatusOr<Answer> answer = AnswerFor(*spec, node.role, node.name);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->setup.environment.at("POL_PROOF_DEV_MODE"), "true");
    EXPECT_THAT(answer->setup.arguments, testing::ElementsAre("/var/lib/nomos/config.yaml"));
    ASSERT_EQ(answer->setup.files.size(), 1u);
    std::ifstream file(directory + "/" + node.name + "/config.yaml");
    const Fields ours = FieldsOf(answer->setup.files[0].content);
    const Fields theirs = FieldsOf({std::istreambuf_iterator<char>(file), {}});
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
}  // namespace gtestnet::cfgsync
