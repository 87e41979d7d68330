// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/log_book.h"

#include <gmock/gmock.h>

#include "core/src/run/testing/fake_cluster.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LogBookTest : public testing::Test {
 protected:
  // 2026-11-03T10:00:00Z
  static constexpr std::chrono::system_clock::time_point kStart{std::chrono::seconds(1793700000)};

  std::vector<LogLine> Take(std::string_view text, int64_t now_ms = 5000) {
    std::vector<LogLine> fresh;
    book_.Take(text, milliseconds(now_ms), fresh);
    return fresh;
  }
  std::vector<LogLine> Kept() const {
    std::vector<LogLine> lines;
    book_.AddTo(lines);
    return lines;
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const LogLine& line : Kept()) texts.push_back(line.text);
    return texts;
  }

  LogBook book_{3, testing_support::FakeKind(), kStart};
};

TEST_F(LogBookTest, ALineHasTheTimeThatItSays) {
  const std::string info = "2026-11-03T10:00:01.250Z info  a";
  const LogLine expected{milliseconds(1250), 3, LogLevel::kInfo, info};
  EXPECT_THAT(Take(info + "\n"), ElementsAre(expected));
  EXPECT_THAT(Kept(), ElementsAre(expected));
  EXPECT_EQ(book_.Counts(), (Numbers{{"info", 1}, {"unknown", 0}}));
  EXPECT_EQ(book_.LeftOut(), Numbers{});
  EXPECT_EQ(book_.bytes(), info.size() + 1);
}

TEST_F(LogBookTest, ATimeThatCannotBeIsNotBelieved) {
  EXPECT_EQ(Take("2026-11-03T09:55:00Z info  long before it was first read\n")[0].at,
            milliseconds(-300000));
  EXPECT_EQ(Take("2026-11-03T10:00:05.900Z info  a little ahead\n")[0].at, milliseconds(5000));
  EXPECT_EQ(Take("2026-11-03T10:00:07Z info  ahead\n")[0].at, milliseconds(5000));
  EXPECT_EQ(Take("2026-11-03T09:00:00Z info  behind the last reading\n")[0].at, milliseconds(5000));
  EXPECT_EQ(Take("2001-01-01T09:00:00Z info  of another age\n")[0].at, milliseconds(5000));
  EXPECT_EQ(Take("ERROR: at no time\n")[0].at, milliseconds(5000));
}

TEST_F(LogBookTest, LinesThatSayNothingBelongToTheOneBefore) {
  const std::vector<LogLine> fresh =
      Take("INFO a\nthread 'x' panicked at a.rs:1:1:\nindex out of bounds\n");
  ASSERT_THAT(fresh, SizeIs(2));
  EXPECT_EQ(fresh[1].text, "thread 'x' panicked at a.rs:1:1:\nindex out of bounds");
  EXPECT_THAT(Take("   0: rust_begin_unwind\r\nINFO b\n"), SizeIs(1));  // read later
  EXPECT_THAT(Texts(), ElementsAre("thread 'x' panicked at a.rs:1:1:\nindex out of bounds\n   0: "
                                   "rust_begin_unwind",
                                   "INFO a", "INFO b"));
  EXPECT_EQ(book_.Counts(), (Numbers{{"fatal", 1}, {"info", 2}, {"unknown", 0}}));
}

TEST_F(LogBookTest, WhereNoLineSaysAnythingEachIsOne) {
  EXPECT_THAT(Take("one\ntwo\n\nINFO a\nb\n"), SizeIs(4));
  EXPECT_THAT(Texts(), ElementsAre("one", "two", "", "INFO a\nb"));
  EXPECT_EQ(book_.Counts(), (Numbers{{"info", 1}, {"unknown", 3}}));
}

TEST_F(LogBookTest, ALongLineIsCutAndWhatBelongsToItGoesOn) {
  const std::string umlauts = "INFO x" + std::string(1, 'x') + [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "ä";
    return text;
  }();
  Take(umlauts + "\n");
  EXPECT_EQ(Kept()[0].text, umlauts.substr(0, 1999));  // not in the middle of a letter
  Take("a\n");
  Take("b\n");
  EXPECT_THAT(Kept(), SizeIs(2));
  EXPECT_EQ(Kept()[1].text, "a\nb");
}

TEST_F(LogBookTest, ColoursAreLeftOut) {
  Take("\x1b[2m2026-11-03T10:00:01Z\x1b[0m \x1b[33m WARN\x1b[0m a\x1b[1mb\x1b[0m: c\x1b\n");
  EXPECT_THAT(Texts(), ElementsAre("2026-11-03T10:00:01Z  WARN ab: c\x1b"));
}

TEST_F(LogBookTest, OfTooManyTheFirstAndTheLastAreKept) {
  const std::string rest(60, 'x');
  const size_t cost = 60 + 5 + 7 + 1 + LogBook::kBytesBesides;
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(1000000 + i);
    Take("INFO " + number + " " + rest + "\nWARN " + number + " " + rest + "\n");
  }
  const size_t warns = LogBook::kMostGrave / 2 / cost * 2;
  const size_t infos = LogBook::kMostOther / 2 / cost * 2;
  const std::vector<LogLine> kept = Kept();
  ASSERT_THAT(kept, SizeIs(warns + infos));
  EXPECT_EQ(kept[0].text.substr(0, 12), "WARN 1000000");
  EXPECT_EQ(kept[warns / 2 - 1].text.substr(5, 7), std::to_string(1000000 + warns / 2 - 1));
  EXPECT_EQ(kept[warns / 2].text.substr(5, 7), std::to_string(1020000 - warns / 2));
  EXPECT_EQ(kept[warns - 1].text.substr(0, 12), "WARN 1019999");
  EXPECT_EQ(kept.back().text.substr(0, 12), "INFO 1019999");
  EXPECT_EQ(book_.Counts(), (Numbers{{"info", 20000}, {"unknown", 0}, {"warn", 20000}}));
  EXPECT_EQ(book_.LeftOut(), (Numbers{{"info", 20000.0 - static_cast<double>(infos)},
                                      {"warn", 20000.0 - static_cast<double>(warns)}}));
}

TEST_F(LogBookTest, OneThatIsEmptyWasReadAllTheSame) {
  EXPECT_THAT(Take(""), IsEmpty());
  EXPECT_EQ(book_.Counts(), (Numbers{{"unknown", 0}}));
}

}  // namespace
}  // namespace gtestnet
