// SPDX-License-Identifier: Apache-2.0
#include "peers/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "boost/asio/connect.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/write.hpp"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using testing::HasSubstr;

Hash Filled(std::uint8_t byte) {
  Hash hash;
  hash.bytes.fill(byte);
  return hash;
}

// A network with what it told.
struct Told {
  std::unique_ptr<Network> network;
  std::map<PeerId, std::string> peers;
  std::vector<Message> messages;
  int connects = 0;
};

class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    NodeConfig config;
    config.identifier = "test-0";
    config.log.directory = directory_.path();
    config.log.level = LogLevel::kDebug;
    logger_ = Logger::Open(config).value();
  }

  static NetworkOptions OptionsFor(const std::string& name, std::uint8_t seed) {
    NetworkOptions options;
    options.identity = {name, Filled(1), KeyPair::FromSeed(Filled(seed))};
    options.listen = {"127.0.0.1", 0};
    options.first_backoff = milliseconds(5);
    options.last_backoff = milliseconds(40);
    return options;
  }

  std::unique_ptr<Told> Start(NetworkOptions options) {
    auto told = std::make_unique<Told>();
    NetworkEvents events;
    events.connected = [raw = told.get()](PeerId peer, const std::string& name) {
      raw->peers[peer] = name;
      ++raw->connects;
    };
    events.disconnected = [raw = told.get()](PeerId peer) {
      EXPECT_EQ(raw->peers.erase(peer), 1u);
    };
    events.message = [raw = told.get()](PeerId peer, Message message) {
      EXPECT_TRUE(raw->peers.contains(peer));
      raw->messages.push_back(std::move(message));
    };
    auto network = Network::Start(context_, std::move(options), std::move(events), logger_.get());
    EXPECT_TRUE(network.ok()) << network.status();
    if (network.ok()) told->network = *std::move(network);
    return told;
  }

  // Runs the loop until `met` holds; false after a time that only a failure reaches.
  template <class Met>
  bool RunUntil(Met met) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!met()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      context_.restart();
      context_.run_one_for(milliseconds(50));
    }
    return true;
  }

  std::string LogText() const {
    std::ifstream file(directory_.File("nomos-node-0"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool RunUntilLogged(const std::string& text) {
    return RunUntil([&] { return LogText().find(text) != std::string::npos; });
  }

  // A plain socket to a network, for what no node would send.
  tcp::socket Dial(const Told& told) {
    tcp::socket socket(context_);
    socket.connect({asio::ip::make_address("127.0.0.1"), told.network->address().port});
    return socket;
  }

  TempDir directory_;
  std::unique_ptr<Logger> logger_;
  asio::io_context context_;
};

PeerConfig PeerAt(const std::string& name, const Told& told) {
  return {name, told.network->address()};
}

TEST_F(NetworkTest, TwoNodesConnectAndTalk) {
  const auto second = Start(OptionsFor("validator-1", 11));
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.peers = {PeerAt("validator-1", *second)};
  const auto first = Start(std::move(options));
  ASSERT_TRUE(RunUntil([&] { return first->peers.size() == 1 && second->peers.size() == 1; }));
  EXPECT_EQ(first->peers.begin()->second, "validator-1");
  EXPECT_EQ(second->peers.begin()->second, "validator-0");
  EXPECT_EQ(first->network->counts().connected, 1u);

  first->network->Broadcast(Tip{Filled(5), 7}, std::nullopt);
  second->network->Send(second->peers.begin()->first, GetTip{});
  first->network->Broadcast(Tip{Filled(6), 8}, first->peers.begin()->first);  // to no one
  ASSERT_TRUE(RunUntil([&] { return !first->messages.empty() && !second->messages.empty(); }));
  EXPECT_EQ(std::get<Tip>(second->messages[0]), (Tip{Filled(5), 7}));
  EXPECT_TRUE(std::holds_alternative<GetTip>(first->messages[0]));
}

TEST_F(NetworkTest, OneThatComesBackIsDialledAgain) {
  auto second = Start(OptionsFor("validator-1", 11));
  const Address address = second->network->address();
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.peers = {{"validator-1", address}};
  const auto first = Start(std::move(options));
  ASSERT_TRUE(RunUntil([&] { return first->peers.size() == 1; }));

  second.reset();
  ASSERT_TRUE(RunUntil([&] { return first->network->counts().dial_failures > 2; }));
  EXPECT_TRUE(first->peers.empty());

  NetworkOptions again = OptionsFor("validator-1", 11);
  again.listen = address;  // binds at once, though connections to it ended just now
  second = Start(std::move(again));
  ASSERT_TRUE(RunUntil([&] { return first->peers.size() == 1 && second->peers.size() == 1; }));
}

TEST_F(NetworkTest, OfTwoThatDialEachOtherOneConnectionStays) {
  for (int round = 0; round < 20; ++round) {
    // The first one's port must be known before the second starts: it is opened and closed again.
    const Address address = Start(OptionsFor("validator-0", 10))->network->address();
    const auto second = [&] {
      NetworkOptions options = OptionsFor("validator-1", 11);
      options.peers = {{"validator-0", address}};
      return Start(std::move(options));
    }();
    NetworkOptions options = OptionsFor("validator-0", 10);
    options.listen = address;
    options.peers = {PeerAt("validator-1", *second)};
    const auto first = Start(std::move(options));
    ASSERT_TRUE(RunUntil([&] { return first->peers.size() == 1 && second->peers.size() == 1; }));
    const auto level = [&] {
      return first->network->counts().connected == 1 && second->network->counts().connected == 1 &&
             first->network->counts().pending == 0 && second->network->counts().pending == 0 &&
             first->peers.size() == 1 && second->peers.size() == 1;
    };
    ASSERT_TRUE(RunUntil(level));
  }
}

TEST_F(NetworkTest, BothSidesLogWhyOneIsRefused) {
  const auto second = Start(OptionsFor("validator-1", 11));
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.identity.genesis = Filled(2);
  options.peers = {PeerAt("validator-1", *second)};
  const auto first = Start(std::move(options));
  ASSERT_TRUE(RunUntilLogged("dial of validator-1 failed: "));
  ASSERT_TRUE(RunUntilLogged("refused "));
  EXPECT_THAT(LogText(), HasSubstr("other genesis "));
  EXPECT_TRUE(first->peers.empty());
}

TEST_F(NetworkTest, ANodeThatDialsItselfIsRefused) {
  const Address address = Start(OptionsFor("validator-0", 10))->network->address();
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.listen = address;
  options.peers = {{"validator-0", address}};
  const auto first = Start(std::move(options));
  ASSERT_TRUE(RunUntilLogged("it is this very node"));
  EXPECT_TRUE(first->peers.empty());
}

TEST_F(NetworkTest, GarbageEndsAConnectionAndNothingElse) {
  const auto node = Start(OptionsFor("validator-1", 11));
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\xff\xff\xff\xff\x01\x01", 6),
        std::string("\x02\x00\x00\x00\x01\x09", 6), std::string("\x02\x00\x00\x00\x01\x01", 6)}) {
    tcp::socket socket = Dial(*node);
    asio::write(socket, asio::buffer(garbage));
    ASSERT_TRUE(RunUntil([&] { return node->network->counts().pending == 1; }));
    ASSERT_TRUE(RunUntil([&] { return node->network->counts().pending == 0; })) << garbage;
  }
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.peers = {PeerAt("validator-1", *node)};
  const auto other = Start(std::move(options));
  EXPECT_TRUE(RunUntil([&] { return other->peers.size() == 1; }));
}

