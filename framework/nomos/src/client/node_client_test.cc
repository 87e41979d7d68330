// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/node_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <sstream>
#include <string>

#include "core/src/base/testing/fake_http_server.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using base::FakeHttpServer;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kA(64, 'a');

NodeInfo InfoOf(const FakeHttpServer& server) {
  NodeInfo info;
  info.index = 1;
  info.name = "validator-1";
  info.role = "validator";
  info.address = {server.endpoint().host, {{"api", server.endpoint().port}}};
  return info;
}

// Answers by the first line of the request.
FakeHttpServer::Serve Answering(
    std::function<std::pair<int, std::string>(const std::string& line)> answer) {
  return [answer](FakeHttpServer::Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      const auto [status, body] = answer(request.substr(0, request.find(" HTTP/")));
      connection.Answer(status, body);
    }
  };
}

FakeHttpServer::Serve Always(int status, const std::string& body) {
  return Answering([=](const std::string&) { return std::pair(status, body); });
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

std::string Info(const std::string& more) {
  return R"({"lib":")" + kA + R"(","tip":")" + kA + R"(","slot":12,"height":9,"mode":"Online")" +
         more + "}";
}

TEST(NodeClientTest, SamplesANode) {
  FakeHttpServer server(Answering([](const std::string& line) {
    if (line == "GET /cryptarchia/info") return std::pair(200, Info(R"(,"lib_height":4)"));
    if (line == "GET /mantle/metrics") {
      return std::pair<int, std::string>(200, R"({"pending_items":6,"last_item_timestamp":0})");
    }
    if (line == "GET /network/info") {
      return std::pair<int, std::string>(
          200,
          R"({"listen_addresses":[],"n_peers":3,"n_connections":3,"n_pending_connections":0})");
    }
    return std::pair<int, std::string>(404, "");
  }));
  const auto sample = NodeClient(InfoOf(server)).GetSample();
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ(sample->node, 1);
  EXPECT_TRUE(sample->reachable);
  EXPECT_EQ(sample->status, "Online");
  EXPECT_EQ(chain::HeightOf(*sample), 9);
  EXPECT_EQ(chain::SlotOf(*sample), 12);
  EXPECT_EQ(chain::FinalisedHeightOf(*sample), 4);
  EXPECT_EQ(chain::PeersOf(*sample), 3);
  EXPECT_EQ(chain::MempoolOf(*sample), 6);
  EXPECT_EQ(server.connections(), 1);
}

TEST(NodeClientTest, FindsTheFinalHeightAmongTheMetrics) {
  FakeHttpServer server(Answering([](const std::string& line) -> std::pair<int, std::string> {
    if (line == "GET /cryptarchia/info") return {200, Info("")};
    if (line == "GET /metrics") return {200, "consensus_finalized_height 4\n"};
    return {200, R"({"pending_items":6,"last_item_timestamp":0,"listen_addresses":[],"n_peers":3,)"
                 R"("n_connections":3,"n_pending_connections":0})"};
  }));
  const auto sample = NodeClient(InfoOf(server)).GetSample();
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ(chain::FinalisedHeightOf(*sample), 4);
}

TEST(NodeClientTest, RefusesAFinalHeightThatIsNone) {
  std::string value;
  FakeHttpServer server(Answering([&](const std::string& line) -> std::pair<int, std::string> {
    if (line == "GET /cryptarchia/info") return {200, Info("")};
    if (line == "GET /metrics") return {200, "consensus_finalized_height " + value + "\n"};
    return {200, R"({"pending_items":6,"last_item_timestamp":0,"listen_addresses":[],"n_peers":3,)"
                 R"("n_connections":3,"n_pending_connections":0})"};
  }));
  for (const char* bad : {"1e300", "+Inf", "NaN", "-1", "9007199254740994"}) {
    value = bad;
    const absl::Status refused = NodeClient(InfoOf(server)).GetSample().status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInternal) << bad;
    EXPECT_THAT(Message(refused),
                testing::AllOf(StartsWith("validator-1: "), HasSubstr("is no height")));
  }
  value = "9007199254740992";
  const auto sample = NodeClient(InfoOf(server)).GetSample();
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ(chain::FinalisedHeightOf(*sample), 9007199254740992);
}

