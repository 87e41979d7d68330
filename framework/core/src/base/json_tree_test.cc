// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/json_tree.h"

#include <gmock/gmock.h>

#include <string>

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

std::string ErrorOf(const std::string& text) {
  return std::string(ParseJsonTree(text).status().message());
}

TEST(JsonTreeTest, KnowsWhereEverythingStands) {
  absl::StatusOr<JsonTree> tree =
      ParseJsonTree("{\n  \"a\": [1, \"x\\n\\\"\", true],\n\t\"b\" : {}}\n");
  ASSERT_TRUE(tree.ok()) << tree.status();
  ASSERT_THAT(tree->members, SizeIs(2));
  const JsonTree::Member& a = tree->members[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(ToString(a.position), "2:3: ");
  ASSERT_THAT(a.value.elements, SizeIs(3));
  EXPECT_EQ(a.value.elements[0].text, "1");
  EXPECT_EQ(a.value.elements[1].text, "x\n\"");
  EXPECT_EQ(a.value.elements[2].type, JsonTree::Type::kBool);
  EXPECT_EQ(ToString(a.value.elements[2].position), "2:21: ");
  EXPECT_EQ(ToString(tree->members[1].position), "3:2: ");
}

TEST(JsonTreeTest, KeepsNumbersAsTheyAreWritten) {
  EXPECT_EQ(ParseJsonTree(" 0.90 ")->text, "0.90");
  EXPECT_EQ(ParseJsonTree("-1e3")->type, JsonTree::Type::kNumber);
}

TEST(JsonTreeTest, SaysWhereTextIsNotJson) {
  EXPECT_THAT(ErrorOf("{\"a\": 1,\n \"b\": nil}"), StartsWith("2:"));
  EXPECT_THAT(ErrorOf("{\"a\": [1, 2"), StartsWith("1:12: the JSON ends too early"));
  EXPECT_THAT(ErrorOf(""), StartsWith("1:1: the JSON ends too early"));
  EXPECT_THAT(ErrorOf("{} {}"), StartsWith("1:4: not JSON"));
}

TEST(JsonTreeTest, RefusesWhatIsTooMuch) {
  EXPECT_THAT(ErrorOf(std::string(100, '[')), StartsWith("1:"));
  EXPECT_THAT(ErrorOf(std::string(2 << 20, ' ')), StartsWith("1:1: there are 2097152 bytes"));
}

TEST(JsonTreeTest, BoundsItsValues) {
  const auto list = [](int values) {  // the list itself is one
    std::string text = "[0";
    for (int i = 2; i < values; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_EQ(ErrorOf(list(kMostTreeValues - 1)), "");
  EXPECT_EQ(ErrorOf(list(kMostTreeValues)), "");
  EXPECT_THAT(ErrorOf(list(kMostTreeValues + 1)), HasSubstr("there are too many values"));
}

TEST(JsonTreeTest, ReadsManyNames) {
  std::string text = "{";
  for (int i = 0; i < 60'000; ++i) text += "\"n" + std::to_string(i) + "\":1,";
  EXPECT_EQ(ErrorOf(text + "\"x\":1}"), "");
  EXPECT_THAT(ErrorOf(text + "\"n0\":1}"), HasSubstr("\"n0\" is there twice"));
}

TEST(JsonTreeTest, RefusesANul) {
  EXPECT_EQ(ErrorOf("{\"a\": \"b\\u0000c\"}"), "1:7: \"b…\" has a NUL character");
  EXPECT_EQ(ErrorOf("{\"\\u0000\": 1}"), "1:2: \"…\" has a NUL character");
}

TEST(JsonTreeTest, RefusesAMemberThatIsThereTwice) {
  EXPECT_EQ(ErrorOf("{\"a\": 1, \"a\": 2}"), "1:10: \"a\" is there twice");
}

}  // namespace
}  // namespace gtestnet
