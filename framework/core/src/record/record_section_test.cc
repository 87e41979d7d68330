// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/record_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "gtestnet/record.h"

namespace gtestnet {
namespace {

using std::chrono_literals::operator""ms;
using testing::HasSubstr;

RunRecord Small() {
  RunRecord record;
  record.run_id = "r";
  record.nodes = {{.name = "member-0"}};
  return record;
}

// A record with this beside its own fields.
std::string With(const std::string& field) {
  std::string json = Small().ToJson();
  return json.replace(json.find("\"verdicts\""), 0, field + ",\n");
}

std::string ErrorOf(const std::string& json) {
  return std::string(RunRecord::FromJson(json).status().message());
}

// How many elections there were, of the record's nodes.
class Elections final : public RecordSection {
 public:
  explicit Elections(std::string json) : json_(std::move(json)) {}
  std::unique_ptr<RecordSection> Clone() const override {
    return std::make_unique<Elections>(json_);
  }
  bool Equals(const RecordSection& other) const override {
    const auto* that = dynamic_cast<const Elections*>(&other);
    return that != nullptr && that->json_ == json_;
  }
  std::string ToJson() const override { return json_; }
  std::string Summary() const override { return "some elections"; }
  std::optional<Pace> pace() const override { return Pace{.slot = 50ms}; }

 private:
  std::string json_;
};

absl::StatusOr<std::unique_ptr<RecordSection>> ReadElections(std::string_view json,
                                                             const RunRecord& record) {
  if (json.find("\"winner\":9") != json.npos) {
    return absl::InvalidArgumentError(
        "elections[0].winner: 9 is no node of this record, which has " +
        std::to_string(record.nodes.size()));
  }
  return std::make_unique<Elections>(std::string(json));
}

std::string Register(std::string name) {
  return std::string(RegisterRecordSection(std::move(name), ReadElections).message());
}

TEST(RecordSectionTest, OneThatNobodyKnowsIsKeptAndWrittenAgain) {
  const std::string json = With("\"strange\":{ \"a\" : [1,\n 2.50, \"\\u00e9\"],\"b\":{} }");
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(json);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->ToJson(), json);
  RunRecord copy = *record;
  EXPECT_EQ(copy, *record);
  copy.sections.Erase("strange");
  EXPECT_NE(copy, *record);
  EXPECT_EQ(copy.ToJson(), Small().ToJson());
  EXPECT_EQ(record->pace(), Pace());
}

TEST(RecordSectionTest, IsAnObject) {
  EXPECT_EQ(ErrorOf(With("\"strange\":[]")),
            "run record: strange: is not a field of a record, nor a section, which is an object");
  EXPECT_EQ(ErrorOf(With("\"strange\":null")), "");
}

TEST(RecordSectionTest, OneThatIsRegisteredIsReadAndChecked) {
  ASSERT_EQ(Register("votes"), "");
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(With("\"votes\":{\"winner\":0}"));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_NE(dynamic_cast<const Elections*>(record->sections.Find("votes")), nullptr);
  EXPECT_EQ(record->pace().slot, 50ms);
  EXPECT_THAT(testing::PrintToString(*record), HasSubstr("some elections"));
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record->ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, *record);
  EXPECT_EQ(ErrorOf(With("\"votes\":{\"winner\":9}")),
            "run record: votes.elections[0].winner: 9 is no node of this record, which has 1");
}

TEST(RecordSectionTest, HasANameOfItsOwn) {
  ASSERT_EQ(Register("once"), "");
  EXPECT_EQ(Register("once"), "there are two sections of a record of the name once");
  EXPECT_EQ(
      Register("samples"),
      "a section of a record cannot be called samples, which is a field of the record itself");
  EXPECT_EQ(Register("schema"),
            "a section of a record cannot be called schema, which is a field of the record itself");
  EXPECT_THAT(Register("a b"), HasSubstr("\"a b\" is no name of a section of a record"));
  EXPECT_THAT(Register(""), HasSubstr("\"\" is no name of a section of a record"));
}

}  // namespace
}  // namespace gtestnet