TEST(NodeClientTest, AsksForHeadersByTheirEnds) {
  std::string asked;
  FakeHttpServer server(Answering([&](const std::string& line) {
    asked = line;
    return std::pair<int, std::string>(200, "[]");
  }));
  const NodeClient client(InfoOf(server));
  EXPECT_TRUE(client.GetHeaders().ok());
  EXPECT_EQ(asked, "GET /cryptarchia/headers");
  EXPECT_TRUE(client.GetHeaders("", kA).ok());
  EXPECT_EQ(asked, "GET /cryptarchia/headers?to=" + kA);
  EXPECT_TRUE(client.GetHeaders(kA, kA).ok());
  EXPECT_EQ(asked, "GET /cryptarchia/headers?from=" + kA + "&to=" + kA);
  EXPECT_EQ(client.GetHeaders("x y").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.GetBlock("\"").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.GetStatus({"x"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(client.GetStatus({})->empty());
}

TEST(NodeClientTest, NamesNodePlaceAndAnswerOfARefusal) {
  FakeHttpServer refusing(Always(422, "Invalid signature for operation at index 0"));
  const absl::Status refusal = NodeClient(InfoOf(refusing)).SubmitJson("{}");
  EXPECT_EQ(refusal.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(refusal), "validator-1: " + refusing.endpoint().ToString() +
                                  ": POST /mempool/add/tx: HTTP 422: Invalid signature for "
                                  "operation at index 0");
}

TEST(NodeClientTest, TellsRefusalsApart) {
  const std::pair<int, absl::StatusCode> cases[] = {
      {400, absl::StatusCode::kInvalidArgument}, {415, absl::StatusCode::kInvalidArgument},
      {404, absl::StatusCode::kNotFound},        {429, absl::StatusCode::kUnavailable},
      {500, absl::StatusCode::kInternal},
  };
  for (const auto& [status, code] : cases) {
    FakeHttpServer server(Always(status, "no"));
    EXPECT_EQ(NodeClient(InfoOf(server)).SubmitJson("{}").code(), code) << status;
  }
  FakeHttpServer known(Always(500, "Item already in mempool"));
  EXPECT_EQ(NodeClient(InfoOf(known)).SubmitJson("{}").code(), absl::StatusCode::kAlreadyExists);
}

TEST(NodeClientTest, QuotesGarbage) {
  FakeHttpServer server(Always(200, "garbage"));
  const NodeClient client(InfoOf(server));
  EXPECT_EQ(Message(client.GetInfo().status()),
            "validator-1: " + server.endpoint().ToString() +
                ": GET /cryptarchia/info: the answer makes no sense: it is not JSON: garbage");
  EXPECT_FALSE(client.GetSample().ok());
  EXPECT_FALSE(client.GetBlock(kA).ok());
  EXPECT_FALSE(client.GetBlocks(0, 1).ok());
  EXPECT_FALSE(client.GetMempool().ok());
  EXPECT_FALSE(client.GetNetwork().ok());
  EXPECT_FALSE(client.GetMetrics().ok());
  EXPECT_FALSE(client.GetStatus({kA}).ok());
}

TEST(NodeClientTest, SharesOneDeadlineAmongTheRequestsOfASample) {
  FakeHttpServer server([](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    connection.WaitUntilClosed();
  });
  const absl::Status status = NodeClient(InfoOf(server)).GetSample(30ms).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Message(status), StartsWith("validator-1: 127.0.0.1:"));
}

TEST(NodeClientTest, EndsAStreamAtALineThatMakesNoSense) {
  FakeHttpServer server([](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\n{\"height\":1,\"header_id\":\"" + kA +
                    "\"}\ngarbage\n");
    connection.WaitUntilClosed();
  });
  std::promise<absl::Status> end;
  int64_t height = 0;
  const NodeStream stream =
      NodeClient(InfoOf(server))
          .StreamFinality({.on_item = [&](const FinalisedBlock& block) { height = block.height; },
                           .on_end = [&](const absl::Status& status) { end.set_value(status); }});
  const absl::Status status = end.get_future().get();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(status), HasSubstr("it is not JSON: garbage"));
  EXPECT_THAT(Message(status), StartsWith("validator-1: 127.0.0.1:"));
  EXPECT_EQ(height, 1);
}

TEST(NodeClientTest, CancelsAStream) {
  FakeHttpServer server([](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    connection.WaitUntilClosed();
  });
  std::promise<absl::Status> end;
  NodeStream stream =
      NodeClient(InfoOf(server)).StreamBlocks({.on_end = [&](const absl::Status& status) {
        end.set_value(status);
      }});
  NodeStream moved = std::move(stream);
  stream.Cancel();
  moved.Cancel();
  EXPECT_EQ(end.get_future().get().code(), absl::StatusCode::kCancelled);
}

TEST(NodeClientsTest, AreByIndexAndByRole) {
  std::vector<NodeInfo> infos(3);
  infos[0].role = infos[1].role = "validator";
  infos[2].role = "executor";
  for (int i = 0; i < 3; ++i) {
    infos[static_cast<size_t>(i)].index = i;
    infos[static_cast<size_t>(i)].name = "node-" + std::to_string(i);
  }
  const NodeClients clients(infos);
  EXPECT_EQ(clients.size(), 3u);
  EXPECT_EQ(clients[1].name(), "node-1");
  EXPECT_EQ(clients.validators().size(), 2u);
  ASSERT_EQ(clients.executors().size(), 1u);
  EXPECT_EQ(clients.executors()[0].name(), "node-2");
}

TEST(NodeClientTest, PrintsWhatItGets) {
  std::ostringstream os;
  os << ConsensusInfo{.tip = "t",
                      .slot = 2,
                      .height = 1,
                      .lib = "l",
                      .lib_height = 0,
                      .mode = "Online"}
     << "\n"
     << TransactionStatus{TransactionStatus::Kind::kInBlock, "b"} << "\n"
     << TransactionStatus{} << "\n"
     << NetworkInfo{{}, 1, 2, 3};
  EXPECT_EQ(os.str(),
            "Online, tip t of slot 2 at height 1, final l at height 0\nin a block b\nunknown\n"
            "1 peers, 2 connections, 3 pending");
}

}  // namespace
}  // namespace gtestnet::nomos
