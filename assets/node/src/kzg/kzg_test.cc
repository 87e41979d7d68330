// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kzg/kzg_setup.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

using ::testing::HasSubstr;

KzgParameters Parameters() { return *ReadKzgParameters(NODE_KZG_PARAMETERS); }

Bytes Data(std::size_t size = kMaxBlobBytes) {
  Bytes data(size);
  std::iota(data.begin(), data.end(), std::uint8_t{1});
  return data;
}

class KzgTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    bool from_cache = false;
    kzg_ = LoadKzg(Parameters(), NODE_KZG_CACHE, &from_cache)->release();
    ASSERT_TRUE(from_cache);
    blob_ = new ExtendedBlob(*kzg_->Extend(Data()));
  }
  static void TearDownTestSuite() {
    delete blob_;
    delete kzg_;
  }

  static const Kzg* kzg_;
  static const ExtendedBlob* blob_;
};
const Kzg* KzgTest::kzg_ = nullptr;
const ExtendedBlob* KzgTest::blob_ = nullptr;

TEST_F(KzgTest, GivesColumnsWhoseFirstHalfIsTheBlobAndThatVerify) {
  ASSERT_EQ(blob_->shares.size(), kColumns);
  Bytes elements;
  for (std::size_t i = 0; i < kEnoughColumns; ++i) {
    elements.insert(elements.end(), blob_->shares[i].cell.begin(), blob_->shares[i].cell.end());
  }
  EXPECT_EQ(UnpadBlob(elements), Data());
  EXPECT_TRUE(kzg_->Verify(blob_->commitment, blob_->shares));
}

TEST_F(KzgTest, GetsTheBlobBackFromAnyHalf) {
  for (const std::size_t first : {0U, 64U, 37U}) {
    Shares half;
    for (std::size_t i = 0; i < kEnoughColumns; ++i) {
      half.push_back(blob_->shares[(first + i) % kColumns]);
    }
    const absl::StatusOr<Bytes> data = kzg_->Recover(half);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(*data, Data()) << first;
    half.pop_back();
    EXPECT_FALSE(kzg_->Recover(half).ok());
  }
}

TEST_F(KzgTest, TellsWrongColumnsFromRightOnes) {
  Shares shares(blob_->shares.begin() + 3, blob_->shares.begin() + 7);
  shares[0].cell[31] ^= 1;
  shares[2].proof = blob_->shares[90].proof;
  EXPECT_FALSE(kzg_->Verify(blob_->commitment, shares));
  const KzgDone done = RunKzgJob(*kzg_, {7, VerifyJob{blob_->commitment, shares}});
  EXPECT_EQ(done.id, 7U);
  EXPECT_EQ(std::get<Verified>(done.result), (Shares{shares[1], shares[3]}));
}

TEST_F(KzgTest, RefusesBytesThatAreNoPointOrElement) {
  Share share = blob_->shares[0];
  share.cell.fill(0xff);
  EXPECT_FALSE(kzg_->Verify(blob_->commitment, {share}));
  share = blob_->shares[0];
  share.proof.fill(0xff);
  EXPECT_FALSE(kzg_->Verify(blob_->commitment, {share}));
  Commitment commitment;
  commitment.fill(0x11);
  EXPECT_FALSE(kzg_->Verify(commitment, {blob_->shares[0]}));
  share.column = 200;
  EXPECT_FALSE(kzg_->Verify(blob_->commitment, {share}));
}

TEST_F(KzgTest, ComputesTheTablesWhenTheCacheIsMissingOrUnfit) {
  const TempDir directory;
  const std::string path = directory.File("cache");
  std::filesystem::copy_file(NODE_KZG_CACHE, path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100'000);
  file.put('x').put('y');
  file.close();
  bool from_cache = true;
  const auto kzg = LoadKzg(Parameters(), path, &from_cache);
  ASSERT_TRUE(kzg.ok()) << kzg.status();
  EXPECT_FALSE(from_cache);
  EXPECT_TRUE((*kzg)->Verify(blob_->commitment, {blob_->shares[5]}));
}

TEST(KzgParameters, AreToldWhenMissingShortOrWrong) {
  const TempDir directory;
  const std::string path = directory.File("p");
  const auto error = [&] { return std::string(ReadKzgParameters(path).status().message()); };
  EXPECT_THAT(error(), HasSubstr("the KZG parameters " + path + " cannot be read: No such file"));
  std::string text = Parameters().text;
  std::ofstream(path, std::ios::binary) << text.substr(0, 1000);
  EXPECT_THAT(error(), HasSubstr("are short: 1000 of 807177 bytes"));
  text[5000] = text[5000] == '0' ? '1' : '0';
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_THAT(error(), HasSubstr("are other ones"));
  std::ofstream(path, std::ios::binary) << text << "x";
  EXPECT_THAT(error(), HasSubstr("are longer than 807177 bytes"));
}

TEST(BlobData, HasItsBounds) {
  EXPECT_TRUE(CheckBlobData(Data(31)).ok());
  EXPECT_TRUE(CheckBlobData(Data()).ok());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{30}, std::size_t{32}, kMaxBlobBytes + 31}) {
    EXPECT_FALSE(CheckBlobData(Data(size)).ok()) << size;
  }
  EXPECT_FALSE(CheckBlobData(Bytes(62)).ok());
}

}  // namespace
}  // namespace gtestnet::node