TEST_F(NetworkTest, ASilentOneIsDropped) {
  NetworkOptions options = OptionsFor("validator-1", 11);
  options.ping = milliseconds(20);
  options.silence = milliseconds(100);
  const auto node = Start(std::move(options));
  tcp::socket socket = Dial(*node);
  ASSERT_TRUE(RunUntil([&] { return node->network->counts().pending == 1; }));
  ASSERT_TRUE(RunUntil([&] { return node->network->counts().pending == 0; }));
  EXPECT_THAT(LogText(), HasSubstr("silent for 100 ms"));
}

// As where the way to a peer leads elsewhere at first, and what is there takes the connection.
TEST_F(NetworkTest, ADialThatIsNotAnsweredIsMadeAgainBeforeItCountsAsSilent) {
  tcp::acceptor other(context_, {asio::ip::make_address("127.0.0.1"), 0});
  NetworkOptions options = OptionsFor("validator-0", 10);
  options.silence = std::chrono::hours(1);
  options.peers = {{"validator-1", {"127.0.0.1", other.local_endpoint().port()}}};
  const auto node = Start(std::move(options));
  std::vector<tcp::socket> taken;
  std::function<void()> take = [&] {
    other.async_accept([&](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      taken.push_back(std::move(socket));
      take();
    });
  };
  take();
  ASSERT_TRUE(RunUntil([&] { return taken.size() == 3; }));
  EXPECT_THAT(LogText(), HasSubstr("dial of validator-1 failed: no answer to the handshake"));
}

