// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/setup.h"

#include <gmock/gmock.h>

#include <memory>
#include <utility>

namespace gtestnet {
namespace {

using testing::ElementsAre;

// Gives every node these files and one argument.
class FilesKind final : public NodeKind {
 public:
  std::string_view name() const override { return "files"; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "/bin/true"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup{.program = "/bin/true", .arguments = {"own"}, .files = files};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return absl::UnavailableError("there is none");
  }
  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext&) const override {
    return absl::UnimplementedError("it is not run");
  }

  std::vector<NodeFile> files;
};

class SetupTest : public testing::Test {
 protected:
  SetupTest() {
    spec_.topology.kind = &kind_;
    spec_.topology.roles = {{"member", 2}};
  }
  absl::StatusOr<NodeSetup> Of(NodeIndex node) { return SetupOf(spec_, {}, node); }
  std::string Refusal(std::vector<NodeFile> files) {
    kind_.files = std::move(files);
    return std::string(Of(1).status().message());
  }

  FilesKind kind_;
  ClusterSpec spec_;
};

TEST_F(SetupTest, TheTopologysArgumentsComeAfterThoseOfTheKind) {
  spec_.topology.extra_arguments = {{1, "--a"}, {0, "--b"}, {1, "--c"}};
  EXPECT_THAT(Of(1)->arguments, ElementsAre("own", "--a", "--c"));
  EXPECT_THAT(Of(0)->arguments, ElementsAre("own", "--b"));
  // Not twice, where the kind has put it there.
  spec_.topology.extra_arguments = {{0, "own"}};
  EXPECT_THAT(Of(0)->arguments, ElementsAre("own"));
}

TEST_F(SetupTest, RefusesAFileThatIsNotBelowTheDirectory) {
  EXPECT_EQ(Refusal({{"a/b", ""}, {"a/..b", ""}}), "");
  for (const std::string path : {"/etc/passwd", "../up", "a/../../up", ""}) {
    EXPECT_EQ(Refusal({{"a", ""}, {path, ""}}), "the kind \"files\" gives member-1 a file \"" +
                                                    path +
                                                    "\", which is not below the node's directory");
  }
}

TEST_F(SetupTest, RefusesAFileThatIsThereTwice) {
  EXPECT_EQ(Refusal({{"a", "1"}, {"a", "2"}}), "the kind \"files\" gives member-1 two files \"a\"");
}

}  // namespace
}  // namespace gtestnet
