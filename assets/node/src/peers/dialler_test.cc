// SPDX-License-Identifier: Apache-2.0
#include "peers/dialler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "boost/asio/post.hpp"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

// A port of this machine at which a dial is not answered: nobody takes the connections that have
// filled its queue.
class SilentPort {
 public:
  SilentPort() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 0), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    endpoint_ = {asio::ip::address_v4::loopback(), ntohs(address.sin_port)};
    for (int i = 0; i < 4; ++i) {
      fillers_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(fillers_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  ~SilentPort() {
    for (const int filler : fillers_) close(filler);
    close(listener_);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  tcp::endpoint endpoint() const { return endpoint_; }

 private:
  const int listener_;
  tcp::endpoint endpoint_;
  std::vector<int> fillers_;
};

class DiallerTest : public testing::Test {
 protected:
  // A dialler of a name that stands for `endpoints_`.
  std::shared_ptr<Dialler> MakeDialler(milliseconds patience) {
    DiallerOptions options;
    options.peer.address.host = "validator-1";
    options.first_backoff = milliseconds(1);
    options.first_patience = patience;
    options.last_patience = std::chrono::hours(1);
    options.look_again = milliseconds(5);
    options.resolve = [this](const Address&, const DiallerOptions::Resolved& resolved) {
      ++resolutions_;
      asio::post(context_, [this, resolved] { resolved("", endpoints_); });
    };
    Dialler::Events events;
    events.wanted = [] { return true; };
    events.connected = [this](tcp::socket socket) { connected_ = socket.remote_endpoint(); };
    events.unanswered = [] {};
    events.failed = [this](const std::string& reason) { failures_.push_back(reason); };
    return std::make_shared<Dialler>(context_, options, events);
  }
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

  asio::io_context context_;
  DiallerEndpoints endpoints_;
  int resolutions_ = 0;
  std::optional<tcp::endpoint> connected_;
  std::vector<std::string> failures_;
};

TEST_F(DiallerTest, APeerThatHasAnotherAddressIsDialledThereWhileTheOldOneIsSilent) {
  const SilentPort silent;
  tcp::acceptor there(context_, {asio::ip::address_v4::loopback(), 0});
  endpoints_ = {silent.endpoint()};
  const auto dialler = MakeDialler(std::chrono::hours(1));
  dialler->Start();
  // Looks again and again, and goes on waiting for the same one meanwhile.
  EXPECT_TRUE(RunUntil([&] { return resolutions_ >= 4; }));
  EXPECT_FALSE(connected_);
  endpoints_ = {there.local_endpoint()};
  EXPECT_TRUE(RunUntil([&] { return connected_.has_value(); }));
  EXPECT_EQ(connected_, there.local_endpoint());
  dialler->Stop();
}

TEST_F(DiallerTest, OneDialIsNotGivenUpBeforeItsTimeWhereTheAddressIsTheSame) {
  const SilentPort silent;
  tcp::acceptor there(context_, {asio::ip::address_v4::loopback(), 0});
  endpoints_ = {silent.endpoint(), there.local_endpoint()};
  const auto dialler = MakeDialler(milliseconds(20));
  dialler->Start();
  EXPECT_TRUE(RunUntil([&] { return connected_.has_value(); }));
  // Each of the addresses has its turn.
  EXPECT_EQ(connected_, there.local_endpoint());
  EXPECT_TRUE(failures_.empty());
  dialler->Stop();
}

TEST_F(DiallerTest, ANameThatStandsForNothingFailsAndIsTriedAgain) {
  const auto dialler = MakeDialler(milliseconds(10));
  dialler->Start();
  EXPECT_TRUE(RunUntil([&] { return failures_.size() >= 2; }));
  EXPECT_EQ(failures_[0], "its name has no address");
  dialler->Stop();
}

}  // namespace
}  // namespace gtestnet::node