TEST_F(NetworkTest, PingsKeepAConnection) {
  NetworkOptions options = OptionsFor("validator-1", 11);
  options.ping = milliseconds(10);
  options.silence = milliseconds(2000);
  const auto second = Start(options);
  NetworkOptions dialling = OptionsFor("validator-0", 10);
  dialling.ping = milliseconds(10);
  dialling.silence = milliseconds(2000);
  dialling.peers = {PeerAt("validator-1", *second)};
  const auto first = Start(std::move(dialling));
  ASSERT_TRUE(RunUntil([&] { return first->peers.size() == 1; }));
  context_.restart();
  context_.run_for(milliseconds(2500));
  EXPECT_EQ(first->connects, 1);
  EXPECT_EQ(first->peers.size(), 1u);
}

TEST_F(NetworkTest, ThereIsABoundOnThoseThatDial) {
  NetworkOptions options = OptionsFor("validator-1", 11);
  options.max_inbound = 3;
  const auto node = Start(std::move(options));
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(Dial(*node));
  ASSERT_TRUE(RunUntilLogged("there are too many connections already"));
  EXPECT_EQ(node->network->counts().pending, 3u);
}

TEST_F(NetworkTest, APeerThatDoesNotReadIsDropped) {
  NetworkOptions options = OptionsFor("validator-1", 11);
  options.max_queue = 200'000;
  const auto node = Start(std::move(options));

  // A node that is known, and then reads no more.
  const Identity identity{"validator-0", Filled(1), KeyPair::FromSeed(Filled(10))};
  Handshake handshake(identity, true, Filled(9));
  tcp::socket socket = Dial(*node);
  std::thread peer([&] {
    const auto read_frame = [&](Bytes& payload) {
      std::array<std::uint8_t, kFrameHeaderBytes> header{};
      asio::read(socket, asio::buffer(header));
      payload.resize(header[0] + 256u * header[1] - 2);
      asio::read(socket, asio::buffer(payload));
      return Frame{header[4], static_cast<FrameKind>(header[5]), payload};
    };
    Bytes payload;
    asio::write(socket, asio::buffer(handshake.Start()));
    const auto proof = handshake.Handle(read_frame(payload));
    asio::write(socket, asio::buffer(*proof));
    EXPECT_TRUE(handshake.Handle(read_frame(payload)).ok());
  });
  EXPECT_TRUE(RunUntil([&] { return node->peers.size() == 1; }));
  peer.join();
  GetBlocks big;
  big.locator.assign(kMaxLocatorIds, Filled(3));
  const bool dropped = RunUntil([&] {
    for (int i = 0; i < 100; ++i) node->network->Broadcast(big, std::nullopt);
    context_.poll();
    return node->peers.empty();
  });
  EXPECT_TRUE(dropped);
  EXPECT_THAT(LogText(), HasSubstr("it does not read: more than 200000 bytes wait for it"));
}

TEST_F(NetworkTest, AnAddressInUseIsNamed) {
  const auto node = Start(OptionsFor("validator-1", 11));
  NetworkOptions options = OptionsFor("validator-2", 12);
  options.listen = node->network->address();
  const auto second = Network::Start(context_, std::move(options), {}, logger_.get());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(second.status().message(),
            "the address " + node->network->address().ToString() + " for peers is in use");
}

}  // namespace
}  // namespace gtestnet::node
