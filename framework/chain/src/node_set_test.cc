// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/node_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>

namespace gtestnet::chain {
namespace {

using testing::Eq;
using testing::Optional;

TEST(NodeSetTest, KnowsWhoIsInIt) {
  NodeSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.Highest(), -1);
  EXPECT_TRUE(set.Add(3));
  EXPECT_FALSE(set.Add(3));
  EXPECT_TRUE(set.Add(64));
  EXPECT_TRUE(set.Add(0));
  EXPECT_EQ(set.size(), 3u);
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(set.Has(0) && set.Has(3) && set.Has(64));
  EXPECT_FALSE(set.Has(-1) || set.Has(1) || set.Has(63) || set.Has(65) || set.Has(9999));
  EXPECT_EQ(set.Highest(), 64);
  EXPECT_EQ(set, (NodeSet{64, 0, 3}));
  EXPECT_NE(set, (NodeSet{0, 3}));
  EXPECT_EQ(NodeSet::FirstOf(0), NodeSet());
  EXPECT_EQ(NodeSet::FirstOf(3), (NodeSet{0, 1, 2}));
}

TEST(NodeSetTest, MayKnowOnlyHowMany) {
  const NodeSet set = NodeSet::Unnamed(2);
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(set.unnamed(), 2);
  EXPECT_FALSE(set.empty());
  EXPECT_FALSE(set.Has(0));
  EXPECT_EQ(set.Highest(), -1);
}

TEST(NodeSetTest, IsAShortText) {
  EXPECT_EQ(NodeSet().ToString(), "");
  EXPECT_EQ(NodeSet({5}).ToString(), "5");
  EXPECT_EQ(NodeSet({0, 1, 2, 3, 7, 63, 64}).ToString(), "0-3,7,63-64");
  EXPECT_EQ(NodeSet::FirstOf(100).ToString(), "0-99");
  EXPECT_EQ(NodeSet::Unnamed(2).ToString(), "+2");
  std::ostringstream words;
  words << NodeSet{0, 2};
  EXPECT_EQ(words.str(), "{0,2}");
}

TEST(NodeSetTest, IsReadBack) {
  for (const char* text : {"", "5", "0-3,7,63-64", "9999", "+2", "1,4+12"}) {
    const std::optional<NodeSet> set = NodeSet::FromString(text);
    ASSERT_TRUE(set.has_value()) << text;
    EXPECT_EQ(set->ToString(), text);
  }
  // Two nodes in a row, each for itself.
  EXPECT_THAT(NodeSet::FromString("1,2"), Optional(Eq(NodeSet{1, 2})));
}

TEST(NodeSetTest, RefusesOtherTexts) {
  for (const char* text : {",",  "1,", ",1",   "2,1",   "1,1",
                           "1-", "-1", "3-2",  "0-0,0", "01",
                           " 1", "1 ", "x",    "10000", "0-10000",
                           "+",  "+0", "+1,2", "1++2",  "99999999999999999999"}) {
    EXPECT_EQ(NodeSet::FromString(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gtestnet::chain
