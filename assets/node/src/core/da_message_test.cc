// SPDX-License-Identifier: Apache-2.0
#include "da_message.h"

#include "gmock/gmock.h"
#include "test_support.h"

namespace gtestnet::node {
namespace {

using ::testing::HasSubstr;
using testing_support::Filled;
using testing_support::ForEachMutation;

Share ShareOf(std::uint8_t column) {
  Share share;
  share.column = column;
  share.cell.fill(column);
  share.proof.fill(static_cast<std::uint8_t>(column + 1));
  return share;
}

std::vector<DaMessage> Samples() {
  Commitment commitment;
  commitment.fill(7);
  return {Disperse{1, commitment, {ShareOf(0), ShareOf(127)}},
          Dispersed{0xffffffff, ColumnSet().set(0).set(9).set(127)},
          GetShares{3, Filled(4), ColumnSet().set()}, SharesAnswer{4, {}, {}},
          SharesAnswer{5, commitment, {ShareOf(64)}}};
}

std::string ErrorOf(const Bytes& bytes) {
  return std::string(DecodeDaMessage(bytes).status().message());
}

TEST(DaMessageTest, DecodesWhatWasEncoded) {
  for (const DaMessage& message : Samples()) {
    const absl::StatusOr<DaMessage> decoded = DecodeDaMessage(EncodeDaMessage(message));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == message) << message.index();
  }
}

TEST(DaMessageTest, DecoderAcceptsOnlyWhatTheEncoderMakes) {
  for (const DaMessage& message : Samples()) {
    ForEachMutation(EncodeDaMessage(message), 200, [](const Bytes& bytes) {
      const absl::StatusOr<DaMessage> decoded = DecodeDaMessage(bytes);
      if (!decoded.ok()) return;
      EXPECT_EQ(EncodeDaMessage(*decoded), bytes);
    });
  }
}

TEST(DaMessageTest, ErrorsNameThePlace) {
  EXPECT_EQ(ErrorOf({}), "message of data availability: is empty");
  EXPECT_EQ(ErrorOf({9}), "message of data availability: its type 9 is unknown");
  EXPECT_THAT(ErrorOf({1, 0}), HasSubstr("Dispersed"));
  EXPECT_EQ(ErrorOf(EncodeDaMessage(Disperse{1, {}, {ShareOf(3), ShareOf(3)}})),
            "Disperse: share 1 is of column 3 again");
  EXPECT_EQ(ErrorOf(EncodeDaMessage(SharesAnswer{1, {}, {ShareOf(128)}})),
            "Shares: share 0 is of column 128; there are 128");
  EXPECT_EQ(ErrorOf(EncodeDaMessage(SharesAnswer{1, {}, Shares(200)})),
            "Shares: 200 shares; at most 128");
}

TEST(PlacementTest, EachColumnHasItsHolders) {
  const Placement placement(3, 2);
  EXPECT_EQ(placement.HoldersOf(0), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(placement.HoldersOf(5), (std::vector<std::size_t>{2, 0}));
  for (std::size_t column = 0; column < kColumns; ++column) {
    for (std::size_t member = 0; member < 3; ++member) {
      const std::vector<std::size_t> holders = placement.HoldersOf(column);
      EXPECT_EQ(placement.Holds(member, column),
                std::count(holders.begin(), holders.end(), member) == 1);
    }
  }
  EXPECT_EQ(placement.ColumnsOf(0).count(), 85U);
  EXPECT_EQ(Placement(1, 2).ColumnsOf(0).count(), kColumns);
  EXPECT_EQ(Placement(4, 1).ColumnsOf(3).count(), 32U);
}

}  // namespace
}  // namespace gtestnet::node
