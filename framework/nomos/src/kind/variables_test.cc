// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/variables.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

// The README's table is this list, word for word and in its order.
TEST(NomosVariablesTest, TheReadmeHasThemAll) {
  static_cast<void>(NomosKind());
  std::string expected = "| variable | is | default |\n|---|---|---|\n";
  for (const Variable& variable : Variables()) {
    expected += "| `" + std::string(variable.name) + "` | " + std::string(variable.meaning) +
                " | " + std::string(variable.default_value) + " |\n";
  }
  std::ifstream file(GTESTNET_README);
  std::ostringstream readme;
  readme << file.rdbuf();
  const std::string text = readme.str();
  const size_t begin = text.find("| variable |");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(text.substr(begin, text.find("\n\n", begin) + 1 - begin), expected);
}

TEST(NomosVariablesTest, AreKnownOnceTheKindIs) {
  static_cast<void>(NomosKind());
  setenv("NOMOS_TESTNET_IMAGE_PULL_POLICY", "Sometimes", 1);
  EXPECT_EQ(CheckVariables().message(),
            "NOMOS_TESTNET_IMAGE_PULL_POLICY=Sometimes: must be Always, IfNotPresent, Never");
  unsetenv("NOMOS_TESTNET_IMAGE_PULL_POLICY");
  setenv("NOMOS_TESTS_KEEP_LOGS", "1", 1);
  EXPECT_EQ(*BundleWanted(), Preserve::kAlways);
  unsetenv("NOMOS_TESTS_KEEP_LOGS");
}

}  // namespace
}  // namespace gtestnet::nomos
