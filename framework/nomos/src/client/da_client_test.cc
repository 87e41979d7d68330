// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/da_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/src/base/hash.h"
#include "core/src/base/testing/fake_http_server.h"
#include "nomos/src/client/da_json.h"
#include "nomos/src/kind/encoding.h"

namespace gtestnet::nomos {
namespace {

using base::FakeHttpServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const std::string kA(64, 'a');
const std::string kB(64, 'b');

std::string Repeated(const std::string& item, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += (i == 0 ? "" : ",") + item;
  return "[" + text + "]";
}

std::string ShareJson(int column, const std::string& byte = "7") {
  return R"({"column":)" + Repeated(Repeated(byte, 32), 64) + R"(,"share_idx":)" +
         std::to_string(column) + R"(,"combined_column_proof":)" + Repeated("9", 49) + "}";
}

template <class T>
std::string Refusal(const absl::StatusOr<T>& result) {
  return std::string(result.status().message());
}

// A node that gives one answer to everything, and keeps what it was asked.
class DaClientTest : public testing::Test {
 protected:
  DaClient Client(std::string body, int status = 200) {
    server_.emplace([this, body, status](FakeHttpServer::Connection& connection) {
      for (std::string request; !(request = connection.ReadRequest()).empty();) {
        {
          std::lock_guard lock(mutex_);
          asked_ = request;
        }
        connection.Answer(status, body);
      }
    });
    NodeInfo info;
    info.name = "executor-0";
    info.address = {server_->endpoint().host, {{"api", server_->endpoint().port}}};
    return DaClient(info);
  }
  std::string Asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::string asked_;
  std::optional<FakeHttpServer> server_;
};

// By hand from the table of encodings: opcode 1, channel, session, blob, size, price, parent,
// signer, no inputs and outputs, two prices of 0.
TEST(BlobTransactionTest, IsEncodedAsTheContractSays) {
  const KeyPair key = DispersalKey();
  EXPECT_EQ(key.public_key(), "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
  BlobOp op;
  op.channel.fill(0xaa);
  op.blob.fill(0xbb);
  op.blob_size = 0x0102;
  op.parent.fill(0xcc);
  op.signer = *base::ParseHash(key.public_key());
  MantleTx tx;
  tx.operations.push_back(op);
  const std::string zeros(16, '0');
  const std::string payload = std::string(64, 'a') + zeros + std::string(64, 'b') +
                              "0201000000000000" + zeros + std::string(64, 'c') + key.public_key();
  EXPECT_EQ(base::ToHex(Encode(tx)), "0101" + payload + "0000" + zeros + zeros);

  const auto made = MakeBlobTransaction(kA, std::string(64, 'c'), kB, 0x0102, key);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->hash, base::ToHex(HashOf(tx)));
  EXPECT_THAT(made->messages, ElementsAre(base::ToHex(MessageId(op))));
  const auto json = boost::json::parse(made->json);
  const auto& first = json.at("mantle_tx").at("ops").at(0);
  EXPECT_EQ(first.at("opcode").as_int64(), 1);
  EXPECT_EQ(first.at("payload").at("blob").as_array().size(), 32u);
  EXPECT_EQ(first.at("payload").at("blob_size").as_int64(), 0x0102);
  EXPECT_EQ(json.at("ops_proofs").as_array().size(), 1u);
}

TEST(BlobTransactionTest, RefusesWhatIsNoId) {
  const auto made = MakeBlobTransaction("here", "", kB, 31, DispersalKey());
  EXPECT_EQ(Refusal(made), "the channel \"here\" is not 64 hexadecimal digits");
}

TEST_F(DaClientTest, DispersesData) {
  const DaClient client = Client(Repeated("170", 32));
  const auto blob = client.Disperse({kB, "", std::string("\x01\xff", 2)});
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_EQ(*blob, kA);
  EXPECT_THAT(Asked(), testing::StartsWith("POST /disperse-data "));
  EXPECT_THAT(Asked(), HasSubstr(R"("channel_id":")" + kB + R"(","parent_msg_id":")" +
                                 std::string(64, '0') + '"'));
  EXPECT_THAT(Asked(), HasSubstr(R"("data":[1,255]})"));
}

TEST_F(DaClientTest, TellsWhyADispersalFailed) {
  const DaClient client = Client("Failed to disperse data: all zero", 500);
  EXPECT_THAT(Refusal(client.Disperse({kB, "", "x"})),
              testing::AllOf(testing::StartsWith("executor-0: "),
                             HasSubstr("HTTP 500: Failed to disperse data: all zero")));
}

TEST_F(DaClientTest, GetsShares) {
  const DaClient client = Client(ShareJson(3) + "\n" + ShareJson(127) + "\n");
  const auto shares =
      client.GetShares(kA, {.requested = {3}, .filter = {4, 127}, .return_available = true});
  ASSERT_TRUE(shares.ok()) << shares.status();
  ASSERT_EQ(shares->size(), 2u);
  EXPECT_EQ((*shares)[1].column, 127);
  EXPECT_EQ((*shares)[1].cell, std::string(2048, 7));
  EXPECT_EQ((*shares)[1].proof, std::string(48, 9));
  EXPECT_THAT(Asked(), HasSubstr(R"("requested_shares":[[3,0]],"filter_shares":[[4,0],[127,0]],)"
                                 R"("return_available":true})"));
}

TEST_F(DaClientTest, RefusesSharesThatAreNone) {
  EXPECT_THAT(Refusal(Client(ShareJson(128)).GetShare(kA, 1)),
              HasSubstr("\"share_idx\" is above 127"));
  EXPECT_THAT(Refusal(Client(ShareJson(1, "256")).GetShare(kA, 1)),
              HasSubstr("\"column\" has a byte above 255"));
  EXPECT_THAT(
      Refusal(
          Client(R"({"column":[[1]],"share_idx":1,"combined_column_proof":[]})").GetShare(kA, 1)),
      HasSubstr("\"column\" does not have 64 elements"));
  EXPECT_EQ(Refusal(Client("null").GetShare(kA, 128)),
            "column 128 of a blob: they go from 0 to 127");
  const auto none = Client("null").GetShare(kA, 1);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
}

TEST_F(DaClientTest, SendsBackTheShareThatItGot) {
  const auto share = Client(ShareJson(5)).GetShare(kA, 5);
  ASSERT_TRUE(share.ok() && share->has_value());
  const DaClient client = Client("null");
  EXPECT_TRUE(client.AddShare(**share, std::string(48, '\1')).ok());
  EXPECT_THAT(Asked(), HasSubstr(R"("share_idx":5,"combined_column_proof":)" +
                                 Repeated("9", 48).substr(0, 96) + ",0]"));
  EXPECT_THAT(Asked(), HasSubstr(R"("rows_commitments":[)" + Repeated("1", 48) + "]}"));
}

TEST_F(DaClientTest, ReconstructsABlob) {
  const auto none = Client("null").Reconstruct(kA);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
  const auto blob =
      Client(R"({"columns":64,"data":)" + Repeated("8", static_cast<int>(kMostBlobBytes)) + "}")
          .Reconstruct(kA);
  ASSERT_TRUE(blob.ok() && blob->has_value()) << blob.status();
  EXPECT_EQ((*blob)->columns, 64);
  EXPECT_EQ((*blob)->data, std::string(kMostBlobBytes, 8));
  EXPECT_THAT(Refusal(Client(R"({"columns":64,"data":[1,2]})").Reconstruct(kA)),
              HasSubstr("\"data\" does not have 126976 bytes"));
}

TEST_F(DaClientTest, ReadsCommitments) {
  const auto commitment =
      Client(R"({"rows_commitments":[)" + Repeated("2", 48) + "]}").GetCommitment(kA, true);
  ASSERT_TRUE(commitment.ok()) << commitment.status();
  EXPECT_EQ(*commitment, std::string(48, 2));
  EXPECT_THAT(Asked(), testing::StartsWith("POST /da/get-commitments "));
  EXPECT_THAT(Refusal(Client(R"({"rows_commitments":[]})").GetCommitment(kA, false)),
              HasSubstr("\"rows_commitments\" is empty"));
}

TEST_F(DaClientTest, ReadsWhatIsKnownOfPeers) {
  EXPECT_THAT(*Client(R"({"0":{"inbound":1,"outbound":2}})").GetBalancer(),
              ElementsAre(Pair(0, ColumnPeers{1, 2})));
  EXPECT_THAT(Refusal(Client(R"({"128":{"inbound":1,"outbound":2}})").GetBalancer()),
              HasSubstr("\"128\" is not the number of a column"));
  EXPECT_THAT(*Client(R"({"v":{"dispersal_failure_rate":0.5,"sampling_failure_rate":0,)"
                      R"("replication_failure_rate":1}})")
                   .GetMonitor(),
              ElementsAre(Pair("v", PeerFailures{0.5, 0, 1})));
  const auto members =
      Client(R"({"assignations":{"7":["a","b"]},"addressbook":{"a":"/ip4/1.2.3.4/tcp/5"}})")
          .GetMembership();
  ASSERT_TRUE(members.ok()) << members.status();
  EXPECT_THAT(members->holders, ElementsAre(Pair(7, ElementsAre("a", "b"))));
  EXPECT_THAT(members->addresses, ElementsAre(Pair("a", "/ip4/1.2.3.4/tcp/5")));
}

TEST_F(DaClientTest, BlocksPeersAndAsksForSampling) {
  EXPECT_TRUE(*Client("true").BlockPeer("validator-1"));
  EXPECT_THAT(Asked(), testing::EndsWith("\"validator-1\""));
  EXPECT_FALSE(*Client("false").UnblockPeer("validator-1"));
  EXPECT_THAT(Refusal(Client("true").BlockPeer("a\"b")), HasSubstr("is not the name of a node"));
  EXPECT_THAT(Refusal(Client("1").BlockPeer("v")), HasSubstr("neither true nor false"));
  EXPECT_THAT(*Client(R"(["a"])").GetBlockedPeers(), ElementsAre("a"));
  EXPECT_TRUE(*Client("true").CanSample(kB, {kA, kB}));
  EXPECT_THAT(Asked(), HasSubstr(R"({"block_id":")" + kB + R"(","blob_ids":[[)" +
                                 Repeated("170", 32) + ",0],["));
}

TEST(DataOfTest, TakesTheDataOutOfTheFirstColumns) {
  // Each element: a zero byte, then 31 of the data.
  Share first{0, "", ""};
  for (int element = 0; element < 64; ++element) {
    first.cell += std::string(1, '\0') + std::string(31, static_cast<char>('A' + element % 26));
  }
  const auto data = DataOf({first}, 62);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(*data, std::string(31, 'A') + std::string(31, 'B'));
  EXPECT_EQ(Refusal(DataOf({first}, 31 * 65)), "column 1 of the blob is not among 1");
  EXPECT_EQ(DataOf({first}, kMostBlobBytes + 1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace gtestnet::nomos
