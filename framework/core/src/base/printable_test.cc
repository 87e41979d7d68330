// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/printable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/src/base/utf8.h"

namespace gtestnet {
namespace {

TEST(PrintableTest, TextStaysAsItIs) {
  for (const char* text :
       {"", "a plain line\n\tand another", "größer als 3 – 高さ 🦀", "<&]]>\"'\\"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(PrintableTest, WhatIsNoUtf8IsSpelt) {
  EXPECT_EQ(Printable("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(Printable("cut \xE2\x82"), "cut \\xe2\\x82");
  EXPECT_EQ(Printable("surrogate \xED\xA0\x80"), "surrogate \\xed\\xa0\\x80");
  EXPECT_EQ(Printable("overlong \xC0\xAF"), "overlong \\xc0\\xaf");
}

TEST(PrintableTest, ControlCharactersAreSpelt) {
  EXPECT_EQ(Printable(std::string_view("nul \0 bell \a del \x7f", 18)),
            "nul \\x00 bell \\x07 del \\x7f");
  EXPECT_EQ(Printable("\x1b]0;title\a\x1b[2J\x1b[3A"), "\\x1b]0;title\\x07\\x1b[2J\\x1b[3A");
  EXPECT_EQ(Printable("C1: \xC2\x9B"), "C1: \\u009b");
  EXPECT_EQ(Printable("over\rwritten"), "over\\x0dwritten");
}

TEST(PrintableTest, ColoursAndTheEndsOfLinesOfOthersAreLeftOut) {
  EXPECT_EQ(Printable("\x1b[1;32m INFO\x1b[0m ready\r\nnext"), " INFO ready\nnext");
  EXPECT_EQ(Printable("\x1b[1;32"), "\\x1b[1;32");
}

TEST(PrintableTest, WhatXmlDoesNotHaveAndWhatMisleadsIsSpelt) {
  EXPECT_EQ(Printable("\xEF\xBF\xBF \xEF\xBF\xBE"), "\\uffff \\ufffe");
  EXPECT_EQ(Printable("exit \xE2\x80\xAE 0"), "exit \\u202e 0");
}

TEST(PrintableTest, AnyBytesBecomeUtf8WithoutControlCharacters) {
  std::minstd_rand random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? 0x1b + random() % 3 : random());
    std::string_view text;
    const std::string printed = Printable(bytes);
    for (text = printed; !text.empty(); text.remove_prefix(Utf8Length(text))) {
      ASSERT_GT(Utf8Length(text), 0u) << testing::PrintToString(bytes);
      ASSERT_TRUE(text[0] == '\n' || text[0] == '\t' ||
                  static_cast<unsigned char>(text[0]) >= 0x20);
    }
  }
}

}  // namespace
}  // namespace gtestnet
