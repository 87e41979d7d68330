// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace gtestnet {
namespace {

using testing::HasSubstr;

constexpr const char* kVariable = "TEST_PROGRAM";  // any that these tests may borrow

std::string ComplaintFor(const std::string& value) {
  setenv(kVariable, value.c_str(), 1);
  absl::StatusOr<std::string> found = FindHelperProgram("sh", kVariable);
  unsetenv(kVariable);
  return found.ok() ? "found " + *found : std::string(found.status().message());
}

TEST(FindHelperProgramTest, FindsTheProgramInPath) {
  absl::StatusOr<std::string> found = FindHelperProgram("sh");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, testing::EndsWith("/sh"));
}

TEST(FindHelperProgramTest, AMissingOneSaysWhereWasLookedAndWhatToDo) {
  const absl::Status status = FindHelperProgram("no-such-program", "TEST_NODE_BIN").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("no-such-program is missing"), HasSubstr("in PATH"),
                             HasSubstr("name one by TEST_NODE_BIN")));
}

TEST(FindHelperProgramTest, TheVariableReplacesTheProgram) {
  EXPECT_EQ(ComplaintFor("/bin/true"), "found /bin/true");
}

TEST(FindHelperProgramTest, AVariableThatNamesNoProgramIsAnError) {
  EXPECT_THAT(ComplaintFor("/no/such"), HasSubstr("=/no/such: there is no such file; name a"));
  EXPECT_THAT(ComplaintFor("/tmp"), HasSubstr("/tmp: it is no regular file"));
  EXPECT_THAT(ComplaintFor("/etc/passwd"), HasSubstr("/etc/passwd: it is not executable"));
}

}  // namespace
}  // namespace gtestnet
